// Goal: a hard short is found at the second half-cycle below the floor, dated to the first, and nothing
// else is. Method: rows made by hand fed to the reducer; conditioning, wear and single drops beside real
// shorts.

import { describe, expect, it } from 'vitest';
import type { AnalysedHalfCycle } from '../../../src/analysis/half-cycle-row.ts';
import {
  judgeHalfCycle,
  SHORT_FLOOR_START,
  shortDetail,
  type ShortFinding,
  type ShortFloorState,
  shortOnsetUs,
} from '../../../src/analysis/short-floor.ts';
import type { ShortFloorPlan } from '../../../src/steps/protocol.ts';
import { halfCycle, halfCycles, HOUR_US } from './rows.ts';

const PLAN: ShortFloorPlan = { ratioPpm: 150_000, halfCycles: 2, action: 'stop', areaUcm2: 1_000_000 };
const MV = 1_000_000;

function watch(
  rows: readonly AnalysedHalfCycle[],
  plan = PLAN,
): { findings: ShortFinding[]; state: ShortFloorState } {
  const findings: ShortFinding[] = [];
  let state = SHORT_FLOOR_START;
  for (const row of rows) {
    const judged = judgeHalfCycle(state, row, plan);
    state = judged.state;
    if (judged.finding !== null) findings.push(judged.finding);
  }
  return { findings, state };
}

/** Plateaus in mV by number; 50 mV where nothing is said. */
function plateaus(count: number, byNumber: (number: number) => number | null): AnalysedHalfCycle[] {
  return halfCycles(count, (number) => {
    const plateauMv = byNumber(number);
    return { plateauNv: plateauMv === null ? null : plateauMv * MV };
  });
}

describe('the short floor', () => {
  it('goes by size: an offset may turn the sign of a short, a large wrong sign is none', () => {
    expect(watch(plateaus(52, (number) => (number >= 51 ? -2 : 50))).findings).toHaveLength(1);
    expect(watch(plateaus(52, (number) => (number >= 51 ? -300 : 50))).findings).toEqual([]);
    expect(watch(plateaus(8, (number) => (number >= 5 ? -300 : 50))).findings).toEqual([]);
  });

  it('finds a short at the second half-cycle below 15 % of the baseline, and dates it to the first', () => {
    const { findings } = watch(plateaus(52, (number) => (number >= 51 ? 5 : 50)));
    expect(findings).toEqual([
      {
        halfCycle: 52,
        cycle: 26,
        half: 'strip',
        plateauNv: 5 * MV,
        baselineNv: 50 * MV,
        isProvisional: false,
        onsetUs: 50 * HOUR_US,
        count: 2,
      },
    ]);
  });

  it.each([
    ['just above the floor', (number: number) => (number > 50 ? 7.5 : 50)],
    ['below it once, and back', (number: number) => (number === 51 || number === 53 ? 2 : 50)],
    ['falling by 70 % while the films condition', (n: number) => 50 * (0.3 + 0.7 * Math.exp(-n / 10))],
    ['rising threefold with wear', (number: number) => 50 * (1 + number / 30)],
    ['of electrodes that differ tenfold', (number: number) => (number % 2 === 1 ? 100 : 10)],
  ])('finds nothing in a cell whose plateaus are %s', (_, plateauMv) => {
    expect(watch(plateaus(60, plateauMv)).findings).toEqual([]);
  });

  it('compares like with like: each polarity has a baseline of its own', () => {
    const { findings } = watch(plateaus(42, (n) => (n > 40 ? 12 : n % 2 === 1 ? 100 : 60)));
    // 12 mV is 12 % of the one and 20 % of the other.
    expect(findings).toEqual([]);
    const short = watch(plateaus(42, (n) => (n > 40 ? 8 : n % 2 === 1 ? 100 : 60)));
    expect(short.findings.map(({ half, baselineNv }) => [half, baselineNv])).toEqual([['strip', 60 * MV]]);
  });

  it('tells the short again with each further half-cycle, onset unchanged, until the cell recovers', () => {
    const { findings } = watch(plateaus(56, (n) => (n > 50 && n !== 54 ? 1 : 50)));
    expect(
      findings.map(({ halfCycle: number, count, onsetUs }) => [number, count, onsetUs / HOUR_US]),
    ).toEqual([
      [52, 2, 50],
      [53, 3, 50],
      [56, 2, 54],
    ]);
  });

  it('counts a plateau below zero as below the floor', () => {
    expect(watch(plateaus(52, (number) => (number > 50 ? -2 : 50))).findings).toHaveLength(1);
  });

  it.each<[string, Partial<AnalysedHalfCycle>]>([
    ['interrupted', { plateauNv: MV, isInterrupted: true }],
    ['without a plateau', { plateauNv: null }],
    ['of conditioning', { plateauNv: MV, phase: 'conditioning' }],
  ])('leaves out what is %s: it neither counts nor breaks a row', (_, changes) => {
    const calm = halfCycles(50);
    const [left, low] = [halfCycle(52, changes), { plateauNv: MV }];
    expect(watch([...calm, halfCycle(51, low), left]).findings).toEqual([]);
    const { findings } = watch([...calm, halfCycle(51, low), left, halfCycle(53, low)]);
    expect(findings.map(({ halfCycle: number, onsetUs }) => [number, onsetUs / HOUR_US])).toEqual([[53, 50]]);
    expect(watch([...calm, left, left, left]).state).toEqual(watch(calm).state);
  });

  it('asks for as many half-cycles in a row as its plan says', () => {
    const rows = plateaus(55, (number) => (number > 50 ? 1 : 50));
    expect(watch(rows, { ...PLAN, halfCycles: 4 }).findings.map(({ count }) => count)).toEqual([4, 5]);
  });
});

