// Goal: a reader sees what was printed, what we chose, what was recovered and what was refused, and never
// takes a replay for evidence. Method: report a few systems of the real plan with made-up outcomes and read
// the text.
import { describe, expect, it } from 'vitest';
import { readLiterature } from '../../../src/analysis/literature/literature.ts';
import { exitCodeOf } from '../../../src/cli/literature-options.ts';
import { planReplay } from '../../../src/cli/literature-plan.ts';
import { reportPopulation } from '../../../src/cli/literature-populations.ts';
import type { TaskOutcome } from '../../../src/cli/literature-pool.ts';
import {
  lineOf,
  remarksOf,
  reportSystem,
  summarise,
  type SystemReport,
} from '../../../src/cli/literature-report.ts';
import { planPopulations, populationFigures } from '../../../src/cli/literature-stochastic.ts';
import type { RecoveredRun } from '../../../src/cli/literature-task.ts';

const literature = readLiterature();
const settings = { seed: 1, instrument: 'reference', recordUs: 60_000_000 } as const;
const systems = planReplay(literature, settings);

function recovered(changes: Partial<RecoveredRun> = {}): RecoveredRun {
  return {
    ...{ state: 'done', verdict: 'completed', reason: 'all cycles done', hours: 100, isBound: false },
    ...{ efficiency: null, currentError: 0, contentHash: '-' },
    ...{ samples: 6000, halfCycles: 100, bytes: 120_000, simulatedHours: 100, wallS: 0.36 },
    ...changes,
  };
}

/** The system with these outcomes of its symmetric and its asymmetric run. */
function report(
  id: string,
  symmetric: TaskOutcome | null,
  asymmetric: TaskOutcome | null = null,
): SystemReport {
  const system = systems.find((candidate) => candidate.id === id);
  if (system === undefined) throw new Error(`no system ${id}`);
  return reportSystem(system, (run) => (run.scripted.kind === 'life' ? symmetric : asymmetric));
}

const short: TaskOutcome = { ok: true, recovered: recovered({ verdict: 'hard-short', hours: 2000.04 }) };
const efficiency = { percent: 99.8304, uncertaintyPercent: 0.0061, cycles: 900 };
const strip: TaskOutcome = { ok: true, recovered: recovered({ efficiency, isBound: true }) };

describe('a line', () => {
  it('sets recovered beside scripted, and prints no digit of an efficiency beyond its uncertainty', () => {
    expect(lineOf(report('1/146', short, strip))).toEqual([
      ...['1/146', 'SA@Cu', '2000 h hard-short*', '2000.04 h hard-short'],
      ...['99.83 % x 900', '99.830 ± 0.007 % x 900', '12000', '1.00e6 x', 'recovered'],
    ]);
  });

  it('keeps bounds and approximate figures as printed', () => {
    const bound: TaskOutcome = { ok: true, recovered: recovered({ hours: 6506, isBound: true }) };
    const line = lineOf(report('1/158', bound, null));
    expect(line.slice(2, 5)).toEqual(['>6500 h', '>6506.00 h completed', '~100 % x >1000']);
    expect(line[8]).toBe('recovered, undone');
  });

  it('does not mark a failure that the text states', () => {
    expect(lineOf(report('c063', short))[2]).toBe('33 h polarisation');
  });
});

describe('the remarks', () => {
  it("give the row's own note for a refusal", () => {
    const bound: TaskOutcome = { ok: true, recovered: recovered({ hours: 1503, isBound: true }) };
    expect(remarksOf([report('2/254', bound)])).toEqual([
      "2/254 asymmetric refused: Current density of the asymmetric cell is printed as '-'.",
    ]);
  });

  it('tell choices, misses and failures', () => {
    const missed: TaskOutcome = { ok: true, recovered: recovered({ verdict: 'voltage-limit', hours: 900 }) };
    const crashed: TaskOutcome = { ok: false, reason: 'the worker process ended (SIGKILL)' };
    expect(remarksOf([report('c008', missed), report('1/150', short, crashed)])).toEqual([
      'c008 symmetric: our choice: areal capacity of table 1, ref 146, whose control it is',
      'c008 symmetric missed: verdict voltage-limit instead of hard-short (all cycles done)',
      expect.stringContaining('1/150 symmetric missed: verdict hard-short instead of'),
      expect.stringContaining('1/150 symmetric missed: onset off by -1999.9 half-cycles'),
      '1/150 asymmetric: printed as approximate, run at 100 %',
      '1/150 asymmetric failed: the worker process ended (SIGKILL)',
    ]);
  });
});

describe('the summary', () => {
  it('counts every run once and adds up what ran', () => {
    const crashed: TaskOutcome = { ok: false, reason: '-' };
    const summary = summarise([report('1/146', short, strip), report('2/254', crashed)], 2);
    expect(summary).toMatchObject({
      ...{ systems: 2, runs: 4, recovered: 2, missed: 0, refused: 1, failed: 1, undone: 0 },
      ...{ samples: 12_000, samplesPerS: 6000, bytesPerSample: 20, speedFactor: 360_000 },
      ...{ onsetErrorHalfCycles: 0.04, efficiencyErrorUncertainties: 0.07 },
    });
  });

  it.each([
    [0, null, false, false],
    [9, null, false, true],
    [1, null, true, true],
    [130, 'SIGINT', true, true],
    [143, 'SIGTERM', false, false],
  ] as const)('ends with exit code %i', (code, signal, hasFailed, hasMissed) => {
    expect(exitCodeOf({ signal, hasFailed, hasMissed })).toBe(code);
  });
});

describe('populations', () => {
  const populations = planPopulations(literature, settings);
  const [first] = populations;

  it('are drawn for the 66 rows that print a duration: 20 cells, one plan, different seeds', () => {
    expect(populations).toHaveLength(66);
    for (const { tasks } of populations) {
      expect(new Set(tasks.map(({ seed }) => seed)).size).toBe(20);
      expect(new Set(tasks.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(1);
    }
  });

  it('show median, spread, and the interval of order statistics that encloses the true median', () => {
    const lives = Array.from({ length: 20 }, (_, index) => 20 - index);
    const figures = populationFigures(lives);
    expect(figures).toMatchObject({ medianHours: 10.5, medianIntervalHours: [4, 17] });
    expect(figures.intervalHours[0]).toBeCloseTo(1.95, 9);
    expect(figures.intervalHours[1]).toBeCloseTo(19.05, 9);
  });

  it('miss only where the scripted median is outside that interval', () => {
    if (first === undefined) throw new Error('there are populations');
    const status = (hoursOf: (index: number) => number): string => {
      const outcomes = Array.from({ length: 20 }, (_, index): TaskOutcome => {
        return { ok: true, recovered: recovered({ verdict: 'hard-short', hours: hoursOf(index) }) };
      });
      return reportPopulation(first, outcomes).status;
    };
    const { medianHours } = first;
    expect(status((index) => medianHours + (index < 4 ? -1 : 1))).toBe('recovered');
    expect(status((index) => medianHours + (index < 3 ? -1 : 1))).toBe('missed');
    expect(status((index) => medianHours + (index < 17 ? -1 : 1))).toBe('missed');
  });

  it('fail where a cell ended by anything but the short that was drawn', () => {
    if (first === undefined) throw new Error('there are populations');
    const outcomes = Array.from({ length: 20 }, (): TaskOutcome => ({ ok: true, recovered: recovered() }));
    const failed = reportPopulation(first, outcomes);
    expect(failed.status).toBe('failed');
    expect(failed.reasons[0]).toBe('cell 1: verdict completed (all cycles done)');
  });
});
