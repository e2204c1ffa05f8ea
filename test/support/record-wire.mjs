// Records the runs that `test/unit/daemon/replay-records.test.ts` replays: one for each protocol and
// dialect, with the built simulator, into test/vectors/wire/. `npm run wire`, after a build, whenever a
// decision is meant to change.

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

const SHORT = [
  ...['cycles=2', 'areal_capacity=0.02mAh/cm2', 'wetting=60s'],
  ...['record_interval=2s', 'record_voltage_delta=0V'],
];
const PROTOCOLS = {
  'symmetric-cycling': [...SHORT, 'conditioning_cycles=1', 'conditioning_capacity=0.01mAh/cm2'],
  'coulombic-efficiency': SHORT,
};
const DIALECTS = ['gvn1', 'methodscript', 'keithley2400', 'zahner'];

mkdirSync(folder, { recursive: true });
for (const [protocol, parameters] of Object.entries(PROTOCOLS)) {
  for (const dialect of DIALECTS) record(protocol, dialect, parameters);
}

/**
 * @param {string} protocol
 * @param {string} dialect
 * @param {readonly string[]} parameters
 */
function record(protocol, dialect, parameters) {
  const scratch = mkdtempSync(join(tmpdir(), 'galvanode-wire-'));
  const out = join(scratch, 'run.db');
  const set = parameters.flatMap((parameter) => ['--set', parameter]);
  const options = ['--dialect', dialect, '--seed', '7', '--wire', '--out', out];
  const done = spawnSync(process.execPath, [command, 'simulate', protocol, ...options, ...set], {
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
