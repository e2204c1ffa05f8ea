// Zn||Ti cells of a given Coulombic efficiency: what an ideal meter reads between plating q and stripping to
// the cut-off. All loss is dead zinc: hydrogen, corrosion and losses at rest are off, so that the mean over
// the run is exact. Must never know where the efficiency came from.
import { assert } from '../../../src/base/assert.ts';
import { steadyReduced } from '../physics/kinetics.ts';
import { thermalSlopeV } from '../physics/constants.ts';
import type { ZincCellParameters } from '../zinc-parameters.ts';
import { type CyclingLoad, settledV, soundCell } from './sound-cell.ts';

export interface EfficiencyTarget {
  /** Mean over all cycles, as a share: 1 is 100 %. */
  readonly efficiency: number;
  readonly cycles: number;
  readonly stripCutoffV: number;
}

/** Titanium hardly alloys: 1 mF/cm2 of substrate are charged once the zinc is gone. */
const TITANIUM_TAIL_F_PER_CM2 = 1e-3;
const TITANIUM_NUCLEATION_V = 0.04;
/** Scatter of a cycle's loss around the mean, sigma of its logarithm. */
const LOSS_SPREAD = 0.3;

export function efficiencyScenario(load: CyclingLoad, target: EfficiencyTarget): ZincCellParameters {
  const { efficiency, cycles, stripCutoffV } = target;
  assert(efficiency > 0 && efficiency <= 1, `an efficiency is a share of 1, found ${efficiency}`);
  const cell = soundCell(load, 2 * cycles * load.chargeCPerCm2);
  const deadFraction = (1 - efficiency) / (1 - returnedShare(cell, load, stripCutoffV));
  return {
    ...cell,
    working: {
      zincCPerCm2: 0,
      tailFPerCm2: TITANIUM_TAIL_F_PER_CM2,
      // About as a strip leaves it, lest the first cycle be another: a tenth of a permille of its charge.
      bareV: stripCutoffV,
      nucleationV: TITANIUM_NUCLEATION_V,
    },
    counter: {
      ...cell.counter,
      zincCPerCm2: cell.counter.zincCPerCm2 + cycles * load.chargeCPerCm2 * deadFraction,
    },
    losses: { ...cell.losses, deadFraction, deadSpread: LOSS_SPREAD, deadExactOver: cycles },
  };
}

/**
 * Share x of a plating that only gives back the charge of the substrate, which the strip before had counted:
 * CE = 1 - phi (1 - x), x = C_tail V_tail/q (electrochem notes, section 2.5: back to back the tail returns).
 */
function returnedShare(cell: ZincCellParameters, load: CyclingLoad, stripCutoffV: number): number {
  return (TITANIUM_TAIL_F_PER_CM2 * tailEndV(cell, load, stripCutoffV)) / load.chargeCPerCm2;
}

/**
 * Potential of the bare substrate when the terminal voltage meets the cut-off: what polarisation leaves of
 * it.
 */
function tailEndV(cell: ZincCellParameters, load: CyclingLoad, stripCutoffV: number): number {
  const { currentAPerCm2 } = load;
  const { kinetics, deposit, temperatureK } = cell;
  const exchange = kinetics.exchangeCurrentAPerCm2;
  const bareReduced = steadyReduced(currentAPerCm2, exchange * deposit.initialCoverage);
  const moreV = thermalSlopeV(temperatureK) * (bareReduced - steadyReduced(currentAPerCm2, exchange));
  const leftV = stripCutoffV - settledV(cell, currentAPerCm2) - moreV;
  assert(leftV > 0, `the cut-off of ${stripCutoffV} V must be above the polarisation, found ${leftV} V left`);
  return leftV;
}
