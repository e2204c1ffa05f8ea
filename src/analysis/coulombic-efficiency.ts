// Coulombic efficiency of a run from its half-cycle rows, with what the instrument leaves unknown of it.
// Charge is what the device metered; nothing is corrected. Pure arithmetic over the record.
import { assert } from '../base/assert.ts';
import { type AnalysedHalfCycle, isMain } from './half-cycle-row.ts';
import type { Measurement } from './measurement.ts';

/** A cycle that was plated to its charge, stripped to its cut-off, and interrupted by nothing. */
export interface CycleEfficiency {
  readonly cycle: number;
  readonly plateNc: number;
  readonly stripNc: number;
  readonly plateUs: number;
  readonly stripUs: number;
  /** How long the zinc rested between its plating and its strip. */
  readonly restUs: number;
  /** V at the end of the strip. */
  readonly cutOffNv: number;
  /** Q_strip / Q_plate. */
  readonly ratio: number;
}

export interface EfficiencySeries {
  readonly cycles: readonly CycleEfficiency[];
  /** Cycles that are left out: interrupted, or ended by anything but charge and cut-off. */
  readonly interrupted: number;
  readonly unfinished: number;
}

/** Cycle numbers, both included. */
export interface EfficiencyWindow {
  readonly firstCycle: number;
  readonly lastCycle: number;
}

/** Ratios, not percent; `u…` are one standard uncertainty, absolute. */
export interface CoulombicEfficiency {
  /** What the means are over, and what of it was left out. */
  readonly window: EfficiencyWindow;
  readonly cycles: number;
  readonly interrupted: number;
  readonly unfinished: number;
  /** Left out: their zinc rested longer than that of the others, see calendar loss. */
  readonly rested: number;
  /** Sum of Q_strip / sum of Q_plate. */
  readonly sum: number;
  readonly mean: number;
  /** Of the cycles among themselves; null of a single one. */
  readonly standardDeviation: number | null;
  readonly uncertainty: number;
  /** Of cycle 1, whether it is in the window or not; null where it is not complete. */
  readonly first: { readonly ratio: number; readonly uncertainty: number } | null;
  /** Cycles that gave back more than was plated: a sign of a leak. */
  readonly aboveUnity: number;
  /** Number of the first cycle below 90 %; null: none was. */
  readonly firstBelow90: number | null;
}

/** Cycles of main half-cycles whose plating ended by its charge, in order. */
export function efficiencySeries(rows: readonly AnalysedHalfCycle[]): EfficiencySeries {
  const byCycle = new Map<
    number,
    { plate?: AnalysedHalfCycle; strip?: AnalysedHalfCycle; isInterrupted: boolean }
  >();
  for (const row of rows.filter(isMain)) {
    const halves = byCycle.get(row.cycle) ?? { isInterrupted: false };
    // Two rows of one half are a half-cycle in two pieces, and both are interrupted.
    byCycle.set(row.cycle, {
      ...halves,
      [row.half]: row,
      isInterrupted: halves.isInterrupted || row.isInterrupted,
    });
  }
  const cycles: CycleEfficiency[] = [];
  let [interrupted, unfinished] = [0, 0];
  for (const [cycle, { plate, strip, isInterrupted }] of byCycle) {
    const efficiency = isInterrupted ? null : efficiencyOf(cycle, plate, strip);
    if (isInterrupted) interrupted += 1;
    else if (efficiency === null) unfinished += 1;
    else cycles.push(efficiency);
  }
  return { cycles, interrupted, unfinished };
}

/** Zinc that rests loses charge: 20 uA/cm2 take 0.06 uAh/cm2 in that time, too little to matter. */
const REST_TOLERATED_US = 10_000_000;

/** Cycles whose plated zinc rested as briefly as any did, or hardly longer. */
export function withoutRested(cycles: readonly CycleEfficiency[]): readonly CycleEfficiency[] {
  const shortestUs = cycles.reduce((least, { restUs }) => Math.min(least, restUs), Number.POSITIVE_INFINITY);
  return cycles.filter(({ restUs }) => restUs <= shortestUs + REST_TOLERATED_US);
}

function efficiencyOf(
  cycle: number,
  plate: AnalysedHalfCycle | undefined,
  strip: AnalysedHalfCycle | undefined,
): CycleEfficiency | null {
  if (plate?.reason !== 'step-charge' || strip?.reason !== 'voltage-max') return null;
  if (plate.chargeNc === 0) return null;
  return {
    cycle,
    plateNc: plate.chargeNc,
    stripNc: strip.chargeNc,
    plateUs: plate.endUs - plate.startUs,
    stripUs: strip.endUs - strip.startUs,
    restUs: strip.startUs - plate.endUs,
    cutOffNv: strip.endNv ?? 0,
    ratio: strip.chargeNc / plate.chargeNc,
  };
}

