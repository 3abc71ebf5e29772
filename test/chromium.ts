import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian puts them. The shell is Chromium without windows: a page takes a third of the processor time in it. */
const places = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place)) ?? places[1];

/** Why there can be no test in a browser, or undefined where there can. */
export const missing = existsSync(executablePath) ? undefined : `no Chromium at ${executablePath} (set CHROMIUM)`;

/** Starts the browser; whoever does closes it. @param args beside those that every test needs */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...args] });
}
