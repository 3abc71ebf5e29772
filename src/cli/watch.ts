/** `carafe watch`. */

import { requireOneClassHeadName } from '../heads/oneClass/registry.ts';
import { requireHeadName } from '../heads/registry.ts';
import type { VersionRow } from '../results/versionsResult.ts';
import type { WatchEvent } from '../watch/events.ts';
import { watch } from '../watch/watch.node.ts';
import type { Run } from './command.ts';
import { count, percent } from './show.ts';
import { stopping } from './stopping.ts';
import { paint, safe } from './terminal.ts';
import { requireOneClassFor, trainOptionsOf } from './train.ts';
import { refuseForOneClass } from './trainOneClass.ts';

export const run: Run<'watch'> = async ([source], { json, every, keep, minAccuracy, ...values }, terminal) => {
  const { out, stderr, signal } = terminal;
  const { oneClass, normal, memoryLimit, force, head, ...fitting } = values;
  if (oneClass) refuseForOneClass({ ...values, minAccuracy });
  else requireOneClassFor(values);
  const named = head === undefined ? undefined : oneClass ? requireOneClassHeadName(head) : requireHeadName(head);
  const stopped = stopping(signal);
  const say = (event: WatchEvent) => {
    if (json) out(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    else if (event.event === 'away' || event.event === 'failed' || event.event === 'warning')
      stderr.say(`warning: ${safe(event.reason.replace('\n', ' '))}\n`);
    else out(lineOf(event, source));
  };
  try {
    await watch(source, {
      ...(await trainOptionsOf(fitting)),
      ...{ oneClass, normal, memoryLimit, force, head: named },
      ...{ every, keep, minAccuracy, signal: stopped.signal, onEvent: say },
      onWarning: (reason) => say({ event: 'warning', reason }),
    });
  } finally {
    stopped.forget();
  }
  return 0;
};

function lineOf(event: Exclude<WatchEvent, { reason: string }>, source: string): string {
  switch (event.event) {
    case 'watching': {
      const version = event.version === undefined ? '' : `; version ${event.version} answers`;
      return `Watching ${safe(source)}: ${count(event.photos)} photos${version}. Stop with Ctrl-C.\n`;
    }
    case 'changed': {
      const { added, changed, removed } = event;
      const parts = [added > 0 && `${count(added)} new`, changed > 0 && `${count(changed)} changed`];
      const all = [...parts, removed > 0 && `${count(removed)} gone`].filter((part) => part !== false);
      return `Photos: ${all.join(', ')}. Training.\n`;
    }
    case 'version':
      return `${versionLine(event.row)}\n  ${safe(event.report)} (${event.seconds.toFixed(1)} s)\n`;
    case 'back':
      return 'The photos are back.\n';
  }
}

/** A version in a line: how good it is, what changed, and why it was taken or refused. */
export function versionLine(row: VersionRow): string {
  const { version, isTaken, reason, compared, photos } = row;
  const figures = [
    ['accuracy', row.accuracy],
    ['normal photos called abnormal', row.falsePositiveRate],
    ['abnormal photos caught', row.caught],
  ] as const;
  const said = figures.flatMap(([words, figure]) =>
    figure ? [`${words} ${percent(figure.value)} (${percent(figure.low)} to ${percent(figure.high)})`] : [],
  );
  const title = isTaken ? paint('green', `Version ${version}`) : paint('yellow', `Version ${version}, refused`);
  const changes =
    compared &&
    `${count(compared.changed)} ${compared.changed === 1 ? 'answer' : 'answers'} changed, ${count(compared.better)} got better, ${count(compared.worse)} got worse`;
  return `${title}: ${said.join(', ')} on ${count(photos)} photos${changes ? `; ${changes}` : ''}. ${safe(reason)}`;
}
