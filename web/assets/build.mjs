// Builds web/static/dist from web/assets and node_modules: node web/assets/build.mjs
//
// Each file's name carries a hash of its content; manifest.json maps `viewer.js` to `viewer.3f2a9c41.js`.
// Nothing is done when no input has changed since the last build, whose files stay beside the new ones;
// with --alone they don't.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { hash, leaveAlone, write } from './generations.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ASSETS = path.join(ROOT, 'web/assets');
const MODULES = path.join(ROOT, 'node_modules');
const DIST = path.join(ROOT, 'web/static/dist');
const ICONS = path.join(MODULES, '@tabler/icons/icons/outline');

const BUNDLED = { app: 'app.js', gongdan: 'gongdan.css', viewer: 'viewer.js' };
const COPIED = ['@tabler/core/dist/css/tabler.min.css', 'htmx.org/dist/htmx.min.js'];

const started = Date.now();
const inputs = readInputs();
const stamp = hash(inputs.map(({ file, text }) => file + '\0' + text).join('\0'), 64);
if (readStamp() !== stamp) {
  process.stdout.write('\x1b[1m→ Building the pages’ assets\x1b[0m\n');
  await build();
  process.stdout.write(`  web/static/dist, ${Date.now() - started} ms\n`);
}
if (process.argv.includes('--alone')) leaveAlone(DIST);

/** Everything the result depends on: entry points, versions, and the files that may name an icon. */
function readInputs() {
  const files = [
    path.join(ROOT, 'package-lock.json'),
    ...walk(ASSETS, /./),
    ...walk(path.join(ROOT, 'web/templates'), /\.html$/),
    ...walk(path.join(ROOT, 'web'), /\.py$/),
  ];
  return files.sort().map((file) => ({ file: path.relative(ROOT, file), text: fs.readFileSync(file, 'utf8') }));
}

function walk(folder, pattern) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function readStamp() {
  const file = path.join(DIST, '.stamp');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

async function build() {
  const { outputs, packages } = await bundle();
  for (const file of COPIED) {
    const text = fs.readFileSync(path.join(MODULES, file), 'utf8');
    outputs.set(path.basename(file), text.replace(/\n?\/[/*]# sourceMappingURL=.*?(\*\/)?\s*$/, '\n'));
    packages.add(packageOf(file));
  }
  outputs.set('sprite.svg', sprite());
  packages.add('@tabler/icons');
  outputs.set('licences.txt', licences([...packages].sort()));
  write(DIST, outputs, stamp);
}

async function bundle() {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(BUNDLED).map(([out, file]) => ({ out, in: path.join(ASSETS, file) })),
    outdir: DIST,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    logLevel: 'warning',
  });
  const outputs = new Map(result.outputFiles.map((file) => [path.basename(file.path), file.text]));
  const inputs = Object.keys(result.metafile.inputs).filter((name) => name.startsWith('node_modules/'));
  return { outputs, packages: new Set(inputs.map((name) => packageOf(name.slice('node_modules/'.length)))) };
}

function packageOf(file) {
  return file.split('/').slice(0, file.startsWith('@') ? 2 : 1).join('/');
}

/** One SVG with the icons whose names stand in quotes in a template, a script or a Python file of web/. */
function sprite() {
  const known = new Set(fs.readdirSync(ICONS).map((name) => name.replace('.svg', '')));
  const used = new Set();
  for (const { file, text } of inputs) {
    if (!/\.(html|js|py)$/.test(file)) continue;
    for (const [, word] of text.matchAll(/['"]([a-z0-9][a-z0-9-]*)['"]/g)) if (known.has(word)) used.add(word);
    for (const [, name] of text.matchAll(/\bicon?\(\s*['"]([a-z0-9-]+)['"]/g)) {
      if (!known.has(name)) throw new Error(`${file}: there is no icon "${name}" in @tabler/icons`);
    }
  }
  const symbols = [...used].sort().map((name) => {
    const svg = fs.readFileSync(path.join(ICONS, `${name}.svg`), 'utf8');
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace('</svg>', '').replace(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('\n')}</svg>\n`;
}

/** The licences of what is passed on, as they ask. */
function licences(packages) {
  return packages
    .map((name) => {
      const folder = path.join(MODULES, name);
      const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
      const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : '';
      return `${name} ${version} (${license})\n\n${text}`.trim();
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
}
