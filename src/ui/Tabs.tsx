/** A row of tabs: one of several views is shown. */

export function Tabs<Name extends string>({
  tabs,
  shown,
  show,
}: {
  /** Names, and what stands on them. */
  readonly tabs: readonly (readonly [name: Name, text: string])[];
  readonly shown: Name;
  readonly show: (name: Name) => void;
}) {
  return (
    <div class="tabs" role="tablist">
      {tabs.map(([name, text]) => (
        <button
          key={name}
          type="button"
          role="tab"
          class="small"
          aria-selected={shown === name}
          onClick={() => show(name)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
