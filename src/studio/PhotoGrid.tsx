/** Photos of a class in a grid, of which only what is seen is drawn. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { common } from '../ui/common.ts';
import { failureWords } from '../ui/sentences.ts';
import type { App } from './app.web.ts';
import type { StudioPhoto } from './engine.ts';
import { say } from './texts.ts';

const gap = 4;
const usual = 80;

export function PhotoGrid({
  app,
  photos,
  label,
}: {
  readonly app: App;
  readonly photos: readonly StudioPhoto[];
  readonly label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 320, width: 600 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const columns = Math.max(1, Math.floor((view.width + gap) / (usual + gap)));
  const size = (view.width + gap) / columns;
  const rows = Math.ceil(photos.length / columns);
  const first = Math.max(0, Math.floor(view.top / size) - 1);
  const last = Math.min(rows, Math.ceil((view.top + view.height) / size) + 1);
  return (
    <div class="photos" ref={box} style={{ height: `${Math.min(320, rows * size)}px` }}>
      <div style={{ height: `${rows * size}px` }} />
      <ul
        aria-label={label || say('unlabelled')}
        style={{ top: `${first * size}px`, gridTemplateColumns: `repeat(${columns},1fr)` }}
      >
        {photos.slice(first * columns, last * columns).map((photo) => (
          <li key={photo.path}>
            <Tile app={app} photo={photo} label={label} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Tile({
  app,
  photo: { path, labels, ready, failure },
  label,
}: {
  readonly app: App;
  readonly photo: StudioPhoto;
  readonly label: string;
}) {
  const address = failure === undefined ? app.address(path, ready) : undefined;
  const why = failure && failureWords(failure);
  const others = labels.filter((each) => each !== label).join(', ');
  const name = `${common('photo', { path })}${others && ` (+ ${others})`}`;
  return (
    <button
      type="button"
      class={ready || failure ? 'tile' : 'tile waits'}
      aria-pressed={app.selected.value.has(path)}
      aria-label={why ? `${name}: ${why}` : name}
      title={why ? `${path}: ${why}` : path}
      onClick={({ shiftKey }) => app.select(label, path, shiftKey)}
    >
      {address && <img src={address} alt="" decoding="async" />}
      {others && !why && <span class="others">+ {others}</span>}
      {why && <span class="why">{why}</span>}
    </button>
  );
}
