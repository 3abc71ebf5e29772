/** `carafe versions`. */

import { CarafeError } from '../errors.ts';
import { chooseVersion, versions } from '../index.ts';
import type { Run } from './command.ts';
import { paint } from './terminal.ts';
import { versionLine } from './watch.ts';

export const run: Run<'versions'> = async ([folder, wanted], { json }, { out }) => {
  if (wanted !== undefined) {
    if (!/^[1-9]\d{0,8}$/.test(wanted))
      throw new CarafeError('USAGE', `${wanted} is not the number of a version.`, `See \`carafe versions ${folder}\`.`);
    const chosen = await chooseVersion(folder, Number(wanted));
    out(json ? `${JSON.stringify(chosen)}\n` : `${versionLine(chosen)}\n`);
    return 0;
  }
  const all = await versions(folder);
  if (json) out(`${JSON.stringify(all)}\n`);
  else if (all.length === 0) out('There are no versions yet.\n');
  else
    for (const one of all) {
      const mark = one.isCurrent ? paint('bold', '* ') : '  ';
      out(
        `${mark}${one.at.slice(0, 16).replace('T', ' ')}  ${versionLine(one)}${one.isKept ? '' : ' Its files are gone.'}\n`,
      );
    }
  return 0;
};
