// Zn||Zn cells that end when and how they are told to: at so many hours of cycling, by one of the failures
// that simple rules can recognise. Pure builders of cell parameters; what a run makes of them is its own
// business. Must never know where hours and class came from.
import { assert } from '../../../src/base/assert.ts';
import { weibullMedian } from '../physics/weibull.ts';
import { BARE_ZINC_SHORTS, type ScriptedEvent, type ZincCellParameters } from '../zinc-parameters.ts';
import { type CyclingLoad, settledV, soundCell } from './sound-cell.ts';

/** How a scripted life ends. `hours` are hours of cycling at the load's current density. */
export type ScriptedEnd =
  /** It never ends by itself; `hours` is how long the run may become. */
  | { readonly kind: 'none'; readonly hours: number }
  | { readonly kind: 'hard-short'; readonly hours: number }
  /** A film that wears out until the polarisation reaches `voltageLimitV`. */
  | { readonly kind: 'polarisation'; readonly hours: number; readonly voltageLimitV: number }
  | { readonly kind: 'open-circuit'; readonly hours: number }
  /** Bridges that come and go, deep enough to bring the voltage to the floor for some half-cycles each. */
  | { readonly kind: 'fluctuating-shorts'; readonly hours: number }
  /** Drawn from the Weibull law of shorts: half of all cells are shorted by `hours`. */
  | { readonly kind: 'weibull-short'; readonly hours: number };

/** Within the 0.5 to 5 S/cm2 of dendrites that have bridged the gap for good. */
const HARD_CONDUCTANCE_S_PER_CM2 = 2;
const HARD_ONSET_S = 1;
/** Steep enough to be called a late wear-out, within the 4 to 8 of the film law. */
const WEAR_EXPONENT = 8;
/** Cells of one kind scatter by 28 % under this shape. */
export const WEIBULL_SHAPE = 4;
/** Conductance of fluctuating bridges, in conductances of the healthy cell. */
const BRIDGE_RATIOS: readonly number[] = [20, 60, 25, 80];
/** Half-cycles that each of them lasts, and that lie between two. */
const BRIDGE_HALF_CYCLES = 3;
const PAUSE_HALF_CYCLES = 2;

/**
 * A symmetric cell with this end. Of polarising cells the film alone decides when the limit is met, so their
 * half-cycles are flat: no nucleation, no fresh deposit.
 */
export function symmetricScenario(load: CyclingLoad, end: ScriptedEnd): ZincCellParameters {
  assert(end.hours > 0, `a life must last, found ${end.hours} h`);
  const throughputC = end.hours * 3600 * load.currentAPerCm2;
  const cell = soundCell(load, end.kind === 'weibull-short' ? 2 * throughputC : throughputC);
  // Each electrode is plated in every other half-cycle.
  const platedC = throughputC / 2;
  switch (end.kind) {
    case 'none':
      return cell;
    case 'hard-short':
      return { ...cell, script: [hardShort(platedC)] };
    case 'open-circuit':
      return { ...cell, script: [{ kind: 'open-circuit', atPlatedCPerCm2: platedC }] };
    case 'polarisation':
      return wearingOut(cell, load, { platedC, voltageLimitV: end.voltageLimitV });
    case 'fluctuating-shorts':
      return { ...cell, script: bridges(cell, load, platedC) };
    case 'weibull-short':
      return drawnShort(cell, load, platedC);
  }
}

function hardShort(platedC: number): ScriptedEvent {
  return {
    kind: 'hard-short',
    atPlatedCPerCm2: platedC,
    conductanceSPerCm2: HARD_CONDUCTANCE_S_PER_CM2,
    onsetS: HARD_ONSET_S,
  };
}

/** R_w (Q/Q_w)^m with Q_w the scripted charge and R_w what both films then lack of the limit. */
function wearingOut(
  cell: ZincCellParameters,
  load: CyclingLoad,
  { platedC, voltageLimitV }: { readonly platedC: number; readonly voltageLimitV: number },
): ZincCellParameters {
  const missingV = voltageLimitV - settledV(cell, load.currentAPerCm2);
  assert(missingV > 0, `a healthy cell must stay below the limit of ${voltageLimitV} V`);
  return {
    ...cell,
    film: {
      ...cell.film,
      wearOhmCm2: missingV / (2 * load.currentAPerCm2),
      wearCPerCm2: platedC,
      wearExponent: WEAR_EXPONENT,
    },
    deposit: { ...cell.deposit, agedNucleationV: 0, freshActivity: 1 },
  };
}

/** Bridges of changing depth, with pauses between them, from `platedC` on. */
function bridges(cell: ZincCellParameters, load: CyclingLoad, platedC: number): ScriptedEvent[] {
  const { currentAPerCm2, chargeCPerCm2 } = load;
  const healthySPerCm2 = currentAPerCm2 / settledV(cell, currentAPerCm2);
  return BRIDGE_RATIOS.map((ratio, index) => ({
    kind: 'soft-short',
    atPlatedCPerCm2: platedC + (index * (BRIDGE_HALF_CYCLES + PAUSE_HALF_CYCLES) * chargeCPerCm2) / 2,
    conductanceSPerCm2: ratio * healthySPerCm2,
    onsetS: HARD_ONSET_S,
    lastsPlatedCPerCm2: (BRIDGE_HALF_CYCLES * chargeCPerCm2) / 2,
  }));
}

/**
 * Q_ref such that the median is `platedC` at this very load; no soft shorts before, the law alone decides.
 */
function drawnShort(cell: ZincCellParameters, load: CyclingLoad, platedC: number): ZincCellParameters {
  return {
    ...cell,
    shorts: {
      ...BARE_ZINC_SHORTS,
      scaleCPerCm2: platedC / weibullMedian({ scale: 1, shape: WEIBULL_SHAPE }),
      shape: WEIBULL_SHAPE,
      referenceAPerCm2: load.currentAPerCm2,
      referenceCPerCm2: load.chargeCPerCm2,
      softEvents: 0,
      hardConductanceSPerCm2: [HARD_CONDUCTANCE_S_PER_CM2, HARD_CONDUCTANCE_S_PER_CM2],
    },
  };
}
