// The short floor: a cell whose plateau has fallen to a small part of its own baseline, half-cycle after
// half-cycle, is hard-shorted. A pure reducer over half-cycle rows; it can be run again over a stored record.
// Steps inside a half-cycle, drops that recover and fitted conductances are the full short watch: later work.
import { assert } from '../base/assert.ts';
import type { ShortFloorPlan } from '../steps/protocol.ts';
import { type AnalysedHalfCycle, isMain } from './half-cycle-row.ts';
import { median } from './half-cycle-features.ts';

type Half = AnalysedHalfCycle['half'];

/** Plain JSON. Numbers count main half-cycles that were judged, of both polarities together, from 1. */
export interface ShortFloorState {
  readonly judged: number;
  /** Latest plateaus above the floor, oldest first. */
  readonly plateaus: readonly { readonly number: number; readonly half: Half; readonly plateauNv: number }[];
  /** Baselines that no longer move; null while provisional. */
  readonly frozenNv: Readonly<Record<Half, number>> | null;
  /** Half-cycles below the floor, in a row until now. */
  readonly low: { readonly count: number; readonly onsetUs: number };
}

/** A hard short, told once more with each further half-cycle below the floor. */
export interface ShortFinding {
  readonly halfCycle: number;
  readonly cycle: number;
  readonly half: Half;
  readonly plateauNv: number;
  /** null: judged by the absolute floor alone. */
  readonly baselineNv: number | null;
  readonly isProvisional: boolean;
  /** Start of the first half-cycle of the row below the floor: the end of the cell's life. */
  readonly onsetUs: number;
  readonly count: number;
}

export const SHORT_FLOOR_START: ShortFloorState = {
  judged: 0,
  plateaus: [],
  frozenNv: null,
  low: { count: 0, onsetUs: 0 },
};

/** The first two still show nucleation and wetting, whatever comes later. */
const FIRST_OF_BASELINE = 3;
/** The baseline is taken from so many half-cycles … */
const WINDOW = 21;
/**
 * … and stays when they begin no earlier than here and no longer drift: half-cycles 20 to 40 of a calm
 * cell.
 */
const FIRST_OF_FROZEN = 20;
const DRIFT_MAX_PER_HALF_CYCLE = 0.002;
/**
 * No healthy cell of zinc in a liquid electrolyte is below this (ionic path alone: 0.6; with two electrodes
 * > 5).
 */
const ABSOLUTE_FLOOR_OHM_CM2 = 1;

/**
 * Judges one half-cycle against the baseline of those before it, then lets it into the baseline. What was
 * interrupted, has no plateau or is not of the main cycles is left out: it neither counts nor breaks a row.
 */
export function judgeHalfCycle(
  state: ShortFloorState,
  row: AnalysedHalfCycle,
  plan: ShortFloorPlan,
): { readonly state: ShortFloorState; readonly finding: ShortFinding | null } {
  const { plateauNv } = row;
  if (!isMain(row) || row.isInterrupted || plateauNv === null) return { state, finding: null };
  assert(plan.ratioPpm > 0 && plan.halfCycles > 0, 'a short floor has a ratio and a count');
  const judged = state.judged + 1;
  const baselineNv = baselineOf(state, row.half);
  const isProvisional = state.frozenNv === null;
  // By size: an instrument's offset may turn the sign of a shorted cell, and a large voltage of the wrong
  // sign is no short.
  const sizeNv = Math.abs(plateauNv);
  const isBelowRatio = baselineNv !== null && sizeNv * 1e6 < plan.ratioPpm * baselineNv;
  if (!isBelowRatio && !(isProvisional && isBelowAbsoluteFloor(sizeNv, row, plan))) {
    const plateaus = [...state.plateaus, { number: judged, half: row.half, plateauNv }].filter(
      ({ number }) => number >= FIRST_OF_BASELINE && number > judged - WINDOW,
    );
    const frozenNv = state.frozenNv ?? frozenBaseline(plateaus);
    return { state: { judged, plateaus, frozenNv, low: SHORT_FLOOR_START.low }, finding: null };
  }
  const onsetUs = state.low.count === 0 ? row.startUs : state.low.onsetUs;
  const count = state.low.count + 1;
  const { number: halfCycle, cycle, half } = row;
  const found = { halfCycle, cycle, half, plateauNv, baselineNv, isProvisional, onsetUs, count };
  return {
    state: { ...state, judged, low: { count, onsetUs } },
    finding: count >= plan.halfCycles ? found : null,
  };
}

