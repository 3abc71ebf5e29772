// Draws README's two pictures: the terminal and the report after `carafe demo`, from the sample image set and the embedded
// backbone. Run after `npm run build`; needs a Chromium ($CHROMIUM, or /usr/bin/chromium) and takes a minute.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { wrap } from '../dist/cli/wrap.js';
import { writeSampleImages } from '../dist/index.js';

const columns = 96;
const target = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'carafe-pictures-'));
mkdirSync(target, { recursive: true });
try {
  await writeSampleImages(join(folder, 'photos'), { perClass: 70 });
  await writeSampleImages(join(folder, 'new-photos'), { perClass: 1, seed: 1 });
  const trained = carafe('train', 'photos/', '--out', 'my-classifier');
  const predicted = carafe('predict', 'my-classifier/', 'new-photos/mushroom', '--top', '3');
  const typed = (words) => `$ carafe ${words}\n`;
  writeFileSync(
    join(target, 'terminal.svg'),
    drawn(
      `${typed('train photos/ --out my-classifier')}${trained}\n${typed('predict my-classifier/ new-photos/mushroom --top 3')}${predicted}`,
    ),
  );
  await shoot(join(folder, 'my-classifier/report.html'), join(target, 'report.webp'));
} finally {
  rmSync(folder, { recursive: true });
}

function carafe(...words) {
  return execFileSync(process.execPath, [main, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', CARAFE_CACHE: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
}

/** A terminal that shows a text. */
function drawn(text) {
  const lines = wrap(text.trimEnd(), columns).split('\n');
  const [size, step, edge] = [13, 18, 18];
  const height = lines.length * step + 2 * edge;
  const width = Math.round(columns * size * 0.602) + 2 * edge;
  const rows = lines.map((line, at) => {
    const y = edge + (at + 0.75) * step;
    const look = line.startsWith('$') ? ' class="typed"' : '';
    return line && `<text xml:space="preserve" x="${edge}" y="${y}"${look}>${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The terminal after carafe train and carafe predict">
<style>text{font:${size}px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d6dbe1}.typed{fill:#7fd1b9}</style>
<rect width="100%" height="100%" rx="8" fill="#161b22"/>
${rows.filter(Boolean).join('\n')}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The top of a page as a picture. */
async function shoot(page, picture) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const tab = await browser.newPage({ viewport: { width: 1000, height: 925 } });
    await tab.goto(String(pathToFileURL(page)));
    writeFileSync(
      picture,
      await sharp(await tab.screenshot())
        .webp({ quality: 80 })
        .toBuffer(),
    );
  } finally {
    await browser.close();
  }
}
