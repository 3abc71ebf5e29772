/** Photos whose labels may be wrong, decided by keyboard: keep, move, take out. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { common } from './common.ts';
import { useKeys } from './Keys.tsx';
import { type PhotoAddress, PhotoCard } from './PhotoCard.tsx';
import { percent } from './texts.ts';

/** A photo to decide about. */
export interface Doubt {
  readonly path: string;
  readonly label: string;
  /** What it looks like, and how surely. */
  readonly proposed?: { readonly label: string; readonly probability: number } | undefined;
}

export type Decision = 'keep' | 'move' | 'drop';

/**
 * A grid of doubtful photos. `K` keeps, `M` moves to the proposed label, `X` takes out, the arrows go from photo to photo;
 * after a decision the next undecided photo is current.
 */
export function LabelReview({
  doubts,
  decided,
  address,
  onDecide,
}: {
  readonly doubts: readonly Doubt[];
  readonly decided: ReadonlyMap<string, Decision>;
  readonly address: PhotoAddress;
  readonly onDecide: (doubt: Doubt, decision: Decision) => void;
}) {
  const [place, go] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const at = Math.min(place, doubts.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const decide = (doubt: Doubt | undefined, decision: Decision) => {
    if (!doubt || (decision === 'move' && !doubt.proposed)) return;
    onDecide(doubt, decision);
    const next = doubts.findIndex((each, index) => index > at && !decided.has(each.path));
    go(next < 0 ? at : next);
  };
  const step = (by: number) => go(Math.max(0, Math.min(doubts.length - 1, at + by)));
  useKeys([
    { key: 'k', what: common('keep'), run: () => decide(doubts[at], 'keep') },
    { key: 'm', what: common('move', { label: '…' }), run: () => decide(doubts[at], 'move') },
    { key: 'x', what: common('drop'), run: () => decide(doubts[at], 'drop') },
    { key: 'ArrowRight', what: '', run: () => step(1) },
    { key: 'ArrowLeft', what: '', run: () => step(-1) },
  ]);
  const button = (doubt: Doubt, decision: Decision, key: string, text: string) => (
    <button
      type="button"
      class="small"
      aria-pressed={decided.get(doubt.path) === decision}
      aria-keyshortcuts={key}
      onClick={() => decide(doubt, decision)}
    >
      {text} <kbd>{key}</kbd>
    </button>
  );
  return (
    <ul class="cards review" ref={list}>
      {doubts.map((doubt, index) => (
        <li
          key={doubt.path}
          class={decided.has(doubt.path) ? 'card decided' : 'card'}
          aria-current={index === at}
          onFocusIn={() => go(index)}
        >
          <PhotoCard path={doubt.path} address={address} />
          <p>
            <strong>{doubt.label}</strong>
            {doubt.proposed &&
              `, ${common('proposed', { label: doubt.proposed.label, share: percent(doubt.proposed.probability, 0) })}`}
          </p>
          <div class="row">
            {button(doubt, 'keep', 'K', common('keep'))}
            {doubt.proposed && button(doubt, 'move', 'M', common('move', { label: doubt.proposed.label }))}
            {button(doubt, 'drop', 'X', common('drop'))}
          </div>
        </li>
      ))}
    </ul>
  );
}
