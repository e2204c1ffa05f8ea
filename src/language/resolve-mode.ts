// What a step of a tree does, in integers: currents with their sign, voltages, sweeps, spectra. Pure; what
// cannot be done by any instrument (a current of nothing, a sweep without a way) is refused in words.
import { assert } from '../base/assert.ts';
import type { ImpedanceMode, StepMode, SweepMode } from '../steps/step.ts';
import { complain, isOfDimension, type Sheet, wholeOf } from './resolve-values.ts';
import type { CellKind, SourceMode } from './source-tree.ts';
import type { Place } from './expression.ts';

export interface ResolvedMode {
  readonly step: StepMode;
  readonly half: 'plate' | 'strip' | null;
}

/** `at` is the step, for what concerns all of it. */
export function resolveMode(
  sheet: Sheet,
  mode: SourceMode,
  { at, cellKind }: { readonly at: Place; readonly cellKind: CellKind },
): ResolvedMode | null {
  switch (mode.kind) {
    case 'rest':
      return { step: { kind: 'rest' }, half: null };
    case 'cc':
    case 'pulse':
      return currentMode(sheet, mode, { sign: 1, half: null });
    case 'plate':
    case 'strip':
      return currentMode(sheet, mode, { sign: signOf(mode.kind, cellKind), half: mode.kind });
    case 'cv': {
      const voltageNv = wholeOf(sheet, mode.voltage, 'voltage');
      return voltageNv === null ? null : { step: { kind: 'cv', voltageNv }, half: null };
    }
    case 'sweep':
      return sweepMode(sheet, mode, at);
    case 'eis':
      return impedanceMode(sheet, mode, at);
  }
}

/**
 * Positive current is anodic at the working electrode. That is the zinc in zinc cells, where it strips; in a
 * full cell it is the other one, so that charging plates the zinc (electrochem notes, sign).
 */
export function signOf(half: 'plate' | 'strip', cellKind: CellKind): 1 | -1 {
  const isZincWorking = cellKind !== 'full-cell';
  return (half === 'strip') === isZincWorking ? 1 : -1;
}

function currentMode(
  sheet: Sheet,
  mode: Extract<SourceMode, { kind: 'cc' | 'pulse' | 'plate' | 'strip' }>,
  { sign, half }: { readonly sign: 1 | -1; readonly half: ResolvedMode['half'] },
): ResolvedMode | null {
  const found = wholeOf(sheet, mode.current, 'current');
  if (found === null) return null;
  if (found === 0) {
    complain(
      sheet,
      mode.current.at,
      'this current is 0; write a rest instead, or leave the step out with "when"',
    );
    return null;
  }
  if (half !== null && found < 0) {
    complain(
      sheet,
      mode.current.at,
      `"${mode.kind}" takes a magnitude and has its sign itself; write no minus`,
    );
    return null;
  }
  return { step: { kind: 'cc', currentPa: sign * found }, half };
}

function sweepMode(
  sheet: Sheet,
  mode: Extract<SourceMode, { kind: 'sweep' }>,
  at: Place,
): ResolvedMode | null {
  const fromNv = wholeOf(sheet, mode.from, 'voltage');
  const verticesNv = mode.to.map((vertex) => wholeOf(sheet, vertex, 'voltage'));
  const rateNvPerS = wholeOf(sheet, mode.rate, 'scanRate');
  const stepNv = wholeOf(sheet, mode.step, 'voltage');
  const scans = mode.scans === null ? 1 : wholeOf(sheet, mode.scans, 'count');
  if (fromNv === null || rateNvPerS === null || stepNv === null || scans === null) return null;
  const vertices = verticesNv.filter((vertex) => vertex !== null);
  if (vertices.length < verticesNv.length) return null;
  const step: SweepMode = { kind: 'sweep', fromNv, verticesNv: vertices, rateNvPerS, stepNv, scans };
  const problem = sweepProblem(step);
  if (problem === null) return { step, half: null };
  complain(sheet, at, problem);
  return null;
}

