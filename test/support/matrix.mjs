// `npm run test:matrix [release…]`: the README's test line under other Node releases, by default 22 and 24
// (24.18: the last before the change that better-sqlite3 12 does not survive, src/README.md decision 25).
// Each release comes from the package registry, with its own headers, so that native modules are compiled
// against the Node that will load them. Works on a copy, so that this tree keeps its own node_modules.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const npm = process.env['npm_execpath'] ?? fail('run this as: npm run test:matrix');
const releases = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24.18'];

const results = releases.map(testUnder);
for (const { name, isOk } of results) process.stdout.write(`${isOk ? 'ok    ' : 'FAILED'} ${name}\n`);
process.exitCode = results.every((result) => result.isOk) ? 0 : 1;

/** @param {string} release */
function testUnder(release) {
  const folder = mkdtempSync(join(tmpdir(), `galvanode-node-${release}-`));
  const nodeDir = installNode(release, join(folder, 'node'));
  const node = join(nodeDir, 'bin', 'node');
  const tree = join(folder, 'tree');
  copyTree(tree);
  const env = environmentFor(nodeDir);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  process.stdout.write(`\n== Node ${version} in ${tree}\n`);
  const isOk = ['ci', 'test'].every((command) => {
    return spawnSync(node, [npm, command], { cwd: tree, env, stdio: 'inherit' }).status === 0;
  });
  // A failed tree stays, to be looked into.
  if (isOk) rmSync(folder, { recursive: true, force: true });
  return { name: `Node ${version}${isOk ? '' : ` (see ${tree})`}`, isOk };
}

/**
 * @param {string} release
 * @param {string} folder
 */
function installNode(release, folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  const packageName = `node-${process.platform}-${process.arch}`;
  const args = ['install', '--no-save', '--no-package-lock', '--no-audit', `${packageName}@${release}`];
  const { status } = spawnSync(process.execPath, [npm, ...args], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) fail(`could not install ${packageName}@${release}`);
  const nodeDir = join(folder, 'node_modules', packageName);
  if (!existsSync(join(nodeDir, 'include', 'node', 'node_api.h'))) fail(`${packageName} brought no headers`);
  return nodeDir;
}

/**
 * What a clone of this working tree would hold, uncommitted work included.
 *
 * @param {string} target
 */
function copyTree(target) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) fail('the matrix copies what git knows: run it in a git checkout');
  const paths = stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  for (const path of paths) cpSync(join(root, path), join(target, path));
}

/**
 * What npm tells its scripts about this tree and this Node must not reach the other one.
 *
 * @param {string} nodeDir
 */
function environmentFor(nodeDir) {
  const ours =
    /^(npm_(package_|lifecycle_|node_|config_(local_|global_)?prefix|config_(nodedir|loglevel))|NODE$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = [join(nodeDir, 'bin'), process.env['PATH'] ?? ''].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, npm_config_nodedir: nodeDir };
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`matrix: ${message}\n`);
  process.exit(1);
}
