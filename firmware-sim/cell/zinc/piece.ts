// A piece of time between two events of a zinc cell: constant current through electrolyte and electrodes, so
// that every state is closed form; with a bridge or a held voltage the current is frozen for what is stored
// (an implicit step on the cell's own grid, never on the sampler's) and solved exactly for what is shown.
//
//   I = j_ion + G V     V = j_ion R + E_working - E_counter + V_conc,  E = tail + b u
import type { Drive } from '../cell-model.ts';
import { conductanceS, dissolutionPerS } from './bridge.ts';
import type { CellNature } from './cell-nature.ts';
import { type CellState, damageRatePerC } from './cell-state.ts';
import {
  chargedV,
  concentrationV,
  electrodePiece,
  implicitDensity,
  resistanceOhmCm2,
  settledV,
  solvedDensity,
} from './circuit.ts';
import type { ElectrodePiece } from './electrode-piece.ts';
import { nextEnd, type PieceEnd } from './piece-end.ts';
import { type Bounds, boundsOf, heldRange, sharedRangeV, widened } from './voltage-bounds.ts';

export interface PieceOptions {
  readonly nature: CellNature;
  readonly state: CellState;
  readonly drive: Drive;
  /** Seconds of the segment at which it begins. */
  readonly startS: number;
  /** Its longest duration where the ionic current is not constant. */
  readonly gridS: number;
  /** An ionic density that cannot be far off. */
  readonly guess: number;
}

export class Piece {
  readonly startS: number;
  readonly gridS: number;
  readonly state: CellState;
  readonly lengthS: number;
  readonly end: PieceEnd;
  /** The ionic current does not change: a set current and no bridge. */
  readonly isSteady: boolean;
  readonly #nature: CellNature;
  readonly #drive: Drive;
  readonly #resistance: number;
  /** Frozen densities: through the electrolyte, and through the leads. */
  readonly #ionic: number;
  readonly #terminal: number;
  readonly #working: ElectrodePiece;
  readonly #counter: ElectrodePiece;
  /** Of S, for each A/cm2 that the present current differs from the frozen one. */
  readonly #settledShare: number;
  readonly #lossPerS: number;
  /** Between these the voltage is one number; from there on it is known. */
  readonly #plateauFromS: number;
  readonly #plateauUntilS: number;
  #plateauV: number | null = null;

