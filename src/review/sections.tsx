/** What was found, section by section. */

import { useSignal } from '@preact/signals';
import { labelStanding, listedWrong } from '../doctor/labelWords.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import { type PhotoAddress, PhotoCard } from '../ui/PhotoCard.tsx';
import { problemWords, shortcutWords } from '../ui/sentences.ts';
import { number, percent } from '../ui/texts.ts';
import type { Answers } from './answers.web.ts';
import { say as panel } from './panelWords.ts';
import { say } from './words.ts';

/** Groups or photos that are shown at once. */
const shownAtOnce = 24;

/** What every section is given. */
export interface SectionInput {
  readonly result: DoctorResult;
  readonly answers: Answers;
  readonly address: PhotoAddress;
}

export function LabelsSection({ result: { labelErrors, correction } }: SectionInput) {
  if (!labelErrors) return null;
  const { expected, planted, photos, judged, unrecognised } = labelErrors;
  const whole = (value: number) => Math.round(value);
  const unseen = unrecognised.length > 0 && expected && (
    <p class="soft">{say('labelsUnseen', { classes: unrecognised.join(', ') })}</p>
  );
  if (!expected || photos.length === 0)
    return (
      <section id="labels">
        <h2>{panel('labels')}</h2>
        <p>{expected ? say('noLabels', { high: whole(expected.high), judged }) : say('labelsUntold')}</p>
        {unseen}
      </section>
    );
  const points = (share: number) => {
    const rounded = Math.round(1000 * share) / 10 || 0;
    return `${rounded < 0 ? '−' : '+'}${number(Math.abs(rounded), 1)}`;
  };
  return (
    <section id="labels">
      <h2>
        {say(labelStanding(expected) === 'are' ? 'labelsFound' : 'labelsMaybe', {
          count: whole(expected.value),
          judged,
        })}
      </h2>
      <p class="soft">
        {say('labelsRange', { low: whole(expected.low), high: whole(expected.high) })}{' '}
        {say('labelsListed', { count: photos.length, sum: number(listedWrong(photos), 1) })}{' '}
        {say('labelsPlanted', { count: planted.count, share: percent(planted.caughtInTwice.value, 0) })}
      </p>
      {unseen}
      {correction && (
        <p class="soft">
          {say('labelsGain', {
            tested: correction.tested,
            before: percent(correction.before),
            after: percent(correction.after),
            gain: points(correction.gain.value),
            low: points(correction.gain.low),
            high: points(correction.gain.high),
          })}
        </p>
      )}
    </section>
  );
}

export function ProblemsSection({ result: { problems, images }, address }: SectionInput) {
  const shown = useSignal(shownAtOnce);
  const { photos } = problems;
  if (photos.length === 0)
    return (
      <section id="problems">
        <h2>{panel('problems')}</h2>
        <p>{say('noProblems')}</p>
      </section>
    );
  return (
    <section id="problems">
      <h2>{say('problemsFound', { count: photos.length })}</h2>
      <ul class="shots">
        {photos.slice(0, shown.value).map((problem) => (
          <li key={problem.path}>
            <PhotoCard path={problem.path} address={address} note={problemWords(problem, images.failed)} />
          </li>
        ))}
      </ul>
      <More total={photos.length} shown={shown} />
    </section>
  );
}

export function DuplicatesSection({ result: { duplicates }, answers, address }: SectionInput) {
  const shown = useSignal(shownAtOnce);
  const { groups, spare, accuracy } = duplicates;
  if (groups.length === 0)
    return (
      <section id="duplicates">
        <h2>{panel('duplicates')}</h2>
        <p>{say('noDuplicates')}</p>
      </section>
    );
  type Group = (typeof groups)[number];
  const dropSpare = (some: readonly Group[]) =>
    answers.decide(
      some.flatMap(({ photos }) =>
        photos
          .filter(({ keep }) => !keep)
          .map(({ path, label }) => ({ path, label: label ?? '', decision: 'drop' as const })),
      ),
    );
  const decisions = answers.decisions.value;
  const equal = groups.filter((group) => group.equal && !group.conflict);
  return (
    <section id="duplicates">
      <h2>{say('duplicatesFound', { count: groups.length })}</h2>
      <p class="soft">
        {say('duplicatesMore', { count: spare })}{' '}
        {accuracy &&
          say('honest', { together: percent(accuracy.together.value), apart: percent(accuracy.apart.value) })}
      </p>
      {equal.length > 0 && (
        <button type="button" onClick={() => dropSpare(equal)}>
          {say('dropAllEqual')}
        </button>
      )}
      <ul class="groups">
        {groups.slice(0, shown.value).map((group) => (
          <li key={group.photos[0]?.path}>
            <p class="row soft">
              {group.conflict && <strong>{say('conflict')}</strong>}
              {group.leak && <strong>{say('leak')}</strong>}
              {group.equal && say('equal')}
              {!group.conflict && (
                <button type="button" class="small" onClick={() => dropSpare([group])}>
                  {say('dropSpare')}
                </button>
              )}
            </p>
            <ul class="shots">
              {group.photos.slice(0, 12).map(({ path, label, width, height, keep }) => (
                <li key={path} class={decisions.get(path)?.decision === 'drop' ? 'decided' : ''}>
                  <PhotoCard
                    path={path}
                    address={address}
                    note={`${label ?? ''} ${width} × ${height}${keep ? `, ${say('bestOne')}` : ''}`}
                  />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <More total={groups.length} shown={shown} />
    </section>
  );
}

export function ShortcutsSection({ result: { shortcuts, task }, address }: SectionInput) {
  if (!shortcuts) return null;
  if (shortcuts.length === 0)
    return (
      <section id="shortcuts">
        <h2>{say('shortcuts')}</h2>
        <p>{say('noShortcuts')}</p>
      </section>
    );
  return (
    <section id="shortcuts">
      <h2>{say('shortcutsFound', { count: shortcuts.length })}</h2>
      {shortcuts.map((shortcut) => (
        <div key={`${shortcut.what} ${shortcut.label}`}>
          <p>{shortcutWords(shortcut, task === 'multi-label' ? 'labels' : 'classes')}</p>
          <ul class="shots">
            {shortcut.shownBy.map((path) => (
              <li key={path}>
                <PhotoCard path={path} address={address} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function More({ total, shown }: { readonly total: number; readonly shown: { value: number } }) {
  const left = total - shown.value;
  if (left <= 0) return null;
  return (
    <button
      type="button"
      onClick={() => {
        shown.value += 4 * shownAtOnce;
      }}
    >
      {say('more', { count: Math.min(left, 4 * shownAtOnce) })}
    </button>
  );
}