/**
 * Efficiency over a window of cycles (default: all). null where no cycle is complete, as for cells whose both
 * electrodes are zinc: their half-cycles end by charge, and the ratio would always read 100 %.
 */
export function coulombicEfficiency(
  rows: readonly AnalysedHalfCycle[],
  measurement: Measurement,
  asked?: EfficiencyWindow,
): CoulombicEfficiency | null {
  const window = asked ?? windowOf(rows);
  const inWindow = rows.filter(({ cycle }) => cycle >= window.firstCycle && cycle <= window.lastCycle);
  const { cycles: all, interrupted, unfinished } = efficiencySeries(inWindow);
  const cycles = withoutRested(all);
  if (cycles.length === 0) return null;
  const ratios = cycles.map(({ ratio }) => ratio);
  const mean = sumOf(ratios) / ratios.length;
  const first = efficiencySeries(rows).cycles.find(({ cycle }) => cycle === 1);
  return {
    window,
    cycles: cycles.length,
    interrupted,
    unfinished,
    rested: all.length - cycles.length,
    sum: sumOf(cycles.map(({ stripNc }) => stripNc)) / sumOf(cycles.map(({ plateNc }) => plateNc)),
    mean,
    standardDeviation: deviationOf(ratios, mean),
    uncertainty: efficiencyUncertainty(cycles, measurement),
    first:
      first === undefined
        ? null
        : { ratio: first.ratio, uncertainty: efficiencyUncertainty([first], measurement) },
    aboveUnity: ratios.filter((ratio) => ratio > 1).length,
    firstBelow90: cycles.find(({ ratio }) => ratio < 0.9)?.cycle ?? null,
  };
}

/** Effective tail capacitance of an alloying copper surface, an estimate from above; titanium has a tenth. */
const TAIL_F_PER_CM2 = 0.01;
/** A fresh substrate's voltage (+0.2 … +1.2 V) differs from the cut-off by less. */
const FRESH_TAIL_V = 1;

/**
 * One standard uncertainty of the efficiency of these cycles, absolute. From CE_m = CE (g_s/g_p)(1 + 2
 * o_m/I): u² = CE² (2 u_g² + (2 o/I)² + (tick/t_strip)²) + tail². A data sheet's bound stands for one
 * standard uncertainty: nobody knows its distribution, and a bias does not average, so nothing here shrinks
 * with the number of cycles. The tail's charge C·V returns with the next plating, except for the share of
 * the loss itself, and in the first cycle, which begins on a fresh substrate; it is a charge beside the
 * zinc's, so it does not shrink with the efficiency.
 */
export function efficiencyUncertainty(
  cycles: readonly CycleEfficiency[],
  { currentGainPpm, currentOffsetPpmOfRange, rangeFullScalePa, tickUs, areaCm2 }: Measurement,
): number {
  assert(cycles.length > 0, 'an uncertainty is of something');
  const plateNc = sumOf(cycles.map((cycle) => cycle.plateNc)) / cycles.length;
  const plateUs = sumOf(cycles.map((cycle) => cycle.plateUs)) / cycles.length;
  const stripUs = sumOf(cycles.map((cycle) => cycle.stripUs)) / cycles.length;
  const cutOffV = cycles.reduce((largest, { cutOffNv }) => Math.max(largest, Math.abs(cutOffNv)), 0) / 1e9;
  const ratio = sumOf(cycles.map((cycle) => cycle.ratio)) / cycles.length;
  // nC / us is 1e-3 A, 1e9 pA.
  const currentPa = (plateNc / plateUs) * 1e9;
  const gain = currentGainPpm / 1e6;
  const offset = ((currentOffsetPpmOfRange / 1e6) * rangeFullScalePa) / currentPa;
  const freshShare = cycles.filter(({ cycle }) => cycle === 1).length / cycles.length;
  const tailV = cutOffV * Math.abs(1 - ratio) + FRESH_TAIL_V * freshShare;
  const tail = (TAIL_F_PER_CM2 * areaCm2 * tailV) / (plateNc / 1e9);
  return Math.hypot(ratio * Math.hypot(Math.SQRT2 * gain, 2 * offset, tickUs / stripUs), tail);
}

function windowOf(rows: readonly AnalysedHalfCycle[]): EfficiencyWindow {
  const numbers = rows.filter(isMain).map(({ cycle }) => cycle);
  const last = numbers.reduce((largest, cycle) => Math.max(largest, cycle), 0);
  return { firstCycle: numbers[0] ?? 0, lastCycle: last };
}

function deviationOf(values: readonly number[], mean: number): number | null {
  if (values.length < 2) return null;
  return Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
