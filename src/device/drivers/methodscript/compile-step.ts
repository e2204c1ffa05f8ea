// One planned step as lines of MethodSCRIPT: its loops, its limits, and the marks by which the host tells
// where the script stands (script-output.ts reads them). Every loop ends by its own run time.
//
//   |- first 0.1 s -|------------ body, parts of 24 h at most ------------|- last 0.1 to 1.1 s -|
//     one reading       a reading each interval, limits are judged           one reading
//
// A burst is the first parts of the body: shorter intervals, and so in the first 0.1 s.
// `timer_start` comes with every part: times are told to 1 us below 134 s, to 1 ms below 37.3 h.
import { assert } from '../../../base/assert.ts';
import type { HardLimits } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';
import { type LimitLines, limitLines } from './compile-limits.ts';
import { frequencyMaxUs, SPECTRUM_VARIABLES, spectrumLines } from './compile-impedance.ts';
import {
  INTERVAL_MAX_US,
  INTERVAL_MIN_US,
  loopCommand,
  sweepIntervalUs,
  type Loop,
  type LoopMode,
} from './techniques.ts';

/** Length of the first loop, and of the last at least: the edges of a step are measured. */
const EDGE_US = 100_000;
/** Shorter steps are one loop with a reading at least each EDGE_US. */
const SHORT_STEP_US = 20 * EDGE_US;
/** A time beyond 37.3 h would be told in whole seconds. */
const PART_MAX_US = 24 * 3_600_000_000;
/** Above 2147 s a literal is in ms: intervals are too, so that a run time is a whole number of them. */
const INTERVAL_GRID_US = 1000;

export interface StepLines {
  /** Up to the end of the first loop that judges limits. */
  readonly begin: readonly string[];
  /** What follows, each unless a limit has struck before. */
  readonly parts: readonly (readonly string[])[];
  /** Variables besides those of every script. */
  readonly variables: readonly string[];
}

interface Loops {
  readonly first: Loop | null;
  readonly body: readonly [Loop, ...Loop[]];
  readonly last: Loop | null;
}

/** Lines of a step without what comes before and after it (compile-plan.ts). */
export function stepLines(planned: PlannedStep, hard: HardLimits): StepLines {
  const { mode } = planned.step;
  if (mode.kind === 'eis') {
    // What the cell rests at belongs to its spectrum, and is the sample of this step.
    const rest = loopLines({ kind: 'rest' }, { intervalUs: EDGE_US, runUs: EDGE_US }, []);
    return { begin: [...rest, ...spectrumLines(mode)], parts: [], variables: SPECTRUM_VARIABLES };
  }
  const { first, body, last } = loopsOf(planned, mode);
  const [head, ...others] = body;
  // A debounce is counted in readings, so by the interval of each loop.
  const limitsOf = ({ intervalUs }: Loop): LimitLines => limitLines(planned, { hard, intervalUs });
  const judged = (loop: Loop): string[] => {
    const { reset, judge } = limitsOf(loop);
    return [...reset, ...loopLines(mode, loop, judge)];
  };
  const parts = others.map((loop) => [...timedMark(`s${planned.stepNumber} goes on`), ...judged(loop)]);
  return {
    begin: [...(first === null ? [] : loopLines(mode, first, [])), ...judged(head)],
    parts: last === null ? parts : [...parts, loopLines(mode, last, [])],
    variables: [...new Set(body.flatMap((loop) => limitsOf(loop).counters))],
  };
}

/** Tells the time since the last `timer_start`, and starts it anew at that very time. */
export function timedMark(text: string): string[] {
  return ['timer_get t', 'timer_start', `send_string "${text}"`, 'pck_start', 'pck_add t', 'pck_end'];
}

/** Longest time between two lines of output while the step runs, µs. */
export function quietMaxUs({ readingEveryUs, step: { mode } }: PlannedStep): number {
  if (mode.kind === 'eis') return frequencyMaxUs(mode);
  return mode.kind === 'sweep' ? sweepIntervalUs(mode) : intervalFor(readingEveryUs) + EDGE_US;
}

function intervalFor(readingEveryUs: number): number {
  const boundedUs = Math.min(Math.max(readingEveryUs, INTERVAL_MIN_US), INTERVAL_MAX_US);
  return Math.floor(boundedUs / INTERVAL_GRID_US) * INTERVAL_GRID_US;
}

function loopsOf(planned: PlannedStep, mode: LoopMode): Loops {
  const { durationUs, readingEveryUs, burst } = planned;
  assert(durationUs > 0, `a step must last, found ${durationUs} us`);
  if (mode.kind === 'sweep') {
    return { first: null, body: [{ intervalUs: sweepIntervalUs(mode), runUs: durationUs }], last: null };
  }
  const everyUs = intervalFor(readingEveryUs);
  const burstUs = burst === undefined ? everyUs : intervalFor(burst.everyUs);
  if (durationUs <= SHORT_STEP_US) {
    const count = Math.ceil(durationUs / Math.min(burstUs, EDGE_US));
    const intervalUs = Math.floor(durationUs / count);
    return { first: null, body: [{ intervalUs, runUs: intervalUs * count }], last: null };
  }
  const firstEveryUs = burst === undefined ? EDGE_US : Math.min(burstUs, EDGE_US);
  const first = loopOf(firstEveryUs, Math.round(EDGE_US / firstEveryUs));
  const bodyUs = durationUs - first.runUs - EDGE_US;
  const burstForUs = Math.min(bodyUs, (burst?.forUs ?? 0) - first.runUs);
  const bursts = bodyParts(burstUs, Math.max(0, Math.floor(burstForUs / burstUs)));
  const steadyUs = bodyUs - runOf(bursts);
  const [head, ...tail] = [...bursts, ...bodyParts(everyUs, Math.floor(steadyUs / everyUs))];
  assert(head !== undefined, 'a step that is not short has a body');
  const lastUs = durationUs - first.runUs - runOf([head, ...tail]);
  return { first, body: [head, ...tail], last: { intervalUs: lastUs, runUs: lastUs } };
}

function loopOf(intervalUs: number, count: number): Loop {
  return { intervalUs, runUs: count * intervalUs };
}

/** So many intervals in loops of 24 h at most. */
function bodyParts(intervalUs: number, intervals: number): Loop[] {
  const perPart = Math.floor(PART_MAX_US / intervalUs);
  return Array.from({ length: Math.ceil(intervals / perPart) }, (_, index) =>
    loopOf(intervalUs, Math.min(perPart, intervals - index * perPart)),
  );
}

function runOf(loops: readonly Loop[]): number {
  return loops.reduce((sum, { runUs }) => sum + runUs, 0);
}

function loopLines(mode: LoopMode, loop: Loop, judge: readonly string[]): string[] {
  return [
    loopCommand(mode, loop),
    'timer_get t',
    'pck_start',
    'pck_add t',
    'pck_add e',
    ...(mode.kind === 'rest' ? [] : ['pck_add i']),
    'pck_end',
    ...judge,
    'endloop',
  ];
}
