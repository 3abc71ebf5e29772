/** `carafe versions`. */

import { CarafeError } from '../errors.ts';
import type { VersionsResult } from '../results/versionsResult.ts';
import { version } from '../version.ts';
import { chooseVersion, versions } from '../watch/journal.node.ts';
import type { Run } from './command.ts';
import { paint } from './terminal.ts';
import { versionLine } from './watch.ts';

export const run: Run<'versions'> = async ([folder, wanted], { json }, { out }) => {
  if (wanted !== undefined) {
    if (!/^[1-9]\d{0,8}$/.test(wanted))
      throw new CarafeError(
        'USAGE',
        `${wanted} is not the number of a version.`,
        `\`carafe versions ${folder}\` lists them.`,
      );
    const chosen = await chooseVersion(folder, Number(wanted));
    if (!json) out(`Version ${chosen.version} answers.\n`);
  }
  const all = await versions(folder);
  const result: VersionsResult = { version, command: 'versions', versions: all };
  if (json) out(`${JSON.stringify(result)}\n`);
  else
    for (const one of all) {
      const when = one.at.slice(0, 16).replace('T', ' ');
      const mark = one.isCurrent ? paint('bold', '*') : ' ';
      out(`${mark} ${when}  ${versionLine(one)}${one.isKept ? '' : ' Its files are gone.'}\n`);
    }
  return 0;
};
