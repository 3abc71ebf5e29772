/** Pairs that one camera took within seconds (bursts). */

import type { Shot } from '../images/shot.ts';

export type { Shot };

/** Shots of one camera within so many milliseconds may be one burst. */
const burstMilliseconds = 3000;
/** Later shots that one is compared with: a bound on the work where all say the same second. */
const mostLater = 20;

/** Pairs of photos that one camera took within three seconds; shots of one second stay in the order given. */
export function shotPairs(shots: readonly (Shot | undefined)[]): [a: number, b: number][] {
  const byCamera = new Map<string, { row: number; time: number }[]>();
  for (const [row, shot] of shots.entries()) {
    if (!shot) continue;
    const own = byCamera.get(shot.camera);
    if (own) own.push({ row, time: shot.time });
    else byCamera.set(shot.camera, [{ row, time: shot.time }]);
  }
  return [...byCamera.values()].flatMap((taken) => {
    // The sort is stable: shots of one second stay in the order of the rows.
    const inTurn = taken.sort((a, b) => a.time - b.time);
    return inTurn.flatMap(({ row, time }, i) =>
      inTurn
        .slice(i + 1, i + 1 + mostLater)
        .filter((later) => later.time - time <= burstMilliseconds)
        .map((later): [number, number] => [row, later.row]),
    );
  });
}
