// Builds dist/, the tree that runs: it mirrors the sources, with .ts compiled and data files copied beside.
// Runs as `prepare` under plain node, before anything of ours is compiled, hence JavaScript.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');
const dashboard = join(root, 'src', 'dashboard');
const dashboardDist = join(dist, 'src', 'dashboard');
const trees = ['src', 'protocols', 'firmware-sim', 'test'];
const executables = [join(dist, 'src', 'cli', 'main.js')];

compile();
copyData();
buildDashboard();
prune();
for (const file of executables) if (existsSync(file)) chmodSync(file, 0o755);

function compile() {
  run('typescript', 'tsc', ['-p', join(root, 'tsconfig.json'), '--noEmitOnError']);
}

/** Migrations, recorded rows and cell libraries are read at run time, beside the module that uses them. */
function copyData() {
  for (const tree of ['src', 'protocols', 'firmware-sim']) {
    for (const file of filesBelow(join(root, tree))) {
      if (!isData(file)) continue;
      const target = join(dist, relative(root, file));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(file, target);
    }
  }
}

/** @param {string} file */
function isData(file) {
  if (file.startsWith(dashboard + sep)) return false;
  return !['.ts', '.md'].includes(extname(file));
}

/** The page is optional only while it does not exist; once it does, a half-built one is an error. */
function buildDashboard() {
  if (filesBelow(dashboard).length === 0) return;
  const config = join(dashboard, 'vite.config.ts');
  if (!existsSync(config)) fail(`src/dashboard exists, but ${relative(root, config)} does not`);
  const where = ['--config', config, '--outDir', dashboardDist, '--emptyOutDir', '--logLevel', 'warn'];
  run('vite', 'vite', ['build', dashboard, ...where]);
  if (!existsSync(join(dashboardDist, 'index.html'))) fail('vite wrote no dist/src/dashboard/index.html');
}

/** Drops what an earlier build left of removed sources. Not a clean build: a daemon may run from dist. */
function prune() {
  for (const file of filesBelow(dist)) {
    if (file.startsWith(dashboardDist + sep)) continue;
    if (!sourcesOf(relative(dist, file)).some((source) => existsSync(join(root, source)))) rmSync(file);
  }
}

/** @param {string} built */
function sourcesOf(built) {
  if (!trees.includes(built.split(sep)[0] ?? '')) return [];
  return [built, built.replace(/\.js(\.map)?$/, '.ts')];
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
  return entries.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * Runs a package's own entry under this very node: no shell, no PATH, the same on Windows.
 *
 * @param {string} packageName
 * @param {string} binary
 * @param {string[]} args
 */
function run(packageName, binary, args) {
  const require = createRequire(import.meta.url);
  const manifest = join(root, 'node_modules', packageName, 'package.json');
  if (!existsSync(manifest)) fail(`${packageName} is not installed: run npm ci`);
  const entry = join(dirname(manifest), require(manifest).bin[binary]);
  const { status, signal } = spawnSync(process.execPath, [entry, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`${binary} ended with ${signal ?? `exit code ${status}`}`);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`build: ${message}\n`);
  process.exit(1);
}
