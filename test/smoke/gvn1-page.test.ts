// Goal: the page firmware-sim/GVN1.md suffices. Method: a stand-alone client, written from that page with the
// Python standard library alone, drives the emulator over a real pty through a plate and a strip and checks
// every line.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { cellLogOf } from '../e2e/records.ts';
import { createRig, type Rig, root } from '../e2e/rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

interface Report {
  readonly ok: boolean;
  readonly error: string | null;
  readonly problems: readonly string[];
  readonly samples: number;
  readonly ends: number;
  readonly crc_checked: number;
  readonly crc_bad: number;
  readonly half_cycle_charges_nc: readonly number[];
}

it('drives two half-cycles over a pty with a client that was written from the page alone', async () => {
  const cellLog = rig.file('cells.jsonl');
  const { port } = await rig.simulator({ speed: 10, pty: rig.file('cycler0'), cellLog });
  const client = rig.launch('python3', [`${root}/test/smoke/gvn1_client.py`, port]);
  const { code } = await client.ended;
  const report = JSON.parse(client.stdout()) as Report;
  expect(report, client.stderr()).toMatchObject({ ok: true, error: null, problems: [], crc_bad: 0, ends: 2 });
  expect(code).toBe(0);
  expect(report.crc_checked).toBeGreaterThan(20);
  expect(report.samples).toBeGreaterThanOrEqual(20);
  const [plate, strip] = report.half_cycle_charges_nc;
  expect(plate).toBeLessThan(0);
  expect(Math.abs((plate ?? 0) + (strip ?? 0))).toBeLessThanOrEqual(2 * 1130);
  expect(cellLogOf(cellLog).at(-1)).toMatchObject({ cell: 'off', why: 'end' });
});
