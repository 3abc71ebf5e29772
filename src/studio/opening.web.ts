/** Which engine a page has, and what it waits for before that begins. */

import type { CarafeError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { serverEngine } from './serverEngine.web.ts';
import { workerEngine } from './workerEngine.web.ts';

/** What an engine tells the page beside its state. */
export interface Hopes {
  /** Whether it answers. */
  readonly onLost: (isLost: boolean) => void;
  /** How much of the network is loaded. */
  readonly onLoading: (share: number) => void;
  /** It cannot begin. */
  readonly onBroken: (error: CarafeError) => void;
}

export type OpenEngine = (hopes: Hopes) => Engine;

/** Milliseconds that the first visit waits for the service worker, so that it keeps the network, too. */
const patience = 3000;
/** Says in this tab that the page was loaded again. */
const triedKey = 'carafe loaded again';

/** The engine that the page's document names. */
export async function engineOf(behind: string | undefined): Promise<OpenEngine> {
  if (behind !== 'worker') return ({ onLost }) => serverEngine(onLost);
  await kept();
  return workerEngine;
}

/** Has the page kept for the next visit, and its photos from being cleared away. */
async function kept(): Promise<void> {
  // A browser may refuse either; the page works without.
  void navigator.storage?.persist?.().catch(() => {});
  if (!navigator.serviceWorker) return;
  const controlled = new Promise((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  );
  const registered = await navigator.serviceWorker
    .register(new URL('./service.js', import.meta.url))
    .catch(() => undefined);
  if (registered && !navigator.serviceWorker.controller)
    await Promise.race([controlled, new Promise((resolve) => setTimeout(resolve, patience))]);
  if (navigator.serviceWorker.controller && mayBeIsolated()) {
    location.reload();
    await new Promise(() => {});
  }
}

/** The service worker isolates the page, which gives it threads, from the next load on: at once, once. */
function mayBeIsolated(): boolean {
  if (globalThis.crossOriginIsolated || navigator.hardwareConcurrency <= 2) return false;
  try {
    const isTried = sessionStorage.getItem(triedKey) !== null;
    sessionStorage.setItem(triedKey, '');
    return !isTried;
  } catch {
    return false;
  }
}
