// Goal: a run counts as recovered exactly where onset, verdict and efficiency are within what was promised.
// Method: a table of recovered runs beside what was scripted for them, on both sides of every bound.
import { describe, expect, it } from 'vitest';
import { judgeRun } from '../../../src/cli/literature-judge.ts';
import type { ScriptedEfficiency, ScriptedLife } from '../../../src/cli/literature-plan.ts';
import type { RecoveredRun } from '../../../src/cli/literature-task.ts';

const condition = { currentDensityMAPerCm2: 2, arealCapacityMAhPerCm2: 1 };
const short: ScriptedLife = {
  ...{ kind: 'life', hours: 100, qualifier: '=', condition, failure: 'hard-short' },
  ...{ isFailureStated: false, ourCondition: null },
};
const bound: ScriptedLife = { ...short, qualifier: '>', failure: null };
const efficiency: ScriptedEfficiency = {
  ...{ kind: 'efficiency', percent: 99.5, decimals: 1, qualifier: '=' },
  ...{ cycles: 200, cyclesQualifier: '=', condition },
};

function recovered(changes: Partial<RecoveredRun>): RecoveredRun {
  return {
    ...{ state: 'done', verdict: 'completed', reason: '-', hours: 100, isBound: false, efficiency: null },
    ...{ currentError: 0 },
    ...{ samples: 1, halfCycles: 200, bytes: 1, simulatedHours: 100, wallS: 1, contentHash: '-' },
    ...changes,
  };
}

function isRecovered(scripted: ScriptedLife | ScriptedEfficiency, changes: Partial<RecoveredRun>): boolean {
  return judgeRun(scripted, recovered(changes)).isRecovered;
}

describe('a scripted failure', () => {
  it.each([
    ['two half-cycles early', 99, true],
    ['two half-cycles late', 101, true],
    ['more than two half-cycles early', 98.9, false],
    ['more than two half-cycles late', 101.1, false],
  ])('found %s: %s h', (_where, hours, wanted) => {
    expect(isRecovered(short, { verdict: 'hard-short', hours })).toBe(wanted);
  });

  it('may be off by what the instrument leaves open of the current, beside', () => {
    const late = { verdict: 'hard-short', hours: 101.1 };
    expect(isRecovered(short, { ...late, currentError: 0.002 })).toBe(true);
    expect(isRecovered(short, { ...late, currentError: 0.0005 })).toBe(false);
  });

  it('must be found as what it was', () => {
    expect(isRecovered(short, { verdict: 'voltage-limit' })).toBe(false);
    expect(isRecovered({ ...short, failure: 'polarisation' }, { verdict: 'voltage-limit' })).toBe(true);
    expect(isRecovered({ ...short, failure: 'open-circuit' }, { verdict: 'voltage-limit' })).toBe(true);
    expect(isRecovered({ ...short, failure: 'fluctuating-shorts' }, { verdict: 'hard-short' })).toBe(true);
  });

  it('names what was found instead, with the reason of the run', () => {
    const { misses } = judgeRun(short, recovered({ verdict: 'voltage-limit', reason: 'at +1 V', hours: 90 }));
    expect(misses).toEqual([
      'verdict voltage-limit instead of hard-short (at +1 V)',
      'onset off by -20.0 half-cycles, allowed 2.0',
    ]);
  });
});

describe('a bound', () => {
  it('is kept by a run that goes past it and completes', () => {
    expect(isRecovered(bound, { hours: 102, isBound: true })).toBe(true);
    expect(isRecovered(bound, { hours: 99.9, isBound: true })).toBe(false);
    expect(isRecovered(bound, { hours: 102, verdict: 'hard-short' })).toBe(false);
  });
});

describe('a scripted efficiency', () => {
  const found = (percent: number, changes: Partial<ScriptedEfficiency> = {}): boolean =>
    isRecovered(
      { ...efficiency, ...changes },
      { efficiency: { percent, uncertaintyPercent: 0.01, cycles: 200 } },
    );

  it('is recovered within two uncertainties, above as below', () => {
    expect([found(99.481), found(99.519)]).toEqual([true, true]);
    expect([found(99.479), found(99.521)]).toEqual([false, false]);
  });

  it('that is printed as a bound may be exceeded, not missed', () => {
    expect(found(99.9, { qualifier: '>' })).toBe(true);
    expect(found(99.479, { qualifier: '>' })).toBe(false);
  });

  it('that is printed as approximate is held to what was scripted', () => {
    expect(found(100, { qualifier: '~', percent: 100 })).toBe(true);
    expect(found(99.9, { qualifier: '~', percent: 100 })).toBe(false);
  });

  it('needs every cycle and a run that completed', () => {
    expect(found(99.5, { cycles: 201 })).toBe(false);
    expect(isRecovered(efficiency, { efficiency: null })).toBe(false);
    const stopped = { efficiency: { percent: 99.5, uncertaintyPercent: 0.01, cycles: 200 } };
    expect(isRecovered(efficiency, { ...stopped, verdict: 'low-ce' })).toBe(false);
  });
});