/** What the event of a short says, in SI units; `shortOnsetUs` reads it again. */
export function shortDetail(finding: ShortFinding, { ratioPpm, action }: ShortFloorPlan) {
  const { baselineNv } = finding;
  return {
    verdict: 'hard-short',
    half_cycle: finding.halfCycle,
    cycle: finding.cycle,
    half: finding.half,
    v_mid_V: finding.plateauNv / 1e9,
    baseline_V: baselineNv === null ? null : baselineNv / 1e9,
    is_baseline_provisional: finding.isProvisional,
    ratio: ratioPpm / 1e6,
    half_cycles: finding.count,
    onset_s: finding.onsetUs / 1e6,
    action,
  };
}

/** Name of that event. */
export const SHORT_EVENT = 'short-floor';

/** Onset that an event tells; null where it is another event. */
export function shortOnsetUs(event: { readonly kind: string; readonly detail: unknown }): number | null {
  const { kind, detail } = event;
  if (kind !== SHORT_EVENT || typeof detail !== 'object' || detail === null) return null;
  if (!('onset_s' in detail) || typeof detail.onset_s !== 'number') return null;
  return Math.round(detail.onset_s * 1e6);
}

function baselineOf({ frozenNv, plateaus }: ShortFloorState, half: Half): number | null {
  if (frozenNv !== null) return frozenNv[half];
  const counted = plateaus.filter((plateau) => plateau.half === half && plateau.number >= FIRST_OF_BASELINE);
  return median(counted.map(({ plateauNv }) => plateauNv));
}

/** v/j < 1 ohm cm2, with j from charge and time. */
function isBelowAbsoluteFloor(
  plateauNv: number,
  row: AnalysedHalfCycle,
  { areaUcm2 }: ShortFloorPlan,
): boolean {
  if (row.chargeNc === 0) return false;
  // nV us / nC is 1e-6 ohm; times 1e-6 cm2.
  const resistanceOhmCm2 =
    ((plateauNv * (row.endUs - row.startUs)) / row.chargeNc) * 1e-6 * (areaUcm2 * 1e-6);
  return resistanceOhmCm2 < ABSOLUTE_FLOOR_OHM_CM2;
}

/** The baselines of both polarities, once the window is late enough and both are calm. */
function frozenBaseline(plateaus: ShortFloorState['plateaus']): Readonly<Record<Half, number>> | null {
  const first = plateaus[0];
  if (plateaus.length < WINDOW || first === undefined || first.number < FIRST_OF_FROZEN) return null;
  const plate = calmMedian(plateaus.filter(({ half }) => half === 'plate'));
  const strip = calmMedian(plateaus.filter(({ half }) => half === 'strip'));
  return plate === null || strip === null ? null : { plate, strip };
}

/** Their median, where a line through them rises or falls by less than the allowed drift; else null. */
function calmMedian(points: ShortFloorState['plateaus']): number | null {
  const middleNv = median(points.map(({ plateauNv }) => plateauNv));
  if (middleNv === null) return null;
  const meanNumber = meanOf(points.map(({ number }) => number));
  const meanNv = meanOf(points.map(({ plateauNv }) => plateauNv));
  const squares = points.reduce((sum, { number }) => sum + (number - meanNumber) ** 2, 0);
  const products = points.reduce(
    (sum, { number, plateauNv }) => sum + (number - meanNumber) * (plateauNv - meanNv),
    0,
  );
  if (squares === 0) return null;
  return Math.abs(products / squares) < DRIFT_MAX_PER_HALF_CYCLE * Math.abs(middleNv) ? middleNv : null;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
