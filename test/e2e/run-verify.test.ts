// Goal: `run verify` proves a sealed file whole, by the hashes that the documentation lets anybody repeat
// with sqlite3, sed and sha256sum, and names what differs with exit code 9. Method: a simulated run, bytes of
// it turned all over the file, verified by the real command line; and files that are no run.

import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRig, type Rig } from './rig.ts';

const run = promisify(execFile);
const TURNED = 12;
/** Any odd number of this size walks through the file without coming back soon. */
const STRIDE = 7_654_321;
let rig: Rig;
let path: string;

interface Verified {
  readonly isWhole: boolean;
  readonly extent: string;
  readonly blocks: number;
  readonly head: string;
  readonly differences: readonly { readonly kind: string; readonly where: string; readonly detail: string }[];
}

beforeAll(async () => {
  rig = createRig();
  path = rig.file('a.db');
  await rig.json('simulate', 'symmetric-cycling', '--set', 'cycles=10', '--out', path, '--json');
});

afterAll(() => {
  rig.end();
});

async function shell(script: string): Promise<string> {
  return (await run('sh', ['-c', script, 'sh', path])).stdout.trim();
}

it('says of a sealed file that it is whole', async () => {
  const found = await rig.json<Verified>('run', 'verify', path, '--json');
  expect(found).toMatchObject({ isWhole: true, extent: 'sealed', differences: [] });
  expect(found.blocks).toBeGreaterThan(0);
  const told = await rig.cli('run', 'verify', path);
  expect(told).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is whole and untouched') as string,
  });
});

it('has the hashes that sqlite3, sed and sha256sum have', async () => {
  const block = await shell(
    `sqlite3 -readonly "$1" 'select json_array(seq0, n, prev_sha256) from block where seq0 = 1;
       select json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) from sample
         where seq between 1 and 4096 order by seq' | head -c -1 | sha256sum`,
  );
  expect(block.split(' ')[0]).toBe(
    await shell(`sqlite3 -readonly "$1" 'select sha256 from block where seq0 = 1'`),
  );
  const file = await shell(`D=$(sqlite3 -readonly "$1" "select sha256 from seal where \\"table\\" = '(file)'")
    echo $D; LC_ALL=C sed "s/$D/$(printf %064d 0)/" "$1" | sha256sum`);
  const [said, found] = file.split('\n');
  expect(found?.split(' ')[0]).toBe(said);
});

it('names what differs wherever a byte was turned, and exits with 9', async () => {
  const bytes = readFileSync(path);
  const copy = rig.file('turned.db');
  for (let turn = 0; turn < TURNED; turn += 1) {
    const place = (turn * STRIDE) % bytes.length;
    const turned = Buffer.from(bytes);
    turned[place] = (turned[place] ?? 0) ^ (1 << (turn % 8));
    writeFileSync(copy, turned);
    // One after the other: a process each.
    // oxlint-disable-next-line no-await-in-loop
    const { code, stdout } = await rig.cli('run', 'verify', copy, '--json');
    expect({ place, code }).toEqual({ place, code: 9 });
    expect((JSON.parse(stdout) as Verified).differences[0]?.where).toMatch(
      /^(file|pages|block|table|seal|schema)/,
    );
  }
});

it('names the block of an altered sample in words', async () => {
  const copy = rig.file('altered.db');
  writeFileSync(copy, readFileSync(path));
  chmodSync(copy, 0o644);
  await run('sqlite3', [copy, 'update sample set v_nv = v_nv + 1 where seq = 17']);
  const { code, stdout, stderr } = await rig.cli('run', 'verify', copy);
  expect(code).toBe(9);
  expect(stdout).toMatch(/^block 0 \(samples 1 to 4096, .* h\): does not have the hash of its samples$/m);
  expect(stderr).toContain('is not as it was written');
});

it('takes any file for what it is', async () => {
  for (const content of ['', 'a text', 'x'.repeat(10_000)]) {
    const odd = rig.file('odd.db');
    writeFileSync(odd, content);
    // oxlint-disable-next-line no-await-in-loop
    expect(await rig.cli('run', 'verify', odd)).toMatchObject({ code: 9, signal: null });
  }
  expect(await rig.cli('run', 'verify', rig.file('none.db'))).toMatchObject({ code: 2 });
});
