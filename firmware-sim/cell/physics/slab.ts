// The electrolyte between two electrodes as a slab, and what its numbers come to, worked out once for a cell.
// Must never hold a state.
import { assert } from '../../../src/base/assert.ts';
import { FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K } from './constants.ts';

export interface DiffusionOptions {
  /** Of the salt in the free electrolyte. */
  readonly diffusivityM2PerS: number;
  readonly separatorM: number;
  readonly porosity: number;
  readonly tortuosity: number;
  readonly cationTransference: number;
  readonly chargeNumber: number;
  readonly concentrationMolPerM3: number;
  /** Odd modes 1, 3, 5, ...; 16 are good to 4e-5 after 0.1 s in a 250 um separator, 8 to 2 %. */
  readonly modes?: number;
}

const CM2_PER_M2 = 1e4;
const DEFAULT_MODES = 16;

/** What the options come to, once for a cell. */
export interface Slab {
  readonly slowestS: number;
  readonly potentialVPerK: number;
  readonly limit: number;
  readonly gains: Float64Array;
}

/** Asserts that every option is finite and positive, and t+ < 1. */
export function slabOf(options: DiffusionOptions): Slab {
  for (const [name, value] of Object.entries(options)) {
    const isPositive = typeof value === 'number' && Number.isFinite(value) && value > 0;
    assert(isPositive || value === undefined, `diffusion: ${name} must be finite and > 0, found ${value}`);
  }
  const { separatorM, porosity, tortuosity, diffusivityM2PerS, chargeNumber } = options;
  const anionShare = 1 - options.cationTransference;
  assert(anionShare > 0, `cationTransference must be < 1, found ${options.cationTransference}`);
  const supply =
    2 * chargeNumber * FARADAY_C_PER_MOL * options.concentrationMolPerM3 * porosity * diffusivityM2PerS;
  const count = options.modes ?? DEFAULT_MODES;
  return {
    slowestS: (tortuosity * separatorM * separatorM) / (Math.PI * Math.PI * diffusivityM2PerS),
    potentialVPerK: (anionShare * 2 * GAS_CONSTANT_J_PER_MOL_K) / (chargeNumber * FARADAY_C_PER_MOL),
    limit: supply / (anionShare * tortuosity * separatorM) / CM2_PER_M2,
    gains: Float64Array.from({ length: count }, (_, n) => 4 / (Math.PI * (2 * n + 1)) ** 2),
  };
}
