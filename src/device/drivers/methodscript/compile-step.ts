// One planned step as lines of MethodSCRIPT: its loops, its limits, and the marks by which the host tells
// where the script stands (script-output.ts reads them). Every loop ends by its own run time.
//
//   |- first 0.1 s -|------------ body, parts of 24 h at most ------------|- last 0.1 to 1.1 s -|
//     one reading       a reading each interval, limits are judged           one reading
//
// `timer_start` comes with every part: times are told to 1 us below 134 s, to 1 ms below 37.3 h.
import { assert } from '../../../base/assert.ts';
import type { HardLimits } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';
import { limitLines } from './compile-limits.ts';
import { frequencyMaxUs, SPECTRUM_VARIABLES, spectrumLines } from './compile-impedance.ts';
import { INTERVAL_MAX_US, loopCommand, sweepIntervalUs, type Loop, type LoopMode } from './techniques.ts';

/** Length of the first loop, and of the last at least: the edges of a step are measured. */
const EDGE_US = 100_000;
/** Shorter steps are one loop with a reading at least each EDGE_US. */
const SHORT_STEP_US = 20 * EDGE_US;
const INTERVAL_MIN_US = 10_000;
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
  const [{ intervalUs }, ...others] = body;
  const limits = limitLines(planned, { hard, intervalUs });
  const judged = (loop: Loop): string[] => [...limits.reset, ...loopLines(mode, loop, limits.judge)];
  const parts = others.map((loop) => [...timedMark(`s${planned.stepNumber} goes on`), ...judged(loop)]);
  return {
    begin: [...(first === null ? [] : loopLines(mode, first, [])), ...judged(body[0])],
    parts: last === null ? parts : [...parts, loopLines(mode, last, [])],
    variables: limits.counters,
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

function loopsOf({ durationUs, readingEveryUs }: PlannedStep, mode: LoopMode): Loops {
  assert(durationUs > 0, `a step must last, found ${durationUs} us`);
  if (mode.kind === 'sweep') {
    return { first: null, body: [{ intervalUs: sweepIntervalUs(mode), runUs: durationUs }], last: null };
  }
  const everyUs = intervalFor(readingEveryUs);
  if (durationUs <= SHORT_STEP_US) {
    const count = Math.ceil(durationUs / Math.min(everyUs, EDGE_US));
    const intervalUs = Math.floor(durationUs / count);
    return { first: null, body: [{ intervalUs, runUs: intervalUs * count }], last: null };
  }
  const intervals = Math.floor((durationUs - 2 * EDGE_US) / everyUs);
  const perPart = Math.floor(PART_MAX_US / everyUs);
  const loopOf = (count: number): Loop => ({ intervalUs: everyUs, runUs: count * everyUs });
  const whole = Array.from({ length: Math.ceil(intervals / perPart) - 1 }, () => loopOf(perPart));
  const bodyEnd = loopOf(intervals - whole.length * perPart);
  const [head, ...tail] = [...whole, bodyEnd];
  const lastUs = durationUs - EDGE_US - intervals * everyUs;
  return {
    first: { intervalUs: EDGE_US, runUs: EDGE_US },
    body: [head, ...tail],
    last: { intervalUs: lastUs, runUs: lastUs },
  };
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
