// Goal: the line changes nothing. The same run over memory, TCP and a pty gives the same device-counted
// charges. Method: the same seed, instrument and channel three times through the command line, then the
// half-cycle tables side by side. The bench instrument, since its errors are what the counter would show a
// difference in.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { halfCyclesOf, reaches } from './records.ts';
import { createRig, type Rig, settingArguments, type SimulatorOptions } from './rig.ts';

const settings = { cycles: '3', areal_capacity: '0.1mAh/cm2', record_interval: '10s' };
const seed = 7;
let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

interface Charges {
  readonly cycle: number;
  readonly half: string;
  readonly charge_nc: number;
  readonly end_q_nc: number;
  readonly reason: string;
}

function chargesOf(path: string): readonly Charges[] {
  return halfCyclesOf(path).map(({ cycle, half, charge_nc, end_q_nc, reason }) => {
    return { cycle, half, charge_nc, end_q_nc, reason };
  });
}

async function overMemory(): Promise<readonly Charges[]> {
  const out = rig.file('memory.db');
  const args = ['--area', '1.13cm2', ...settingArguments(settings)];
  await rig.json('simulate', 'symmetric-cycling', ...args, '--seed', String(seed), '--out', out, '--json');
  return chargesOf(out);
}

async function over(line: Partial<SimulatorOptions>): Promise<readonly Charges[]> {
  const simulator = await rig.simulator({ speed: 600, seed, ...line });
  const daemon = await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }] });
  const { path } = await rig.startRun(settings);
  await reaches(path, 'done');
  for (const process of [daemon, simulator]) {
    process.kill('SIGTERM');
    await process.ended;
  }
  return chargesOf(path);
}

it('counts the same half-cycle charges on the device over memory, TCP and a pty', async () => {
  const memory = await overMemory();
  expect(memory.map(({ half }) => half)).toEqual(['plate', 'strip', 'plate', 'strip', 'plate', 'strip']);
  expect(await over({})).toEqual(memory);
  expect(await over({ pty: rig.file('cycler0') })).toEqual(memory);
  await rig.noProcessLeft();
});
