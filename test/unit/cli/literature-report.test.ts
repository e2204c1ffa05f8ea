// Goal: a reader sees what was printed, what we chose, what was recovered and what was refused, and never
// takes a replay for evidence. Method: report a few systems of the real plan with made-up outcomes and read
// the text.
import { describe, expect, it } from 'vitest';
import { readLiterature } from '../../../src/analysis/literature/literature.ts';
import { exitCodeOf } from '../../../src/cli/literature-options.ts';
import { VERDICT_OF } from '../../../src/cli/literature-judge.ts';
import { type PlannedRun, planReplay } from '../../../src/cli/literature-plan.ts';
import { reportPopulation } from '../../../src/cli/literature-populations.ts';
import type { TaskOutcome } from '../../../src/cli/literature-pool.ts';
import {
  COLUMNS,
  legendOf,
  lineOf,
  linesOf,
  remarksOf,
  reportSystem,
  summarise,
  type SystemReport,
} from '../../../src/cli/literature-report.ts';
import {
  MISSED_BY_CHANCE_ONE_IN,
  planPopulations,
  populationFigures,
} from '../../../src/cli/literature-stochastic.ts';
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

/** What takes most room: seven digits of samples, an uncertainty in the third decimal. */
function widest({ scripted }: PlannedRun): TaskOutcome {
  const long = { samples: 8_888_888, hours: 0, verdict: 'completed' };
  if (scripted.kind === 'efficiency') {
    const efficiency = { percent: 100, uncertaintyPercent: 0.0061, cycles: scripted.cycles };
    return { ok: true, recovered: recovered({ ...long, efficiency }) };
  }
  const { failure, hours } = scripted;
  const verdict = failure === null ? 'completed' : VERDICT_OF[failure];
  return { ok: true, recovered: recovered({ ...long, verdict, hours, isBound: failure === null }) };
}

const short: TaskOutcome = { ok: true, recovered: recovered({ verdict: 'hard-short', hours: 2000.04 }) };
const efficiency = { percent: 99.8304, uncertaintyPercent: 0.0061, cycles: 900 };
const strip: TaskOutcome = { ok: true, recovered: recovered({ efficiency, isBound: true }) };

describe('a line', () => {
  it('sets recovered beside scripted, and prints no digit of an efficiency beyond its uncertainty', () => {
    expect(lineOf(report('1/146', short, strip))).toEqual([
      ...['1/146', 'SA@Cu', '2000 hard-short*', '2000.04 hard-short'],
      ...['99.83% x900', '99.830 ± 0.007', '12000', '1.00e6', 'recovered'],
    ]);
  });

  it('keeps bounds and approximate figures as printed', () => {
    const bound: TaskOutcome = { ok: true, recovered: recovered({ hours: 6506, isBound: true }) };
    const line = lineOf(report('1/158', bound, null));
    expect(line.slice(2, 5)).toEqual(['>6500', '>6506.00 completed', '~100% x>1000']);
    expect(line[8]).toBe('undone');
  });

  it('fits into 120 columns at the largest figures, and leaves names whole where there is room', () => {
    const reports = systems.map((system) => reportSystem(system, widest));
    const widthOf = (lines: readonly (readonly string[])[]): number =>
      COLUMNS.map((heading, column) =>
        Math.max(heading.length, ...lines.map((line) => line[column]?.length ?? 0)),
      ).reduce((sum, width) => sum + width + 2, -2);
    expect(widthOf(linesOf(reports))).toBeLessThanOrEqual(120);
    expect(widthOf(reports.map(lineOf))).toBeGreaterThan(120);
    expect(linesOf([report('c064', short)])[0]?.[1]).toBe('MXene@Zn-p');
  });

  it('does not mark a failure that the text states', () => {
    expect(lineOf(report('c063', short))[2]).toBe('33 polarisation');
  });
});

describe('the legend', () => {
  const bound: TaskOutcome = { ok: true, recovered: recovered({ hours: 6506, isBound: true }) };

  it('says "end reason not stated" wherever a duration was given a failure by us, and only there', () => {
    expect(legendOf([report('1/146', short, strip)])).toEqual([
      expect.stringMatching(/^\*: end reason not stated.* the failure is our choice\.$/),
    ]);
    expect(legendOf([report('c063', short)]).join()).not.toContain('not stated');
    expect(legendOf([report('2/254', bound)]).join()).not.toContain('not stated');
  });

  it('says what a bound shows, and what to do about a miss', () => {
    expect(legendOf([report('2/254', bound)])).toEqual([expect.stringContaining('planned past it')]);
    const missed: TaskOutcome = { ok: true, recovered: recovered({ verdict: 'voltage-limit', hours: 3 }) };
    const legend = legendOf([report('c063', missed), report('c008', missed)]);
    expect(legend).toEqual([expect.stringContaining('repeat it with --ref N --out FOLDER')]);
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

  it('names no distance from the script where nothing was there to be off', () => {
    const summary = summarise([report('c063', short)], 2);
    expect(summary.onsetErrorHalfCycles).toBeGreaterThan(0);
    expect(summary.efficiencyErrorUncertainties).toBeNull();
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

  it('say how often chance alone puts the median outside: three lives at most on one side of it', () => {
    // 1 + 20 + 190 + 1140 of 2^20 outcomes, on either side.
    expect(MISSED_BY_CHANCE_ONE_IN).toBe(Math.round(2 ** 20 / (2 * 1351)));
  });

  it('fail where a cell ended by anything but the short that was drawn', () => {
    if (first === undefined) throw new Error('there are populations');
    const outcomes = Array.from({ length: 20 }, (): TaskOutcome => ({ ok: true, recovered: recovered() }));
    const failed = reportPopulation(first, outcomes);
    expect(failed.status).toBe('failed');
    expect(failed.reasons[0]).toBe('cell 1: verdict completed (all cycles done)');
  });
});