describe('the baseline of the short floor', () => {
  it('is provisional until half-cycle 40, then the median of 20 to 40, and stays', () => {
    const rising = (number: number): number => (number <= 40 ? 50 : 500);
    expect(watch(plateaus(39, rising)).state.frozenNv).toBeNull();
    const frozen = { plate: 50 * MV, strip: 50 * MV };
    expect(watch(plateaus(40, rising)).state.frozenNv).toEqual(frozen);
    expect(watch(plateaus(100, rising)).state.frozenNv).toEqual(frozen);
  });

  it('waits until the plateaus drift by less than 0.2 % a half-cycle', () => {
    // 100 mV falling by 0.5 % a half-cycle until number 60, then flat.
    const falling = (number: number): number => 100 * 0.995 ** Math.min(number, 60);
    expect(watch(plateaus(60, falling)).state.frozenNv).toBeNull();
    const { frozenNv } = watch(plateaus(90, falling)).state;
    expect((frozenNv?.plate ?? 0) / MV).toBeCloseTo(100 * 0.995 ** 60, 1);
  });

  it('leaves out the first two half-cycles, and those below the floor', () => {
    const { state } = watch(plateaus(6, (number) => (number <= 2 ? 500 : number === 5 ? 1 : 50)));
    expect(state.plateaus.map(({ number }) => number)).toEqual([3, 4, 6]);
    // 40 mV would be below 15 % of the 500 mV.
    expect(watch(plateaus(8, (number) => (number <= 2 ? 500 : 40))).findings).toEqual([]);
  });

  it('holds the latest 21 at most, however long it waits', () => {
    expect(watch(plateaus(500, (number) => 100 * 0.99 ** number)).state.plateaus).toHaveLength(21);
  });

  it('is plain JSON, and goes on from it', () => {
    const rows = plateaus(52, (number) => (number > 50 ? 1 : 50));
    const before = watch(rows.slice(0, 51)).state;
    const again = JSON.parse(JSON.stringify(before)) as ShortFloorState;
    expect(again).toEqual(before);
    const last = rows[51] ?? halfCycle(52);
    expect(judgeHalfCycle(again, last, PLAN)).toEqual(judgeHalfCycle(before, last, PLAN));
  });
});

describe('the absolute floor', () => {
  /** On 1 cm2 at 1 mA: 1 ohm cm2 is 1 mV. */
  const short = (plateauMv: number): AnalysedHalfCycle[] => plateaus(2, () => plateauMv);

  it('finds a cell that was shorted from the start, before there is any baseline', () => {
    const [finding] = watch(short(0.9)).findings;
    expect(finding).toMatchObject({ halfCycle: 2, baselineNv: null, isProvisional: true, onsetUs: 0 });
    expect(watch(short(1.1)).findings).toEqual([]);
  });

  it('is per area', () => {
    expect(watch(short(0.9), { ...PLAN, areaUcm2: 2_000_000 }).findings).toEqual([]);
    expect(watch(short(0.45), { ...PLAN, areaUcm2: 2_000_000 }).findings).toHaveLength(1);
  });

  it('is per current, which is charge by time', () => {
    const twice = short(1.9).map((row) => ({ ...row, chargeNc: 2 * row.chargeNc }));
    expect(watch(twice).findings).toHaveLength(1);
  });

  it('is asked only while the baseline is provisional: a good cell may be that good', () => {
    const thin = (number: number): number => (number <= 40 ? 3 : 0.9);
    expect(watch(plateaus(60, thin)).findings).toEqual([]);
    expect(watch(plateaus(38, (number) => (number <= 36 ? 3 : 0.9))).findings).toHaveLength(1);
  });

  it('says nothing of a half-cycle without charge', () => {
    expect(watch(halfCycles(2, () => ({ chargeNc: 0, plateauNv: 0 }))).findings).toEqual([]);
  });
});

describe('the event of a short', () => {
  const [finding] = watch(plateaus(52, (number) => (number >= 51 ? 5 : 50))).findings;

  it('tells its numbers in SI units, and its onset can be read again', () => {
    if (finding === undefined) throw new Error('a short was to be found');
    const detail = shortDetail(finding, PLAN);
    expect(detail).toEqual({
      verdict: 'hard-short',
      half_cycle: 52,
      cycle: 26,
      half: 'strip',
      v_mid_V: 0.005,
      baseline_V: 0.05,
      is_baseline_provisional: false,
      ratio: 0.15,
      half_cycles: 2,
      onset_s: 180_000,
      action: 'stop',
    });
    expect(shortOnsetUs({ kind: 'short-floor', detail })).toBe(50 * HOUR_US);
  });

  it.each<[string, unknown]>([
    ['state', { onset_s: 1 }],
    ['short-floor', null],
    ['short-floor', { onset_s: 'soon' }],
    ['short-floor', {}],
  ])('is not read from kind %s with %j', (kind, detail) => {
    expect(shortOnsetUs({ kind, detail })).toBeNull();
  });
});
