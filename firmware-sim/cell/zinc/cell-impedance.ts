// Small-signal impedance of a zinc cell at rest, from the same parameters as its voltage: what an instrument
// that measures impedance will be shown. Around zero current only; must never be asked of a cell under
// current.
import { type ImpedanceOhmCm2, impedanceOhmCm2 } from '../physics/impedance.ts';
import type { CellNature } from './cell-nature.ts';
import type { CellState } from './cell-state.ts';
import { resistanceOhmCm2 } from './circuit.ts';
import type { ElectrodeState } from './electrode.ts';
import { activity } from './surface.ts';

/** Electrodes, electrolyte and films in series, a bridge beside all of them; ohm cm2. */
export function cellImpedanceOhmCm2(
  nature: CellNature,
  state: CellState,
  frequencyHz: number,
): ImpedanceOhmCm2 {
  const { electrolyte, kinetics, temperatureK } = nature.parameters;
  const { diffusion } = state;
  const of = (which: 'working' | 'counter'): ImpedanceOhmCm2 =>
    impedanceOhmCm2({
      frequencyHz,
      resistanceOhmCm2: resistanceOhmCm2(nature, state),
      chargeTransferOhmCm2: chargeTransferOhmCm2(nature, state, state[which], which),
      doubleLayerFPerCm2: kinetics.doubleLayerFPerCm2,
      diffusionOhmCm2: diffusion.resistanceOhmCm2(temperatureK) * electrolyte.thermodynamicFactor,
      // tau' = L2 tau/(4 D) = pi2/4 of the slowest mode's time.
      diffusionS: (diffusion.slowestS * Math.PI * Math.PI) / 4,
    });
  // Each counts its electrode twice: their mean has both once.
  const working = of('working');
  const counter = of('counter');
  const real = (working.real + counter.real) / 2;
  const imaginary = (working.imaginary + counter.imaginary) / 2;
  const square = real * real + imaginary * imaginary;
  const conductance = real / square + state.bridge.conductanceS;
  const susceptance = -imaginary / square;
  const admittance = conductance * conductance + susceptance * susceptance;
  return { real: conductance / admittance, imaginary: -susceptance / admittance };
}

/** R_ct = RT/(F j0) = b/(2 j0), j0 at the state of this electrode's surface. */
function chargeTransferOhmCm2(
  nature: CellNature,
  state: CellState,
  electrode: ElectrodeState,
  which: 'working' | 'counter',
): number {
  const share = activity(electrode, nature[which], 'resting', 0) * (1 - state.coveredShare);
  return nature.slopeV / (2 * nature.exchange * share);
}
