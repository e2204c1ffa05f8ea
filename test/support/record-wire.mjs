// Records the runs that `test/unit/daemon/replay-records.test.ts` replays: those of
// test/vectors/wire-runs.json, with the built simulator, into test/vectors/wire/. `npm run wire`, after a
// build, whenever a decision is meant to change; with names of protocols: those alone.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const command = process.env['GALVANODE_MAIN'] ?? join(root, 'dist/src/cli/main.js');
const folder = join(root, 'test/vectors/wire');
const BYTES_MAX = 100_000;

/** @type {Record<string, { dialects?: string[], instrument?: string, set: string[] }>} */
const runs = JSON.parse(readFileSync(join(root, 'test/vectors/wire-runs.json'), 'utf8'));
/** Of these alone, where some are named: `npm run wire -- gitt shelving`. */
const asked = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
for (const [protocol, { dialects = ['gvn1'], instrument, set }] of Object.entries(runs)) {
  if (asked.length > 0 && !asked.includes(protocol)) continue;
  for (const dialect of dialects) record(protocol, dialect, { instrument, set });
}

/**
 * @param {string} protocol
 * @param {string} dialect
 * @param {{ instrument: string | undefined, set: readonly string[] }} given
 */
function record(protocol, dialect, { instrument, set }) {
  const scratch = mkdtempSync(join(tmpdir(), 'galvanode-wire-'));
  const out = join(scratch, 'run.db');
  const parameters = set.flatMap((parameter) => ['--set', parameter]);
  const unit = instrument === undefined ? [] : ['--instrument', instrument];
  const options = ['--dialect', dialect, ...unit, '--seed', '7', '--wire', '--out', out];
  const done = spawnSync(process.execPath, [command, 'simulate', protocol, ...options, ...parameters], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`${protocol} on ${dialect}: simulate ended with ${done.status}`);
  const packed = gzipSync(readFileSync(out), { level: 9 });
  rmSync(scratch, { recursive: true, force: true });
  const name = `${protocol}-${dialect}.db.gz`;
  if (packed.length > BYTES_MAX)
    throw new Error(`${name} has ${packed.length} bytes; ${BYTES_MAX} are allowed`);
  writeFileSync(join(folder, name), packed);
  process.stdout.write(`${name}: ${packed.length} bytes\n`);
}
