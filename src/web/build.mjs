// Makes the pages of the sources. Of the dashboard: one script, one stylesheet, both under names that
// hold their contents' hash, the HTML that names them, and the licences of what is in them. Of the
// flame graph (flame/): one HTML file that holds all of it.
//
//   node build.mjs [--modules DIR] [--out DIR] [--tests]
//
// --modules: where `npm ci` has put the libraries, if not beside this file.
// --tests:   the unit tests instead, one file each, for `node --test`.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import process from 'node:process';

const sources = dirname(fileURLToPath(import.meta.url));

function argument(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : resolve(process.argv[at + 1] ?? otherwise);
}

const modules = argument('--modules', join(sources, 'node_modules'));
const out = argument('--out', join(sources, '../../build/web/dist'));
const require = createRequire(join(modules, 'any.js'));
const esbuild = require('esbuild');

const common = {
  absWorkingDir: sources,
  bundle: true,
  logLevel: 'warning',
  nodePaths: [modules],
  target: ['es2021', 'chrome94', 'firefox93', 'safari16'],
  logLimit: 20,
  write: false,
};

function fresh(directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
}

function filesBelow(directory, wanted) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path, wanted);
    return wanted(entry.name) ? [path] : [];
  }).sort();
}

async function bundle(entry, extra) {
  const made = await esbuild.build({ ...common, entryPoints: [entry], metafile: true, outdir: 'out', ...extra });
  // A library's script may bring a stylesheet, which our own stylesheets import where it is wanted.
  const wanted = entry.endsWith('.css') ? '.css' : '.js';
  const file = made.outputFiles.find(({ path }) => path.endsWith(wanted));
  return { bytes: file.contents, text: file.text, inputs: Object.keys(made.metafile.inputs) };
}

// The directories of the packages that a bundle has anything of.
function packagesOf(inputs) {
  const directories = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(sources, input));
    if (found) directories.add(found[1]);
  }
  return [...directories].sort();
}

function licenceOf(directory) {
  const file = readdirSync(directory).find((one) => /^licen[cs]e(\.md|\.txt)?$/i.test(one));
  if (!file) throw new Error(`${directory}: has no file of its licence`);
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return `${name} ${version} (${license})\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
}

function licences(packages) {
  const own = readFileSync(join(sources, '../../LICENSE'), 'utf8').trim();
  return [`valkyria_exporter\n\n${own}\n`, ...packages.map(licenceOf)].join(`\n${'-'.repeat(72)}\n\n`);
}

// Names with a hash of the contents, so that a browser may keep what it has for ever.
function hashed(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return name.replace(/(\.[a-z]+)$/, `-${hash}$1`);
}

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

// The files as C++: no tool but the compiler is needed to embed them.
function sourceOf(assets) {
  const arrays = assets.map(({ bytes }, i) => {
    const packed = gzipSync(bytes, { level: 9 });
    packed[9] = 255; // the system it was made on: the same everywhere
    const lines = [];
    for (let at = 0; at < packed.length; at += 24) lines.push([...packed.subarray(at, at + 24)].join(','));
    return `constexpr unsigned char kFile${i}[] = {\n${lines.join(',\n')}};\n`;
  });
  const rows = assets.map(({ path, type, bytes }, i) =>
    `    {${JSON.stringify(path)}, ${JSON.stringify(type)}, std::span(kFile${i}), ${bytes.length}},\n`);
  return `// Made by src/web/build.mjs.\n#include "web/files.h"\n\nnamespace web {\nnamespace {\n\n${arrays.join('\n')}
constexpr File kFiles[] = {\n${rows.join('')}};\n\n}  // namespace\n
std::span<const File> files() {\n  return kFiles;\n}\n\n}  // namespace web\n`;
}

function sha256(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const HTML_ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

// The flame graph's page: all in one file, which needs nobody, and a policy by which nothing but its
// own script and style runs in it.
async function buildFlamePage() {
  const script = await bundle('flame/main.ts', { minify: true, format: 'iife' });
  const style = await bundle('flame/flame.css', { minify: true });
  const packages = packagesOf([...script.inputs, ...style.inputs]);
  const policy = `default-src 'none'; script-src ${sha256(script.text)}; style-src ${sha256(style.text)}; `
    + "img-src data:; base-uri 'none'; form-action 'none'";
  const parts = {
    POLICY: policy, STYLE: style.text, SCRIPT: script.text,
    LICENCES: licences(packages).replace(/[&<>]/g, (character) => HTML_ESCAPES[character]),
  };
  const html = readFileSync(join(sources, 'flame/flame.html'), 'utf8');
  const [before, after] = html.split('DATA').map((half) => half.replace(/POLICY|STYLE|SCRIPT|LICENCES/g, (name) => parts[name]));
  return { before, after, policy: `${policy}; frame-ancestors 'none'`, packages };
}

function flameSourceOf({ before, after, policy }) {
  const arrayOf = (name, text) => {
    const lines = [];
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 24) lines.push([...bytes.subarray(at, at + 24)].join(','));
    return `constexpr unsigned char ${name}[] = {\n${lines.join(',\n')}};\n`;
  };
  return `// Made by src/web/build.mjs.\n#include "web/flame_template.h"\n\n#include <cstddef>\n\nnamespace web {\nnamespace {\n
${arrayOf('kBefore', before)}\n${arrayOf('kAfter', after)}
template <std::size_t kSize>
std::string_view text_of(const unsigned char (&bytes)[kSize]) {
  return {reinterpret_cast<const char*>(bytes), kSize};
}

}  // namespace

FlameTemplate flame_template() {
  return {text_of(kBefore), text_of(kAfter),
          ${JSON.stringify(policy)}};
}

}  // namespace web
`;
}

async function buildPage() {
  fresh(out);
  const flame = await buildFlamePage();
  const script = await bundle('main.ts', { minify: true, format: 'iife' });
  const style = await bundle('style.css', { minify: true });
  const scriptName = hashed('page.js', script.bytes);
  const styleName = hashed('page.css', style.bytes);
  const html = readFileSync(join(sources, 'index.html'), 'utf8').replace('SCRIPT', scriptName).replace('STYLE', styleName);
  const packages = [...new Set([...packagesOf([...script.inputs, ...style.inputs]), ...flame.packages])].sort();
  const assets = [
    { path: '', type: 'text/html; charset=utf-8', bytes: Buffer.from(html) },
    { path: `assets/${scriptName}`, type: TYPES.js, bytes: Buffer.from(script.bytes) },
    { path: `assets/${styleName}`, type: TYPES.css, bytes: Buffer.from(style.bytes) },
    { path: 'licences', type: 'text/plain; charset=utf-8', bytes: Buffer.from(licences(packages)) },
  ];
  mkdirSync(join(out, 'assets'));
  for (const { path, bytes } of assets) writeFileSync(join(out, path || 'index.html'), bytes);
  writeFileSync(join(out, 'files.cpp'), sourceOf(assets));
  writeFileSync(join(out, 'flame_template.cpp'), flameSourceOf(flame));
}

async function buildTests() {
  fresh(out);
  const tests = filesBelow(sources, (name) => name.endsWith('.test.ts'));
  const made = await esbuild.build({
    ...common, entryPoints: tests, outbase: sources, outdir: out, platform: 'node', format: 'esm',
    target: 'node18', outExtension: { '.js': '.mjs' }, sourcemap: 'inline', write: true,
  });
  if (made.errors.length > 0) process.exitCode = 1;
}

await (process.argv.includes('--tests') ? buildTests() : buildPage());
