/** Workers that stay open from one extraction to the next. */

import type { ExtractionPlatform } from '../features/extraction.ts';
import type { WorkerPool } from '../features/workerPool.ts';

/** The platform, whose workers are opened once for one backbone and closed by `close` alone. */
export function keptOpen<P extends ExtractionPlatform>(platform: P): P & { readonly close: () => Promise<void> } {
  let pool: WorkerPool | undefined;
  return {
    ...platform,
    openWorkers(backbone, needs, count, limits) {
      const opened = pool ?? platform.openWorkers(backbone, needs, count, limits);
      pool = opened;
      return {
        ...opened,
        capacity: opened.capacity,
        process: (file, view, isWanted) => opened.process(file, view, isWanted),
        close: async () => {},
      };
    },
    close: async () => pool?.close(),
  };
}
