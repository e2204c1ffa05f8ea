// What must be true of the record of any run, whatever happened to it.
import { expect } from 'vitest';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import type { HalfCycleRow, StepRow } from '../../src/store/row-readers.ts';
import type { RunReader, SampleRows } from '../../src/store/readers.ts';

const ALL = 100_000;

export interface RunRecord {
  readonly steps: readonly StepRow[];
  readonly halfCycles: readonly HalfCycleRow[];
  readonly samples: SampleRows;
}

export function recordOf(reader: RunReader): RunRecord {
  const samples = reader.samplesFrom(1, ALL);
  return { steps: reader.steps(1, ALL), halfCycles: reader.halfCycles(1, ALL), samples };
}

/** Numbers without hole or repetition, samples within their steps, time rising, half-cycles in turn. */
export function expectContiguous(reader: RunReader): RunRecord {
  const record = recordOf(reader);
  const { steps, halfCycles, samples } = record;
  expect(steps.map(({ stepNumber }) => stepNumber)).toEqual(steps.map((_, index) => index + 1));
  expect(halfCycles.map(({ number }) => number)).toEqual(halfCycles.map((_, index) => index + 1));
  const missing = reader
    .gaps()
    .flatMap(({ firstSeq, count }) => Array.from({ length: count }, (_, index) => firstSeq + index));
  const numbers = [...samples.seq, ...missing].sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expectSamplesInSteps(record);
  const cycling = halfCycles.filter(({ phase }) => phase === 'cycling');
  const turns = cycling.map(({ cycle, half }) => `${cycle} ${half}`);
  expect(new Set(turns).size, 'no half-cycle twice').toBe(turns.length);
  return record;
}

function expectSamplesInSteps({ steps, samples }: RunRecord): void {
  const byNumber = new Map(steps.map((step) => [step.stepNumber, step]));
  let lastUs = -1;
  samples.seq.forEach((seq, index) => {
    const step = byNumber.get(samples.step[index] ?? 0);
    const timeUs = samples.timeUs[index] ?? -1;
    const isInside =
      step !== undefined &&
      seq >= step.firstSeq &&
      (step.lastSeq === null || seq <= step.lastSeq) &&
      timeUs > step.startUs &&
      (step.endUs === null || timeUs <= step.endUs);
    if (!isInside || timeUs <= lastUs) {
      expect.fail(`sample ${seq} at ${timeUs} us does not belong to step ${JSON.stringify(step)}`);
    }
    lastUs = timeUs;
  });
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (next !== undefined && step.lastSeq !== null) expect(next.firstSeq).toBe(step.lastSeq + 1);
  }
}

/** `plate 1, strip 1, plate 2 …` */
export function turnsOf(record: RunRecord): string[] {
  return record.halfCycles.map(({ half, cycle }) => `${half} ${cycle}`);
}

export function expectedTurns(cycles: number): string[] {
  return Array.from({ length: cycles }, (_, index) => [`plate ${index + 1}`, `strip ${index + 1}`]).flat();
}

/** The relay of the channel, by the simulator's own log. */
export function isCellOpen(log: readonly CellLogEntry[]): boolean {
  return log.at(-1)?.cell === 'off';
}

/** The largest current that was ever set. */
export function largestCurrentPa(log: readonly CellLogEntry[]): number {
  return Math.max(0, ...log.map(({ i_pa }) => Math.abs(i_pa)));
}
