// A process that extracts: settings as JSON in the first argument, one JSON object on stdout.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { extractFeatures } from '../../dist/features/extract.js';
import { openStore } from '../../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../../dist/features/platform.node.js';
import { thumbnails } from '../../dist/features/thumbnails.js';

const { backbone, items, folder, killAfter, interruptAfter, threads } = deserialize(readFileSync(process.argv[2]));
const warnings = [];
const store = openStore({ folder, onWarning: (text) => warnings.push(text) });
const abort = new AbortController();
const progress = ({ computed }) => {
  if (computed >= killAfter) process.kill(process.pid, 'SIGKILL');
  if (computed >= interruptAfter) abort.abort();
};
let result;
try {
  const platform = extractionPlatform(store);
  const options = { threads, signal: abort.signal, progress };
  const {
    features,
    items: usable,
    photos,
    found,
    cached,
    computed,
    failed,
  } = await extractFeatures(items, backbone, platform, options);
  const { buffer, byteOffset, byteLength } = features.data;
  const hash = createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
  const shown = photos.map(({ sha256 }, row) => ({ path: usable[row].path, file: usable[row].file, sha256 }));
  await thumbnails(shown, platform);
  const kept = shown.filter(({ sha256 }) => store.thumbnail(sha256)).length;
  result = { found, cached, computed, failed: failed.length, hash, thumbnails: kept };
} catch (error) {
  result = { code: error.code ?? 'none', what: error.what ?? String(error) };
}
await store.close();
process.stdout.write(JSON.stringify({ ...result, warnings }));
