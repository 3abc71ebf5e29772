// Build dist/: tsc for the library and its types, then esbuild for what is loaded whole: the command, the library and its
// worker threads in a few files instead of hundreds, which halves the time they take to load. Build web/: the browser's
// entries for pages without a bundler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
for (const folder of ['dist', 'web']) rmSync(folder, { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const chunks = 'chunks';
/** What a file finds beside it, it finds from the chunk that it has become part of, too. */
const ownPlace = {
  name: 'own place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      const place = relative(resolve('dist', chunks), path).replaceAll('\\', '/');
      const contents = await readFile(path, 'utf8');
      return { contents: contents.replaceAll('import.meta.url', `new URL('${place}', import.meta.url).href`) };
    });
  },
};
/** As CommonJS sharp loads in a third of the time; lmdb is loaded by whoever opens a cache. */
const required = {
  sharp: "export default require('sharp');",
  lmdb: "export const open = (options) => require('lmdb').open(options);",
};
const byRequire = {
  name: 'by require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(sharp|lmdb)$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { external: true } : { path, namespace: 'required' },
    );
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${required[path]}`,
    }));
  },
};
const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Packages of many small files, read into the chunks; all others are loaded from where they are installed. */
const within = ['zod', '@bufbuild/protobuf', 'd3-scale', 'd3-shape', 'hono', '@hono/node-server'];
const library = await build({
  metafile: true,
  entryPoints: [
    'index',
    'cli/main',
    'images/worker.node',
    'runtime/worker.node',
    'features/worker.node',
    'study/worker.node',
    'studio/measurer.node',
  ].map((name) => `dist/${name}.js`),
  outdir: 'dist',
  outbase: 'dist',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: `${chunks}/[name]-[hash]`,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [
    ...Object.keys(dependencies).filter((name) => !within.includes(name)),
    ...Object.keys(peerDependencies),
    'libheif-js',
  ],
  plugins: [ownPlace, byRequire],
});
chmodSync('dist/cli/main.js', 0o755);
writeFileSync('dist/third-party-licences.txt', licencesOf(library));

// One folder that needs no other: import maps do not reach workers, so nothing may be left to be resolved.
const web = await build({
  entryPoints: { predict: 'dist/browser.js', train: 'dist/browserTrain.js' },
  outdir: 'web',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  metafile: true,
});
copyFileSync('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', 'web/ort-wasm-simd-threaded.wasm');
writeFileSync('web/third-party-licences.txt', licencesOf(web));

// Pages that are worked with: one script each, whose shell their server writes (src/ui/shell.ts).
mkdirSync('dist/pages', { recursive: true });
const page = {
  outdir: 'dist/pages',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  metafile: true,
};
const pages = await build({
  ...page,
  entryPoints: Object.fromEntries(
    globSync('src/*/page.tsx')
      .map((path) => [path.split('/')[1], path])
      .filter(([name]) => name !== 'studio'),
  ),
});
// The studio's other languages are scripts beside it, loaded when they are chosen; pages of one file hold theirs.
const studio = await build({
  ...page,
  entryPoints: { studio: 'src/studio/page.tsx' },
  splitting: true,
  chunkNames: '[name]',
});
writeFileSync('dist/pages/third-party-licences.txt', licencesOf(studio, pages));

// What the studio's page needs beside its script where it stands alone (src/studio/static.node.ts). The runtime's script, which its
// threads load, is no file of `web/`: linters of packages take it for CommonJS.
mkdirSync('dist/pages/studio', { recursive: true });
copyFileSync(
  'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs',
  'dist/pages/studio/ort-wasm-simd-threaded.mjs',
);
const alone = {
  outdir: 'dist/pages/studio',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  metafile: true,
};
const workers = await build({
  ...alone,
  // Node's own wants a Buffer.
  alias: { 'csv-parse/sync': 'csv-parse/browser/esm/sync' },
  entryPoints: {
    worker: 'src/studio/worker.web.ts',
    measurer: 'src/studio/measurer.web.ts',
    exporter: 'src/studio/exporter.web.ts',
  },
});
const digest = createHash('sha256');
for (const file of [
  'studio.js',
  'german.js',
  'export.js',
  ...['worker', 'measurer', 'exporter'].map((name) => `studio/${name}.js`),
])
  digest.update(readFileSync(`dist/pages/${file}`));
await build({
  ...alone,
  entryPoints: { service: 'src/studio/service.web.ts' },
  define: { CARAFE_BUILD: JSON.stringify(digest.digest('hex').slice(0, 16)) },
});
writeFileSync('dist/pages/studio/third-party-licences.txt', licencesOf(workers, studio, pages));

/** What is within goes with its licences. */
function licencesOf(...built) {
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = inputs.flatMap((input) => /(?<=node_modules\/)(@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const notices = [...new Set(packages)].sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}
