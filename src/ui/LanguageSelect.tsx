/** Chooses the language of a page. */

import { isLanguage, language, languages } from './texts.ts';

export function LanguageSelect({ label }: { readonly label: string }) {
  return (
    <select
      aria-label={label}
      value={language.value}
      onChange={({ currentTarget: { value } }) => {
        if (isLanguage(value)) language.value = value;
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
