/** One photo after the other: keep, another class, leave out, unsure, undo; by key, by finger, by mouse. */

import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Decision } from '../results/doctorResult.ts';
import { type Key, KeyHelp, useKeys } from '../ui/Keys.tsx';
import type { PhotoAddress } from '../ui/PhotoCard.tsx';
import { percent } from '../ui/texts.ts';
import { say } from './panelWords.ts';
import type { Kind, Question } from './queue.ts';
import { ClassChoice, Large, Neighbours, numbered } from './reviewParts.tsx';

/** Photos in the strip, before and behind the current one: five thousand would take seconds to draw. */
const around = 12;

/** What is decided, and what becomes of it. */
export interface Reviewer {
  readonly decisions: ReadonlySignal<ReadonlyMap<string, Decision>>;
  readonly canUndo: ReadonlySignal<boolean>;
  /** Decides about photos at once; it is undone at once. */
  decide(all: readonly Decision[]): void;
  /** Takes the last decision back; gives the photo that it was about. */
  undo(): string | undefined;
}

export function ReviewPanel({
  questions,
  classes,
  answers,
  address,
  large,
  hasDigits = true,
  keys: further = [],
  footer,
}: {
  readonly questions: readonly Question[];
  readonly classes: readonly string[];
  readonly answers: Reviewer;
  readonly address: PhotoAddress;
  /** The photo itself, where it can be had. */
  readonly large: PhotoAddress;
  /** Whether digits name classes; not where they do something else on the page. */
  readonly hasDigits?: boolean;
  /** What keys do besides. */
  readonly keys?: readonly Key[];
  /** What stands below. */
  readonly footer?: (isDone: boolean) => ComponentChildren;
}) {
  const kinds = useMemo(() => [...new Set(questions.map(({ kind }) => kind))], [questions]);
  const kind = useSignal<Kind | undefined>(kinds[0]);
  const place = useSignal(0);
  const isAsking = useSignal(false);
  const isHelping = useSignal(false);
  const queue = useMemo(() => questions.filter((question) => question.kind === kind.value), [questions, kind.value]);
  const decisions = answers.decisions.value;
  const at = Math.max(0, Math.min(place.value, queue.length - 1));
  const current = queue[at];
  const done = queue.reduce((sum, { path }) => sum + Number(decisions.has(path)), 0);

  const go = (to: number) => {
    isAsking.value = false;
    place.value = Math.max(0, Math.min(queue.length - 1, to));
  };
  const goOpen = () => {
    const decided = answers.decisions.value;
    const isOpen = ({ path }: Question) => !decided.has(path);
    const later = queue.findIndex((question, index) => index > at && isOpen(question));
    const any = later < 0 ? queue.findIndex(isOpen) : later;
    go(any < 0 ? at + 1 : any);
  };
  const decide = (decision: Decision['decision'], to?: string) => {
    if (!current) return;
    const { path, label } = current;
    if (decision === 'move') {
      if (!to) return;
      answers.decide([to === label ? { path, label, decision: 'keep' } : { path, label, decision, to }]);
    } else answers.decide([{ path, label, decision }]);
    goOpen();
  };
  const undo = () => {
    const path = answers.undo();
    const question = questions.find((one) => one.path === path);
    if (!question) return;
    kind.value = question.kind;
    const own = questions.filter((one) => one.kind === question.kind);
    place.value = Math.max(0, own.indexOf(question));
  };
  const suggested = current?.error?.suggested;
  const choices = hasDigits ? classes.slice(0, numbered) : [];
  const keys: Key[] = [
    { key: 'k', what: say('keepPlain'), run: () => decide('keep') },
    { key: 'm', what: say('moveTo', { label: suggested ?? '…' }), run: () => decide('move', suggested) },
    { key: 'x', what: say('drop'), run: () => decide('drop') },
    { key: 'u', what: say('unsure'), run: () => decide('unsure') },
    { key: 'z', what: say('undo'), run: undo },
    { key: 'Ctrl+z', what: say('undo'), run: undo },
    {
      key: 'c',
      what: say('other'),
      run: () => {
        isAsking.value = !isAsking.value;
      },
    },
    ...choices.map((name, index) => ({
      key: String(index + 1),
      what: say('moveTo', { label: name }),
      run: () => decide('move', name),
    })),
    { key: 'ArrowRight', what: say('next'), run: () => go(at + 1) },
    { key: 'ArrowLeft', what: say('previous'), run: () => go(at - 1) },
    { key: 'n', what: say('nextOpen'), run: goOpen },
    ...further,
    {
      key: '?',
      what: say('help'),
      run: () => {
        isHelping.value = true;
      },
    },
  ];
  useKeys(keys);
  if (!current) return null;
  const decision = decisions.get(current.path);
  const button = (which: Decision['decision'], key: string, text: string, run: () => void, isMain = false) => (
    <button
      type="button"
      class={isMain ? 'main' : ''}
      aria-keyshortcuts={key}
      aria-pressed={decision?.decision === which}
      onClick={run}
    >
      {text} <kbd>{key}</kbd>
    </button>
  );
  const first = Math.max(0, at - around);
  return (
    <section id="review" aria-label={say('review')}>
      <div class="row">
        {kinds.length > 1 && (
          <div class="row" role="tablist" aria-label={say('filter')}>
            {kinds.map((one) => (
              <button
                key={one}
                type="button"
                role="tab"
                class="small"
                aria-selected={one === kind.value}
                onClick={() => {
                  kind.value = one;
                  place.value = 0;
                }}
              >
                {say(one)} {questions.filter((question) => question.kind === one).length}
              </button>
            ))}
          </div>
        )}
        <button
          type="button"
          class="small plain"
          onClick={() => {
            isHelping.value = true;
          }}
        >
          {say('help')} <kbd>?</kbd>
        </button>
      </div>
      <div class="bench">
        <div class="subject">
          <Large path={current.path} small={address(current.path)} large={large(current.path)} />
          <p class="path">{current.path}</p>
        </div>
        <div class="case">
          <p class="soft" aria-live="polite">
            {say('position', { place: at + 1, total: queue.length })} ·{' '}
            {say('decidedCount', { done, total: queue.length })}
          </p>
          <h3>
            {current.label && <em>{say('labelled', { label: current.label })}</em>}
            {current.label && suggested && ', '}
            {suggested && <strong>{say('looksLike', { label: suggested })}</strong>}
          </h3>
          {current.error && <p>{say('probably', { share: percent(current.error.wrong, 0) })}</p>}
          {current.why && <p>{current.why}</p>}
          {current.error?.duplicates.map(({ path, label }) => (
            <p key={path}>{say('duplicateOf', { label, path })}</p>
          ))}
          <div class="row">
            {suggested &&
              button('move', 'M', say('moveTo', { label: suggested }), () => decide('move', suggested), true)}
            {button('keep', 'K', current.label ? say('keep', { label: current.label }) : say('keepPlain'), () =>
              decide('keep'),
            )}
            {button('drop', 'X', say('drop'), () => decide('drop'))}
            {button('unsure', 'U', say('unsure'), () => decide('unsure'))}
            {classes.length > 0 && (
              <button
                type="button"
                aria-keyshortcuts="C"
                aria-expanded={isAsking.value}
                onClick={() => {
                  isAsking.value = !isAsking.value;
                }}
              >
                {say('other')} <kbd>C</kbd>
              </button>
            )}
          </div>
          {isAsking.value && (
            <ClassChoice classes={classes} hasDigits={hasDigits} onChoose={(name) => decide('move', name)} />
          )}
          <div class="row">
            <button
              type="button"
              class="small"
              onClick={() => go(at - 1)}
              disabled={at === 0}
              aria-keyshortcuts="ArrowLeft"
            >
              ← {say('previous')}
            </button>
            <button
              type="button"
              class="small"
              onClick={() => go(at + 1)}
              disabled={at === queue.length - 1}
              aria-keyshortcuts="ArrowRight"
            >
              {say('next')} →
            </button>
            <button type="button" class="small" onClick={undo} disabled={!answers.canUndo.value} aria-keyshortcuts="Z">
              {say('undo')} <kbd>Z</kbd>
            </button>
          </div>
          {current.error && <Neighbours error={current.error} address={address} />}
        </div>
      </div>
      <ol class="filmstrip" aria-label={say('review')}>
        {queue.slice(first, at + around + 1).map(({ path }, index) => (
          <li key={path}>
            <button
              type="button"
              class="plain"
              aria-current={first + index === at}
              aria-label={path}
              data-decision={decisions.get(path)?.decision}
              onClick={() => go(first + index)}
            >
              {address(path) ? (
                <img src={address(path)} alt="" decoding="async" />
              ) : (
                <span class="missing">{path}</span>
              )}
            </button>
          </li>
        ))}
      </ol>
      {footer?.(done === queue.length)}
      {isHelping.value && (
        <KeyHelp
          keys={keys.map((one) => ({ ...one, key: one.key.replace('Arrow', '') }))}
          onClose={() => {
            isHelping.value = false;
          }}
        />
      )}
    </section>
  );
}
