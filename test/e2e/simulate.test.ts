// Goal: `simulate` keeps its promises: one seed, one content hash; charge balanced to a millionth on the
// device's counter; the truth beside it. Method: the command of the README at full length (500 cycles, 1000 h
// of testing).

import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointOf, halfCyclesOf, isSealed, newestSeq, rowsOf } from './records.ts';
import { commandLine, createRig, type Rig, until } from './rig.ts';

interface Summary {
  readonly run: string;
  readonly seed: number;
  readonly state: string;
  readonly verdict: string;
  readonly reason: string;
  readonly simulatedHours: number;
  readonly cycles: number;
  readonly samples: number;
  readonly platedChargeAhPerCm2: number;
  readonly chargeImbalancePpm: number;
  readonly trueChargeImbalancePpm: number;
  readonly coulombicEfficiency: {
    readonly sumPct: number;
    readonly meanPct: number;
    readonly uPct: number;
    readonly cycles: number;
    readonly cyclesAbove100: number;
  } | null;
  readonly lifeHours: number;
  readonly life: { readonly failure: string | null; readonly isBound: boolean };
  readonly wallS: number;
  readonly speedFactor: number;
  readonly contentHash: string;
}

/** 1 mAh/cm2 on 1.13 cm2, and one ADC tick of 1 ms at 1.13 mA. */
const targetNc = 4_068_000_000;
const tickNc = 1130;
let rig: Rig;

beforeAll(() => {
  rig = createRig();
});

afterAll(() => {
  rig.end();
});

async function simulate(out: string, ...more: readonly string[]): Promise<Summary> {
  const args = ['symmetric-cycling', '--set', 'cycles=500', '--out', rig.file(out), '--json', ...more];
  return rig.json<Summary>('simulate', ...args);
}

describe('simulate symmetric-cycling, 500 cycles', () => {
  let first: Summary;

  beforeAll(async () => {
    first = await simulate('a.db', '--seed', '7');
  });

  it('prints every documented figure of 1000 h of testing', () => {
    expect(first).toMatchObject({ seed: 7, verdict: 'completed', cycles: 500, coulombicEfficiency: null });
    expect(first.simulatedHours).toBeGreaterThan(1000);
    // A sample every 10 s, at least.
    expect(first.samples).toBeGreaterThan(360_000);
    expect(first.samples).toBe(newestSeq(rig.file('a.db')));
    expect(first.platedChargeAhPerCm2).toBeCloseTo(0.5, 6);
    for (const figure of [first.wallS, first.speedFactor]) expect(figure).toBeGreaterThan(0);
    // 1000 h of main current, give or take the gain of the source; conditioning does not count.
    expect(Math.abs(first.lifeHours - 1000)).toBeLessThan(1);
    expect(first.life).toMatchObject({ failure: null, isBound: true });
    expect(typeof first.run).toBe('string');
    expect(typeof first.reason).toBe('string');
    expect(isSealed(rig.file('a.db'))).toBe(true);
  });

  it('gives the same content hash for the same seed, and another for another', async () => {
    expect(first.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await simulate('b.db', '--seed', '7')).contentHash).toBe(first.contentHash);
    expect((await simulate('c.db', '--seed', '8')).contentHash).not.toBe(first.contentHash);
  });

  it("balances the charge to 1 ppm on the device's counter, and shows the true figure beside it", () => {
    expect(first.chargeImbalancePpm).toBeLessThanOrEqual(1);
    // The default source has errors of its own, so the truth cannot be as good as the counter.
    expect(first.trueChargeImbalancePpm).toBeGreaterThan(1);
  });

  it("ends every half-cycle within one tick of 1 mAh/cm2 on the device's counter", () => {
    expectCyclesInTurn(rig.file('a.db'));
    const rows = halfCyclesOf(rig.file('a.db')).filter(({ phase }) => phase === 'cycling');
    expect(rows).toHaveLength(1000);
    for (const { number, half, end_q_nc, reason } of rows) {
      const error = end_q_nc - (half === 'plate' ? -targetNc : 0);
      // The tick itself carries the instrument's gain error, some hundred ppm of it.
      expect(Math.abs(error), `half-cycle ${number}`).toBeLessThanOrEqual(Math.ceil(tickNc * 1.001));
      expect(reason).toBe('net-charge');
    }
  });

  it('has a true imbalance of at most 1 ppm with an ideal instrument', async () => {
    const ideal = await simulate('ideal.db', '--seed', '7', '--instrument', 'ideal');
    expect(ideal.chargeImbalancePpm).toBeLessThanOrEqual(1);
    expect(ideal.trueChargeImbalancePpm).toBeLessThanOrEqual(1);
  });

  it('prints both imbalances to a reader without --json', async () => {
    const { stdout, stderr, code } = await rig.cli(
      ...['simulate', 'symmetric-cycling', '--set', 'cycles=2', '--out', rig.file('short.db')],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/imbalance [\d.e-]+ ppm on the device's counter, [\d.e-]+ ppm in truth/);
    expect(stderr).toContain('sqlite3 -readonly');
  });
});

describe('simulate coulombic-efficiency', () => {
  it('prints the efficiency of Zn||Cu with its uncertainty, and no digit beyond it', async () => {
    const args = [
      'coulombic-efficiency',
      '--cell-model',
      'zn-cu',
      '--set',
      'cycles=10',
      '--set',
      'wetting=0s',
    ];
    const out = ['--out', rig.file('ce.db'), '--json'];
    const { verdict, coulombicEfficiency } = await rig.json<Summary>('simulate', ...args, ...out);
    expect(verdict).toBe('completed');
    if (coulombicEfficiency === null) throw new Error('an efficiency was to be found');
    const { sumPct, meanPct, uPct, cycles, cyclesAbove100 } = coulombicEfficiency;
    expect([cycles, cyclesAbove100]).toEqual([10, 0]);
    // 400 ppm of gain in both directions and 150 ppm of 10 mA against 1.13 mA, rounded up.
    expect(uPct).toBe(0.3);
    for (const figure of [sumPct, meanPct]) {
      expect(figure).toBeGreaterThan(97);
      expect(figure).toBeLessThan(100);
      expect(Number(figure.toFixed(1))).toBe(figure);
    }
  });
});

it('simulate can be interrupted: exit 130, the file sealed, the verdict "stopped"', async () => {
  const out = rig.file('interrupted.db');
  const args = ['symmetric-cycling', '--set', 'cycles=200000', '--out', out, '--json'];
  const running = rig.launch(...commandLine('simulate', ...args));
  // The simulation has its file to itself: only the size tells that it is on its way.
  await until('a file that grows', () => sizeOf(out) > 2_000_000 || undefined);
  running.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130, signal: null });
  expect(JSON.parse(running.stdout())).toMatchObject({ state: 'stopped', verdict: 'stopped' });
  expect(checkpointOf(out)).toMatchObject({ state: 'stopped', verdict: 'stopped' });
  expect(isSealed(out)).toBe(true);
  expect(rowsOf(out, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

/** Conditioning comes before; the main cycles are numbered from 1. */
function expectCyclesInTurn(path: string): void {
  const rows = halfCyclesOf(path).filter(({ phase }) => phase === 'cycling');
  rows.forEach(({ cycle, half }, index) => {
    expect([cycle, half]).toEqual([Math.floor(index / 2) + 1, index % 2 === 0 ? 'plate' : 'strip']);
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
