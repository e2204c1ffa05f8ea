// Goal: no byte of a sealed file can change unnoticed, wherever it lies: head, tables, indices, free space,
// the hashes themselves. Method: one bit of one byte at a time, in every part of every page, verified in
// process; test/e2e does the same through the command line.
import { chmodSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { verifyRun } from '../../../src/store/verify-run.ts';
import { commitOf, StoreRig, wholeStep } from './fixtures.ts';

const PAGE_BYTES = 4096;
const HEAD_BYTES = 100;
const PAGE_HEAD_BYTES = 8;
/** A prime, so that every place of a page has its turn. */
const STRIDE = 199;

it('shows every byte that was turned', { timeout: 120_000 }, () => {
  const path = sealedRun();
  const bytes = readFileSync(path);
  const file = openSync(path, 'r+');
  const put = (place: number, value: number): void => void writeSync(file, Buffer.from([value]), 0, 1, place);
  const unnoticed: number[] = [];
  const nameless: number[] = [];
  let trials = 0;
  for (let place = 0; place < bytes.length; place += 1) {
    const isHead = place < HEAD_BYTES || place % PAGE_BYTES < PAGE_HEAD_BYTES;
    if (!isHead && place % STRIDE !== 0) continue;
    const value = bytes[place] ?? 0;
    put(place, value ^ (1 << (place % 8)));
    const { differences } = verifyRun({ path, noted: () => null, onProgress: () => undefined });
    put(place, value);
    trials += 1;
    if (differences.length === 0) unnoticed.push(place);
    if (differences.some(({ where, detail }) => where === '' || detail === '')) nameless.push(place);
  }
  closeSync(file);
  expect({ unnoticed, nameless }).toEqual({ unnoticed: [], nameless: [] });
  expect(trials).toBeGreaterThan(600);
});

function sealedRun(): string {
  const rig = new StoreRig();
  rig.commit(wholeStep(1));
  rig.commit(
    commitOf({
      events: [{ timeUs: 1, kind: 'note', detail: {} }],
      gaps: [{ firstSeq: 361, count: 3, reason: 'ring' }],
    }),
  );
  rig.seal();
  chmodSync(rig.run.path, 0o644);
  return rig.run.path;
}
