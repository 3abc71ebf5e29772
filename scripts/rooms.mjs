// Writes the tables of docs/architecture.md: what each source file is, by its own first line.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { globSync } from 'tinyglobby';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/architecture.md`;

/** What the first line of a file says of it. @throws Error where it says nothing */
export function firstLine(path, text) {
  const [, line] = /^(?:#!.*\n)?\/\*\* (.+) \*\/\n/.exec(text) ?? [];
  if (line === undefined) throw new Error(`src/${path} does not begin with a line that says what it is`);
  return line;
}

/** The page with the tables as they should be. */
export function withTables(text) {
  return text.replace(/^### (\S+)\/: (.*)\n\n<!-- files -->\n[\s\S]*?<!-- \/files -->/gm, (_, room, about) => {
    const pattern = room === 'src' ? '*.ts' : `${room}/**/*.{ts,tsx}`;
    const rows = globSync(pattern, { cwd: `${root}src` })
      .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
      .map((path) => {
        const name = room === 'src' ? basename(path) : path.slice(room.length + 1);
        return [`\`${name}\``, firstLine(path, readFileSync(`${root}src/${path}`, 'utf8')).replaceAll('|', '\\|')];
      });
    const width = Math.max(...rows.map(([name]) => name.length));
    const wide = Math.max(...rows.map(([, line]) => line.length));
    const row = ([name, line]) => `| ${name.padEnd(width)} | ${line.padEnd(wide)} |`;
    const table = [row(['file', 'what it is']), `| ${'-'.repeat(width)} | ${'-'.repeat(wide)} |`, ...rows.map(row)];
    return `### ${room}/: ${about}\n\n<!-- files -->\n\n${table.join('\n')}\n\n<!-- /files -->`;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(page, withTables(readFileSync(page, 'utf8')));