  constructor({ nature, state, drive, startS, gridS, guess }: PieceOptions) {
    this.#nature = nature;
    this.state = state;
    this.#drive = drive;
    this.startS = startS;
    this.gridS = gridS;
    this.isSteady = drive.kind === 'current' && state.bridge.kind === 'none';
    this.#resistance = resistanceOhmCm2(nature, state);
    const { areaCm2, shorts } = nature.parameters;
    const set = drive.kind === 'current' ? drive.currentA / areaCm2 : 0;
    this.#settledShare = state.diffusion.stepResponse(0);
    this.#ionic = this.isSteady ? set : implicitDensity(nature, state, drive, { gridS, guess });
    state.diffusion.begin(0, this.#ionic);
    const flow = this.#firstFlow();
    this.#working = electrodePiece(nature, state, 'working', flow);
    this.#counter = electrodePiece(nature, state, 'counter', flow);
    this.#lossPerS = dissolutionPerS(state.bridge, this.#ionic, shorts?.dissolutionSPerC ?? 0);
    this.#terminal = drive.kind === 'current' ? set : this.#ionic + this.conductance(gridS) * drive.voltageV;
    const next = nextEnd(nature, state, {
      ionic: this.#ionic,
      terminal: this.#terminal,
      workingEndS: this.#working.endS,
      counterEndS: this.#counter.endS,
      dissolvedS: this.#lossPerS > 0 ? state.bridge.conductanceS / this.#lossPerS : Number.POSITIVE_INFINITY,
      gridS: this.isSteady ? Number.POSITIVE_INFINITY : gridS,
    });
    this.lengthS = next.inS;
    this.end = next.end;
    const [working, counter] = [this.#working.plateau, this.#counter.plateau];
    this.#plateauFromS = Math.max(working.fromS, counter.fromS, state.diffusion.settledS);
    this.#plateauUntilS = this.isSteady ? Math.min(working.untilS, counter.untilS) : 0;
  }

  /** Seconds into the piece for seconds into the segment; rounding never leads out of the piece. */
  insideS(elapsedS: number): number {
    return Math.min(this.lengthS, Math.max(0, elapsedS - this.startS));
  }

  /** Frozen densities, for the books. */
  get ionicDensity(): number {
    return this.#ionic;
  }

  get terminalDensity(): number {
    return this.#terminal;
  }

  conductance(elapsedS: number): number {
    return conductanceS(this.state.bridge, elapsedS, this.#lossPerS);
  }

  voltageV(elapsedS: number): number {
    if (elapsedS >= this.#plateauFromS && elapsedS < this.#plateauUntilS) return this.#levelV(elapsedS);
    if (this.#drive.kind === 'voltage') return this.#drive.voltageV;
    if (this.isSteady) return this.#ionicV(elapsedS, this.#ionic);
    return this.#ionicV(elapsedS, this.ionicDensityAt(elapsedS));
  }

  #levelV(elapsedS: number): number {
    this.#plateauV ??= this.#ionicV(elapsedS, this.#ionic);
    return this.#plateauV;
  }

  /** Density through the electrolyte that solves the circuit at this instant. */
  ionicDensityAt(elapsedS: number): number {
    if (this.isSteady) return this.#ionic;
    return this.#solved((ionic) => this.#ionicV(elapsedS, ionic), this.conductance(elapsedS));
  }

  densityAt(elapsedS: number): number {
    if (this.#drive.kind === 'current') return this.#terminal;
    return this.ionicDensityAt(elapsedS) + this.conductance(elapsedS) * this.#drive.voltageV;
  }

  /** Voltage that `density` settles to with everything else as it is at the start; no double layer. */
  steadyV(density: number): number {
    const drive: Drive = { kind: 'current', currentA: density * this.#nature.parameters.areaCm2 };
    return this.#quasiSteadyV(this.#quasiSteadyDensity(drive));
  }

  /** Density through the leads that settles to `voltageV`. */
  steadyDensity(voltageV: number): number {
    const ionic = this.#quasiSteadyDensity({ kind: 'voltage', voltageV });
    return ionic + this.conductance(0) * voltageV;
  }

  /** Encloses the voltage between two instants of the piece. */
  rangeV(fromS: number, untilS: number): { readonly lowV: number; readonly highV: number } {
    if (this.#drive.kind === 'voltage') return { lowV: this.#drive.voltageV, highV: this.#drive.voltageV };
    if (fromS >= this.#plateauFromS && untilS < this.#plateauUntilS) {
      const levelV = this.#levelV(fromS);
      return { lowV: levelV, highV: levelV };
    }
    const curves = this.#boundCurvesV(fromS, untilS);
    const ionic = this.#ionic;
    if (this.isSteady)
      return widened(curves.low(ionic), curves.high(ionic), Math.abs(ionic * this.#resistance));
    return sharedRangeV({
      curves,
      conductances: [this.conductance(fromS), this.conductance(untilS)],
      solved: (voltageV, conductance) => this.#solved(voltageV, conductance),
      terminal: this.#terminal,
      resistance: this.#resistance,
    });
  }

  /** Encloses the density through the leads between two instants of the piece. */
  densityRange(fromS: number, untilS: number): { readonly low: number; readonly high: number } {
    if (this.#drive.kind === 'current') return { low: this.#terminal, high: this.#terminal };
    const { voltageV } = this.#drive;
    const bridge = [this.conductance(fromS) * voltageV, this.conductance(untilS) * voltageV];
    return heldRange(this.#boundCurvesV(fromS, untilS), (voltage) => this.#solved(voltage, 0), bridge);
  }

  /** The cell `elapsedS` into the piece, which ends there by `end`, or is cut short. */
  stateAt(elapsedS: number, end: PieceEnd | 'cut'): CellState {
    const { state } = this;
    const ionicC = Math.abs(this.#ionic) * elapsedS;
    const throughputC = Math.abs(this.#terminal) * elapsedS;
    const density = this.ionicDensityAt(elapsedS);
    const relative = state.diffusion.relativeOfSum(this.#sumAt(elapsedS, density));
    const diffusion = state.diffusion.copy();
    diffusion.begin(elapsedS, this.#ionic);
    return {
      ...state,
      lifeS: state.lifeS + elapsedS,
      throughputC: state.throughputC + throughputC,
      shortedC: state.shortedC + Math.abs(this.#terminal - this.#ionic) * elapsedS,
      shortedNetC: state.shortedNetC + (this.#terminal - this.#ionic) * elapsedS,
      halfCycleC: state.halfCycleC + throughputC,
      damage: state.damage + damageRatePerC(this.#nature, state, this.#ionic) * ionicC,
      working: this.#working.stateAt(elapsedS, {
        isOver: end === 'working',
        density,
        concentration: 1 + relative,
      }),
      counter: this.#counter.stateAt(elapsedS, {
        isOver: end === 'counter',
        density: -density,
        concentration: 1 - relative,
      }),
      diffusion,
      bridge: { ...state.bridge, conductanceS: this.conductance(elapsedS) },
    };
  }

  /** Which electrode has no zinc left when the piece ends; null: neither, or it had none before. */
  get spentElectrode(): 'working' | 'counter' | null {
    if (this.end !== 'working' && this.end !== 'counter') return null;
    const { mode } = this.end === 'working' ? this.#working : this.#counter;
    return mode === 'stripping' || mode === 'resting' ? this.end : null;
  }

  /** What flows at the start: double layers take time to change, the current does not. */
  #firstFlow(): Parameters<typeof electrodePiece>[3] {
    const ionic = this.#ionic;
    const sum = this.#sumAt(0, ionic);
    if (this.isSteady)
      return { ionic, sum, firstIonic: ionic, firstSum: sum, loopOhmCm2: Number.POSITIVE_INFINITY };
    const conductance = this.conductance(0);
    const firstV = (density: number): number =>
      chargedV(this.#nature, this.state, { ionic: density, sum: this.#sumAt(0, density) });
    const firstIonic = this.#solved(firstV, conductance);
    const bridgeOhmCm2 = this.#drive.kind === 'voltage' ? 0 : 1 / conductance;
    const loopOhmCm2 = this.#resistance + bridgeOhmCm2;
    return { ionic, sum, firstIonic, firstSum: this.#sumAt(0, firstIonic), loopOhmCm2 };
  }

  /** S when `ionic` flows just then: modes that count as settled follow it at once. */
  #sumAt(elapsedS: number, ionic: number): number {
    return this.state.diffusion.surfaceSum(elapsedS) + this.#settledShare * (ionic - this.#ionic);
  }

  #ionicV(elapsedS: number, ionic: number): number {
    const sum = this.#sumAt(elapsedS, ionic);
    const relative = this.state.diffusion.relativeOfSum(sum);
    const reduced =
      this.#working.reduced(elapsedS, ionic, 1 + relative) -
      this.#counter.reduced(elapsedS, -ionic, 1 - relative);
    return (
      ionic * this.#resistance +
      this.#working.tailV(elapsedS) -
      this.#counter.tailV(elapsedS) +
      this.#nature.slopeV * reduced +
      concentrationV(this.#nature, this.state, sum)
    );
  }

  /** The voltage by the ionic density, at its lowest and its highest between two instants. */
  #boundCurvesV(fromS: number, untilS: number) {
    const bounds = boundsOf(this.#working, this.#counter, this.state.diffusion, { fromS, untilS });
    return {
      low: (ionic: number) => this.#boundV(bounds, ionic, 'low'),
      high: (ionic: number) => this.#boundV(bounds, ionic, 'high'),
    };
  }

  /** Below or above it the voltage is never, at this ionic density, between the instants of `bounds`. */
  #boundV(bounds: Bounds, ionic: number, side: 'low' | 'high'): number {
    const { diffusion } = this.state;
    const shift = this.#settledShare * (ionic - this.#ionic);
    const lowSum = bounds.lowSum + shift;
    const highSum = bounds.highSum + shift;
    const low = diffusion.relativeOfSum(lowSum);
    const high = diffusion.relativeOfSum(highSum);
    const { slopeV } = this.#nature;
    const ohmicV = ionic * this.#resistance;
    if (side === 'low') {
      const reduced =
        this.#working.lowReduced(ionic, 1 + low, 1 + high) -
        this.#counter.highReduced(-ionic, 1 - high, 1 - low);
      return ohmicV + bounds.lowV + slopeV * reduced + concentrationV(this.#nature, this.state, lowSum);
    }
    const reduced =
      this.#working.highReduced(ionic, 1 + low, 1 + high) -
      this.#counter.lowReduced(-ionic, 1 - high, 1 - low);
    return ohmicV + bounds.highV + slopeV * reduced + concentrationV(this.#nature, this.state, highSum);
  }

  /** At the start, without transients of the double layer. */
  #quasiSteadyV(ionic: number): number {
    return settledV(this.#nature, this.state, { ionic, sum: this.#sumAt(0, ionic), elapsedS: 0 });
  }

  #quasiSteadyDensity(drive: Drive): number {
    return solvedDensity((ionic) => this.#quasiSteadyV(ionic), this.#circuit(drive, this.conductance(0)));
  }

  #solved(voltageV: (ionic: number) => number, conductance: number): number {
    return solvedDensity(voltageV, this.#circuit(this.#drive, conductance));
  }

  #circuit(drive: Drive, conductance: number): Parameters<typeof solvedDensity>[1] {
    return {
      drive,
      areaCm2: this.#nature.parameters.areaCm2,
      conductanceS: conductance,
      resistanceOhmCm2: this.#resistance,
      guess: this.#ionic,
    };
  }
}
