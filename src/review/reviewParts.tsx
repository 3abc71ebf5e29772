/** The parts of the review: the large photo, the choice of a class, the nearest photos. */

import { useSignal } from '@preact/signals';
import { type PhotoAddress, PhotoCard } from '../ui/PhotoCard.tsx';
import { say } from './panelWords.ts';
import type { Question } from './queue.ts';

/** Classes that have a key. */
export const numbered = 9;

/** The photo as it is, where it can be had, else its small picture. */
export function Large({
  path,
  small,
  large,
}: {
  readonly path: string;
  readonly small: string | undefined;
  readonly large: string | undefined;
}) {
  const failed = useSignal('');
  const source = large !== undefined && failed.value !== path ? large : small;
  if (source === undefined) return <span class="missing">{path}</span>;
  return (
    <img
      key={path}
      class="large"
      src={source}
      alt={`${say('first')}: ${path}`}
      onError={() => {
        failed.value = path;
      }}
    />
  );
}

export function ClassChoice({
  classes,
  hasDigits,
  onChoose,
}: {
  readonly classes: readonly string[];
  readonly hasDigits: boolean;
  readonly onChoose: (name: string) => void;
}) {
  const name = useSignal('');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(name.value.trim());
      }}
    >
      <label class="field">
        {say('otherName')}
        <input
          type="text"
          list="classes"
          autofocus
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </label>
      <datalist id="classes">
        {classes.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <button type="submit" disabled={name.value.trim() === ''}>
        {say('moveTo', { label: name.value.trim() || '…' })}
      </button>
      {classes.slice(0, numbered).map((each, index) => (
        <button key={each} type="button" class="small" onClick={() => onChoose(each)}>
          {each} {hasDigits && <kbd>{index + 1}</kbd>}
        </button>
      ))}
    </form>
  );
}

export function Neighbours({
  error,
  address,
}: {
  readonly error: NonNullable<Question['error']>;
  readonly address: PhotoAddress;
}) {
  return (
    <div class="neighbours">
      {(
        [
          [error.suggested, error.nearest.suggested],
          [error.label, error.nearest.label],
        ] as const
      ).map(([label, near]) => (
        <div key={label}>
          <p class="soft">{say('nearestOf', { label })}</p>
          <ul class="shots">
            {near.map(({ path }) => (
              <li key={path}>
                <PhotoCard path={path} address={address} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
