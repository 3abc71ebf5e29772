/** What keys do on a page, and the help that lists them. */

import { useEffect, useRef } from 'preact/hooks';
import { common } from './common.ts';

/** A key, as `KeyboardEvent.key` has it; `Ctrl+` before it means Ctrl, or Command on a Mac. */
export interface Key {
  readonly key: string;
  /** What it does. */
  readonly what: string;
  readonly run: () => void;
}

/** Listens for keys while the component is there. Keys typed into a field, or with a dialog open, are left alone. */
export function useKeys(keys: readonly Key[]): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]'))
        return;
      const pressed = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.key}`;
      const found = current.current.find(({ key }) => key === pressed);
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

/** Whether keys are typed into a field. A field that files are chosen with takes none. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=checkbox],[type=radio],[type=file]),select,textarea,[contenteditable]')
  );
}

/** A dialog that lists keys. */
export function KeyHelp({ keys, onClose }: { readonly keys: readonly Key[]; readonly onClose: () => void }) {
  return (
    <Dialog title={common('keyboard')} onClose={onClose}>
      <dl class="keys">
        {keys.map(({ key, what }) => [
          <dt key={key}>
            <kbd>{key === ' ' ? '␣' : key}</kbd>
          </dt>,
          <dd key={`${key} what`}>{what}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}

/** A dialog over the page. Escape closes it, and the focus goes back to where it was. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: preact.ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!element.current?.open) element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-label={props.title} onClose={props.onClose}>
      <h2>{props.title}</h2>
      {props.children}
      <button type="button" onClick={() => element.current?.close()}>
        {common('close')}
      </button>
    </dialog>
  );
}