function sweepProblem({ fromNv, verticesNv, rateNvPerS, stepNv, scans }: SweepMode): string | null {
  if (verticesNv.length < 1 || verticesNv.length > 2) {
    return `a sweep goes to one voltage (linear) or two (cyclic); found ${verticesNv.length}`;
  }
  if (rateNvPerS <= 0) return 'the rate of a sweep is more than 0; its direction is that of its voltages';
  if (stepNv <= 0) return 'the step (stair) of a sweep is more than 0, e.g. "step: 1 mV"';
  if (scans < 1) return `a sweep has 1 scan or more; found ${scans}`;
  if (verticesNv.length === 1 && scans > 1)
    return 'a linear sweep has one scan; write two voltages under "to"';
  const way = [fromNv, ...verticesNv];
  const hasStill = way.some((voltage, index) => index > 0 && voltage === way[index - 1]);
  return hasStill ? 'two voltages of this sweep in a row are the same; it would go nowhere' : null;
}

const FREQUENCY_LEAST_MILLIHZ = 1;
const POINTS_MOST = 1000;

function impedanceMode(
  sheet: Sheet,
  mode: Extract<SourceMode, { kind: 'eis' }>,
  at: Place,
): ResolvedMode | null {
  const bias = biasOf(sheet, mode);
  const fromMilliHz = wholeOf(sheet, mode.from, 'frequency');
  const toMilliHz = wholeOf(sheet, mode.to, 'frequency');
  const points = wholeOf(sheet, mode.points, 'count');
  if (bias === null || fromMilliHz === null || toMilliHz === null || points === null) return null;
  const amplitude = bias.kind === 'voltage' ? bias.amplitudeNv : bias.amplitudePa;
  const arePoints = points >= 1 && points <= POINTS_MOST;
  const isSound = Math.min(fromMilliHz, toMilliHz) >= FREQUENCY_LEAST_MILLIHZ && arePoints && amplitude > 0;
  if (isSound) return { step: { kind: 'eis', bias, fromMilliHz, toMilliHz, points }, half: null };
  const found = 'a spectrum has frequencies of 1 mHz or more, an amplitude above 0';
  complain(sheet, at, `${found}, and 1 to ${POINTS_MOST} points`);
  return null;
}

function biasOf(sheet: Sheet, mode: Extract<SourceMode, { kind: 'eis' }>): ImpedanceMode['bias'] | null {
  if (isOfDimension(sheet, mode.bias, 'current')) {
    const currentPa = wholeOf(sheet, mode.bias, 'current');
    const amplitudePa = wholeOf(sheet, mode.amplitude, 'current');
    return currentPa === null || amplitudePa === null ? null : { kind: 'current', currentPa, amplitudePa };
  }
  const voltageNv = wholeOf(sheet, mode.bias, 'voltage');
  const amplitudeNv = wholeOf(sheet, mode.amplitude, 'voltage');
  return voltageNv === null || amplitudeNv === null ? null : { kind: 'voltage', voltageNv, amplitudeNv };
}

/**
 * How long a step takes that ends by itself; null: its limits end it. A bound leaves room for an
 * instrument.
 */
export function naturalBoundOf(
  mode: StepMode,
): { readonly durationMaxUs: number; readonly durationExpectedUs: number } | null {
  if (mode.kind === 'sweep') {
    const durationExpectedUs = sweepUs(mode);
    return {
      durationExpectedUs,
      durationMaxUs: durationExpectedUs + Math.ceil(durationExpectedUs / 10) + 1e6,
    };
  }
  if (mode.kind !== 'eis') return null;
  const durationExpectedUs = spectrumUs(mode);
  return { durationExpectedUs, durationMaxUs: 3 * durationExpectedUs + 60_000_000 };
}

function sweepUs({ fromNv, verticesNv, rateNvPerS, scans }: SweepMode): number {
  const way = verticesNv.length === 1 ? [fromNv, ...verticesNv] : [fromNv, ...verticesNv, fromNv];
  const lengthNv = way.reduce(
    (sum, voltage, index) => sum + Math.abs(voltage - (way[index - 1] ?? voltage)),
    0,
  );
  return Math.max(1, Math.ceil((lengthNv / rateNvPerS) * 1e6) * scans);
}

/** Three periods and half a second a point: what instruments take, within a factor. */
function spectrumUs({ fromMilliHz, toMilliHz, points }: ImpedanceMode): number {
  assert(fromMilliHz > 0 && toMilliHz > 0 && points <= POINTS_MOST, 'a spectrum is sound before it is timed');
  let sumUs = 0;
  for (let index = 0; index < points; index += 1) {
    const share = points === 1 ? 0 : index / (points - 1);
    sumUs += 3e9 / (fromMilliHz * (toMilliHz / fromMilliHz) ** share) + 500_000;
  }
  return Math.ceil(sumUs);
}
