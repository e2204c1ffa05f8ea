// What does not change in the life of a zinc cell: its parameters at its temperature, its electrodes'
// natures, the fate that was drawn for it. Made once a cell; must never hold state.
import { assert } from '../../../src/base/assert.ts';
import { thermalSlopeV } from '../physics/constants.ts';
import { DiffusionModes } from '../physics/diffusion.ts';
import { arrhenius } from '../physics/kinetics.ts';
import type { ZincCellParameters } from '../zinc-parameters.ts';
import {
  type CellIdentity,
  deadShareScale,
  drawShortLaw,
  type ScriptMark,
  scriptMarks,
  type ShortLaw,
} from './ageing.ts';
import type { ElectrodeNature } from './electrode.ts';

export interface CellNature {
  readonly parameters: ZincCellParameters;
  readonly identity: CellIdentity;
  readonly working: ElectrodeNature;
  readonly counter: ElectrodeNature;
  /** b = 2RT/F. */
  readonly slopeV: number;
  /** j0 and R_ohm at the cell's temperature. */
  readonly exchange: number;
  readonly resistanceOhmCm2: number;
  readonly law: ShortLaw;
  readonly marks: readonly ScriptMark[];
  readonly deadScale: { readonly working: number; readonly counter: number };
}

export function createCellNature(parameters: ZincCellParameters, identity: CellIdentity): CellNature {
  const { deposit, electrolyte, kinetics, losses, temperatureK } = parameters;
  assert(parameters.areaCm2 > 0, `areaCm2 must be > 0, found ${parameters.areaCm2}`);
  // The slope of the cell's curve is never less: what every search for a current relies on.
  const { resistanceOhmCm2 } = electrolyte;
  assert(resistanceOhmCm2 > 0, `resistanceOhmCm2 must be > 0, found ${resistanceOhmCm2}`);
  assert(temperatureK > 0, `temperatureK must be > 0, found ${temperatureK}`);
  const conductivityFactor = arrhenius(electrolyte.activationEnergyJPerMol, temperatureK);
  return {
    parameters,
    identity,
    working: { electrode: parameters.working, deposit, losses },
    counter: { electrode: parameters.counter, deposit, losses },
    slopeV: thermalSlopeV(temperatureK),
    exchange: kinetics.exchangeCurrentAPerCm2 * arrhenius(kinetics.activationEnergyJPerMol, temperatureK),
    resistanceOhmCm2: electrolyte.resistanceOhmCm2 / conductivityFactor,
    law: drawShortLaw(parameters.shorts, identity),
    marks: scriptMarks(parameters.script),
    deadScale: {
      working: deadShareScale(losses, identity, 'working'),
      counter: deadShareScale(losses, identity, 'counter'),
    },
  };
}

/** At rest, with even concentration. */
export function createDiffusion({ electrolyte, temperatureK }: ZincCellParameters): DiffusionModes {
  const factor = arrhenius(electrolyte.activationEnergyJPerMol, temperatureK);
  return new DiffusionModes({
    diffusivityM2PerS: electrolyte.diffusivityM2PerS * factor,
    separatorM: electrolyte.separatorM,
    porosity: electrolyte.porosity,
    tortuosity: electrolyte.tortuosity,
    cationTransference: electrolyte.cationTransference,
    chargeNumber: electrolyte.chargeNumber,
    concentrationMolPerM3: electrolyte.concentrationMolPerM3,
  });
}
