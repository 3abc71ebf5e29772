/** Chooses the language of a page. */

import { isLanguage, language, languages, speak, type Translations } from './texts.ts';

export function LanguageSelect({
  label,
  translations,
}: {
  readonly label: string;
  readonly translations: Translations;
}) {
  return (
    <select
      aria-label={label}
      value={language.value}
      onChange={({ currentTarget }) => {
        const { value } = currentTarget;
        if (!isLanguage(value)) return;
        // One that cannot be loaded is not chosen.
        void speak(value, translations).catch(() => {
          currentTarget.value = language.value;
        });
      }}
    >
      {Object.entries(languages).map(([code, name]) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
