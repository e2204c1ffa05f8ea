// The circuit of a zinc cell at one instant: resistance, concentration overpotential, the voltage to which a
// current settles, and the one at which it starts. What a piece of time and the step of its grid are both
// made of. Must never advance anything.
//
//   I = j_ion + G V     V = j_ion R + E_working - E_counter + V_conc,  E = tail + b u
import type { Drive } from '../cell-model.ts';
import { conductanceS, dissolutionPerS } from './bridge.ts';
import type { CellNature } from './cell-nature.ts';
import type { CellState } from './cell-state.ts';
import { modeEndS, modeOf, tailV } from './electrode.ts';
import { ElectrodePiece, saltFactor } from './electrode-piece.ts';
import { rootOfSteep } from './root.ts';
import { activity, nucleationShare, nucleationV } from './surface.ts';

/**
 * A/cm2. Less is no current: rounding and the last of a relaxation would plate and strip in turns for ever.
 * Corrosion is 1e7 times as fast.
 */
const LEAST_DENSITY = 1e-13;
/** A contact that broke: nothing a cycler can measure flows any more. */
const OPEN_OHM_CM2 = 1e9;

/** R: electrolyte (dried, gassed, under bubbles), films, contacts; per cm2 of the whole electrode. */
export function resistanceOhmCm2(nature: CellNature, state: CellState): number {
  const { losses } = nature.parameters;
  const hydrogenC = state.working.hydrogenC + state.counter.hydrogenC;
  const electrolyte = nature.resistanceOhmCm2 * state.dryFactor * (1 + losses.gasPerCPerCm2 * hydrogenC);
  const covered = (electrolyte + state.filmOhmCm2) / (1 - state.coveredShare);
  return covered + state.contactOhmCm2 + (state.isOpen ? OPEN_OHM_CM2 : 0);
}

/** Concentration overpotential of both electrodes for a surface sum S. */
export function concentrationV(nature: CellNature, state: CellState, sum: number): number {
  const { electrolyte, temperatureK } = nature.parameters;
  return state.diffusion.potentialOfSumV(sum, temperatureK, electrolyte.thermodynamicFactor);
}

/** One electrode for a piece of time: densities are ionic ones of the cell, each with its surface sum S. */
export function electrodePiece(
  nature: CellNature,
  state: CellState,
  which: 'working' | 'counter',
  flow: {
    readonly ionic: number;
    readonly sum: number;
    readonly firstIonic: number;
    readonly firstSum: number;
    readonly loopOhmCm2: number;
  },
): ElectrodePiece {
  const { kinetics } = nature.parameters;
  const sign = which === 'working' ? 1 : -1;
  const concentration = (sum: number): number => 1 + sign * state.diffusion.relativeOfSum(sum);
  return new ElectrodePiece({
    state: state[which],
    nature: nature[which],
    density: sign * flow.ionic,
    exchange: nature.exchange * (1 - state.coveredShare),
    slopeV: nature.slopeV,
    doubleLayerFPerCm2: kinetics.doubleLayerFPerCm2,
    concentration: concentration(flow.sum),
    first: { density: sign * flow.firstIonic, concentration: concentration(flow.firstSum) },
    concentrationExponent: kinetics.concentrationExponent,
    loopOhmCm2: flow.loopOhmCm2,
  });
}

/** An ionic density that has flowed for `elapsedS` and has come to the surface sum `sum` by that. */
export interface Flow {
  readonly ionic: number;
  readonly sum: number;
  readonly elapsedS: number;
}

/** Voltage for an ionic density, all double layers settled. */
export function settledV(nature: CellNature, state: CellState, flow: Flow): number {
  return (
    flow.ionic * resistanceOhmCm2(nature, state) +
    settledElectrodeV(nature, state, 'working', flow) -
    settledElectrodeV(nature, state, 'counter', flow) +
    concentrationV(nature, state, flow.sum)
  );
}

