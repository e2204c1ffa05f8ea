// Which measurement loop each kind of step is, and how the instrument has to be set up for it. Signatures:
// PalmSens/MethodSCRIPT_Examples, MSLoopExample001 to 013 (MethodSCRIPT v1.8).
import {
  currentLiteral,
  timeLiteral,
  voltageLiteral,
} from '../../../frames/dialects/methodscript/literal.ts';
import type { ImpedanceMode, StepMode, SweepMode } from '../../../steps/step.ts';

/** What one script can go through without a change of mode; a rest goes with either. */
export type Technique = 'galvanostat' | 'potentiostat' | 'spectrum-of-voltage' | 'spectrum-of-current';

/** Steps that are loops with a reading each interval; a spectrum is none (compile-impedance.ts). */
export type LoopMode = Exclude<StepMode, ImpedanceMode>;

/** Shortest time between two readings of a loop. */
export const INTERVAL_MIN_US = 10_000;
/** `Z` and limits act at the end of an interval. */
export const INTERVAL_MAX_US = 1_000_000;

export interface Loop {
  readonly intervalUs: number;
  readonly runUs: number;
}

export function techniqueOf(mode: StepMode): Technique | null {
  if (mode.kind === 'rest') return null;
  if (mode.kind === 'eis') return `spectrum-of-${mode.bias.kind}`;
  return mode.kind === 'cc' ? 'galvanostat' : 'potentiostat';
}

/** `e` and `i` are its results; at open circuit there is no `i`. A sweep takes its times from its rate. */
export function loopCommand(mode: LoopMode, { intervalUs, runUs }: Loop): string {
  const time = `${timeLiteral(intervalUs)} ${timeLiteral(runUs)}`;
  switch (mode.kind) {
    case 'rest':
      return `meas_loop_ocp e ${time}`;
    case 'cc':
      return `meas_loop_cp e i ${currentLiteral(mode.currentPa)} ${time}`;
    case 'cv':
      return `meas_loop_ca e i ${voltageLiteral(mode.voltageNv)} ${time}`;
    case 'sweep':
      return sweepCommand(mode);
  }
}

function sweepCommand({ fromNv, verticesNv, stepNv, rateNvPerS, scans }: SweepMode): string {
  const corners = [fromNv, ...verticesNv].map((each) => voltageLiteral(each)).join(' ');
  const pace = `${voltageLiteral(stepNv)} ${voltageLiteral(rateNvPerS)}`;
  if (verticesNv.length === 1) return `meas_loop_lsv e i ${corners} ${pace}`;
  // Only with more than one scan are `C` and `-` in the output.
  const repeats = scans > 1 ? ` nscans(${scans})` : '';
  return `meas_loop_cv e i ${corners} ${pace}${repeats}`;
}

/** Why this instrument cannot do such a sweep, or not be stopped in time; null: it can. */
export function sweepRefusal(mode: SweepMode): string | null {
  const { verticesNv, scans } = mode;
  const intervalUs = sweepIntervalUs(mode);
  if (intervalUs > INTERVAL_MAX_US) return `a stair of the sweep takes ${intervalUs} us; take smaller ones`;
  if (verticesNv.length === 1 && scans === 1) return null;
  if (verticesNv.length === 2 && scans >= 1) return null;
  return `a sweep has one vertex and one scan, or two vertices; found ${verticesNv.length} and ${scans}`;
}

/** Corner to corner, there and back for each scan, µs; the first step is taken at once. */
export function sweepDurationUs({ fromNv, verticesNv, rateNvPerS, scans }: SweepMode): number {
  const corners = verticesNv.length === 1 ? [fromNv, ...verticesNv] : [fromNv, ...verticesNv, fromNv];
  const lengthNv = corners
    .slice(1)
    .reduce((sum, corner, index) => sum + Math.abs(corner - (corners[index] ?? 0)), 0);
  return Math.ceil((lengthNv / rateNvPerS) * 1e6) * scans;
}

/** The time between two readings of a sweep, µs. */
export function sweepIntervalUs({ stepNv, rateNvPerS }: SweepMode): number {
  return Math.ceil((stepNv / rateNvPerS) * 1e6);
}

/**
 * Sets the output to where a step begins, before the relay closes: no current has to flow at first. A
 * spectrum begins at rest and closes the relay by itself.
 */
export function cellOnLines(mode: StepMode): string[] {
  switch (mode.kind) {
    case 'rest':
    case 'eis':
      return ['cell_off'];
    case 'cc':
      return ['set_i 0', 'cell_on'];
    case 'cv':
      return [`set_e ${voltageLiteral(mode.voltageNv)}`, 'cell_on'];
    case 'sweep':
      return [`set_e ${voltageLiteral(mode.fromNv)}`, 'cell_on'];
  }
}

/** The largest |voltage| that a step sets by itself, nV. */
export function setVoltageNv(mode: StepMode): number {
  if (mode.kind === 'eis') return largestOf(mode).voltageNv;
  if (mode.kind === 'cv') return Math.abs(mode.voltageNv);
  if (mode.kind !== 'sweep') return 0;
  return Math.max(...[mode.fromNv, ...mode.verticesNv].map((each) => Math.abs(each)));
}

/**
 * The largest |voltage| (nV) and |current| (pA) that a spectrum sets; the amplitude is effective, its peak
 * more.
 */
export function largestOf({ bias }: ImpedanceMode): {
  readonly voltageNv: number;
  readonly currentPa: number;
} {
  const peak = Math.SQRT2;
  if (bias.kind === 'voltage')
    return { voltageNv: Math.abs(bias.voltageNv) + peak * bias.amplitudeNv, currentPa: 0 };
  return { voltageNv: 0, currentPa: Math.abs(bias.currentPa) + peak * bias.amplitudePa };
}
