// The cell that every scenario starts from: one that would cycle for ever, so that whatever ends a run was
// scripted. No losses, no film growth, no drawn shorts, more zinc than any instrument can walk across. Must
// never know of published figures: it is given numbers.
import { DiffusionModes } from '../physics/diffusion.ts';
import { steadyReduced } from '../physics/kinetics.ts';
import { thermalSlopeV } from '../physics/constants.ts';
import { type ElectrodeParameters, ZINC_DEFAULTS, type ZincCellParameters } from '../zinc-parameters.ts';

/** What a test does to its cell, half-cycle after half-cycle. */
export interface CyclingLoad {
  readonly areaCm2: number;
  readonly currentAPerCm2: number;
  /** Of one half-cycle. */
  readonly chargeCPerCm2: number;
}

/** Share of the charge passed that a source's offset and gains may carry from one electrode to the other. */
const WALK_SHARE = 0.05;
/**
 * The published tests reach 10 mA/cm2: kinetics and film are chosen so that a healthy cell stays below 0.3 V.
 */
const FILM_OHM_CM2 = 2.5;
/** Low, lest the contact check of a test at 0.1 mA/cm2, a tenth of its current, take it for a bad contact. */
const NUCLEATION_V = 0.005;

/** `throughputCPerCm2`: what may pass in the whole run, both polarities together. */
export function soundCell(load: CyclingLoad, throughputCPerCm2: number): ZincCellParameters {
  const foil: ElectrodeParameters = {
    ...ZINC_DEFAULTS.working,
    zincCPerCm2: ZINC_DEFAULTS.working.zincCPerCm2 + load.chargeCPerCm2 + WALK_SHARE * throughputCPerCm2,
  };
  return {
    ...ZINC_DEFAULTS,
    areaCm2: load.areaCm2,
    kinetics: {
      ...ZINC_DEFAULTS.kinetics,
      exchangeCurrentAPerCm2: Math.max(
        ZINC_DEFAULTS.kinetics.exchangeCurrentAPerCm2,
        load.currentAPerCm2 / 2,
      ),
    },
    film: { ...ZINC_DEFAULTS.film, initialOhmCm2: FILM_OHM_CM2, conditionedOhmCm2: FILM_OHM_CM2 },
    deposit: { ...ZINC_DEFAULTS.deposit, agedNucleationV: NUCLEATION_V },
    working: foil,
    counter: foil,
    losses: {
      ...ZINC_DEFAULTS.losses,
      deadFraction: 0,
      deadSpread: 0,
      hydrogenExchangeAPerCm2: 0,
      corrosionAPerCm2: 0,
      restDeadPerDay: 0,
      gasPerCPerCm2: 0,
    },
  };
}

/**
 * Polarisation in V at which two zinc electrodes settle under `currentAPerCm2`, wear left out: V = j (R + 2
 * R_f + R_d) + 2 b asinh(j/(2 j0)), R_d the diffusion resistance of the slab (its logarithm is linear to 0.2
 * % at 10 mA/cm2).
 */
export function settledV(cell: ZincCellParameters, currentAPerCm2: number): number {
  const { kinetics, electrolyte, film, temperatureK } = cell;
  const { resistanceOhmCm2, thermodynamicFactor, activationEnergyJPerMol: _, ...slab } = electrolyte;
  const diffusionOhmCm2 = thermodynamicFactor * new DiffusionModes(slab).resistanceOhmCm2(temperatureK);
  const reduced = steadyReduced(currentAPerCm2, kinetics.exchangeCurrentAPerCm2);
  const ohmCm2 = resistanceOhmCm2 + 2 * film.conditionedOhmCm2 + diffusionOhmCm2;
  return currentAPerCm2 * ohmCm2 + 2 * thermalSlopeV(temperatureK) * reduced;
}