function settledElectrodeV(
  nature: CellNature,
  cell: CellState,
  which: 'working' | 'counter',
  flow: Flow,
): number {
  const sign = which === 'working' ? 1 : -1;
  const [state, own, density] = [cell[which], nature[which], sign * flow.ionic];
  const mode = modeOf(state, own, density);
  const concentration = 1 + sign * cell.diffusion.relativeOfSum(flow.sum);
  const salt = saltFactor(concentration, nature.parameters.kinetics.concentrationExponent);
  const exchange = nature.exchange * (1 - cell.coveredShare) * activity(state, own, mode, 0) * salt;
  const kineticV = nature.slopeV * Math.asinh(density / (2 * exchange));
  const share = nucleationShare(state, own, mode, 0);
  const nucleusV = share === 0 ? 0 : share * nucleationV(state, own, Math.abs(density));
  if (state.tailC === 0 && mode !== 'charging') return kineticV - nucleusV;
  const elapsedS = Math.min(flow.elapsedS, modeEndS(state, own, mode, density));
  return kineticV - nucleusV + tailV(state, own, mode, { density, elapsedS });
}

/**
 * Voltage at the first instant of a piece: the double layers and what is left on substrates are as they
 * were.
 */
export function chargedV(nature: CellNature, state: CellState, flow: Omit<Flow, 'elapsedS'>): number {
  const { working, counter } = state;
  const tailsV =
    working.tailC / nature.working.electrode.tailFPerCm2 -
    counter.tailC / nature.counter.electrode.tailFPerCm2;
  const layersV = nature.slopeV * (working.reduced - counter.reduced);
  return (
    flow.ionic * resistanceOhmCm2(nature, state) + tailsV + layersV + concentrationV(nature, state, flow.sum)
  );
}

/**
 * The ionic density that solves the circuit: I = j + G V(j) where a current is set, V(j) = V where a voltage
 * is held. V rises by the ohmic resistance at least.
 */
export function solvedDensity(
  voltageV: (ionic: number) => number,
  circuit: {
    readonly drive: Drive;
    readonly areaCm2: number;
    readonly conductanceS: number;
    readonly resistanceOhmCm2: number;
    readonly guess: number;
  },
): number {
  const { drive, conductanceS: conductance, resistanceOhmCm2: resistance, guess } = circuit;
  if (drive.kind === 'voltage')
    return rootOfSteep((ionic) => voltageV(ionic) - drive.voltageV, guess, resistance);
  const set = drive.currentA / circuit.areaCm2;
  const missing = (ionic: number): number => ionic + conductance * voltageV(ionic) - set;
  return rootOfSteep(missing, guess, 1 + conductance * resistance);
}

/**
 * The ionic density of a step of the grid: the one that solves the circuit at the step's end (implicit Euler:
 * stable whatever the time constants of substrate and bridge, exact where nothing changes).
 */
export function implicitDensity(
  nature: CellNature,
  state: CellState,
  drive: Drive,
  step: { readonly gridS: number; readonly guess: number },
): number {
  const { gridS } = step;
  const { diffusion, bridge } = state;
  // Superposition: what is there goes on as if nothing had changed, and the change answers from rest.
  const before = diffusion.density;
  const sumBefore = diffusion.surfaceSum(gridS);
  const response = diffusion.stepResponse(gridS);
  const voltageV = (ionic: number): number =>
    settledV(nature, state, { ionic, sum: sumBefore + response * (ionic - before), elapsedS: gridS });
  const circuit = {
    drive,
    areaCm2: nature.parameters.areaCm2,
    resistanceOhmCm2: resistanceOhmCm2(nature, state),
  };
  const density = (conductance: number, guess: number): number => {
    const solved = solvedDensity(voltageV, { ...circuit, conductanceS: conductance, guess });
    return Math.abs(solved) < LEAST_DENSITY ? 0 : solved;
  };
  if (bridge.kind !== 'soft') return density(conductanceS(bridge, gridS, 0), step.guess);
  // Whether and how fast a bridge dissolves follows from the density that is sought: once with the bridge as
  // it is, then with what becomes of it.
  const now = density(bridge.conductanceS, step.guess);
  const lossPerS = dissolutionPerS(bridge, now, nature.parameters.shorts?.dissolutionSPerC ?? 0);
  return density(conductanceS(bridge, gridS, lossPerS), now);
}
