/** How what goes on until it is stopped is stopped. */

/** Aborted by Ctrl-C and by SIGTERM, with which services are stopped. */
export function stopping(ctrlC: AbortSignal): { readonly signal: AbortSignal; forget(): void } {
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.on('SIGTERM', stop);
  ctrlC.addEventListener('abort', stop, { once: true });
  return { signal: abort.signal, forget: () => void process.off('SIGTERM', stop) };
}
