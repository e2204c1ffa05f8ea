// One electrode during one piece of time: its reduced overpotential u(t) and the bounds of it, from constants
// worked out when the piece begins. Called for every sample: must never allocate in `reduced` and `tailV`.
import { relaxationRatePerS, relaxedDeviation } from '../physics/double-layer.ts';
import {
  advanced,
  type ElectrodeMode,
  type ElectrodeNature,
  type ElectrodeState,
  modeEndS,
  modeOf,
  tailV,
} from './electrode.ts';
import { activeArea, activity, nucleationShare, nucleationV, quietCharges, zincActivity } from './surface.ts';

export interface ElectrodePieceOptions {
  readonly state: ElectrodeState;
  readonly nature: ElectrodeNature;
  /** Of this electrode, constant for what is stored: positive strips it. */
  readonly density: number;
  /** j0 of this electrode, without what `activity` and concentration make of it. */
  readonly exchange: number;
  readonly slopeV: number;
  readonly doubleLayerFPerCm2: number;
  /** Concentration at its surface over the mean, when the piece begins. */
  readonly concentration: number;
  /** What really flows at the first instant, and the concentration that goes with it. */
  readonly first: { readonly density: number; readonly concentration: number };
  readonly concentrationExponent: number;
  /**
   * Ohmic part of the way on which both double layers can charge by themselves: the bridge, or the source.
   */
  readonly loopOhmCm2: number;
}

/** Two instants of a piece. */
export interface Span {
  readonly fromS: number;
  readonly untilS: number;
}

/** exp(-745) is the last double above zero: beyond it the transient is over to the last bit. */
const LAST_EXPONENT = 745;
/** A depleted surface still has a trace of salt: keeps j0 above zero. */
const LEAST_CONCENTRATION = 1e-9;

/** What multiplies j0 for a concentration at the surface: (c/c0)^gamma. */
export function saltFactor(concentration: number, exponent: number): number {
  const salt = concentration < LEAST_CONCENTRATION ? LEAST_CONCENTRATION : concentration;
  // gamma is 1/2 but in rare cases, and a square root is much faster than a power.
  return exponent === 0.5 ? Math.sqrt(salt) : salt ** exponent;
}

export class ElectrodePiece {
  readonly mode: ElectrodeMode;
  readonly #options: ElectrodePieceOptions;
  readonly #magnitude: number;
  /** Nucleation overpotential at the first instant of a plating, reduced. */
  readonly #nucleation: number;
  readonly #deviation: number;
  readonly #steady: number;
  readonly #ratePerS: number;
  readonly #transientEndS: number;
  /** In between nothing but current and concentration decides on u. */
  readonly #quietFromS: number;
  readonly #quietUntilS: number;
  readonly #quietExchange: number;
  /** What `bound` found: j0 without the salt's share, and what adds to the kinetics. */
  #leastExchange = 0;
  #mostExchange = 0;
  #leastRest = 0;
  #mostRest = 0;

  constructor(options: ElectrodePieceOptions) {
    const { state, nature, density, slopeV, doubleLayerFPerCm2, concentration, first } = options;
    this.#options = options;
    this.mode = modeOf(state, nature, density);
    this.#magnitude = Math.abs(density);
    this.#nucleation = this.mode === 'plating' ? nucleationV(state, nature, this.#magnitude) / slopeV : 0;
    const exchange = this.#exchange(0, concentration);
    this.#steady = this.steady(0, density, concentration);
    this.#deviation = state.reduced - this.steady(0, first.density, first.concentration);
    const chargingPerS = 2 / (options.loopOhmCm2 * doubleLayerFPerCm2);
    this.#ratePerS = relaxationRatePerS({ density, exchange, doubleLayerFPerCm2, slopeV }) + chargingPerS;
    this.#transientEndS = this.#deviation === 0 ? 0 : LAST_EXPONENT / this.#ratePerS;
    const quiet = quietCharges(state, nature, this.mode);
    this.#quietFromS = Math.max(this.#transientEndS, quiet.fromC === 0 ? 0 : quiet.fromC / this.#magnitude);
    this.#quietUntilS = quiet.untilC / this.#magnitude;
    this.#quietExchange = options.exchange * this.#activity(this.#quietFromS);
  }

  /** When this electrode's mode is over by itself; Infinity when never. */
  get endS(): number {
    const { state, nature, density } = this.#options;
    return modeEndS(state, nature, this.mode, density);
  }

  /** While this lasts, u and the substrate's potential change with nothing but the concentration. */
  get plateau(): { readonly fromS: number; readonly untilS: number } {
    const isZinc = this.mode === 'plating' || this.mode === 'stripping';
    return { fromS: this.#quietFromS, untilS: isZinc ? this.#quietUntilS : 0 };
  }

  /** u at `elapsedS` for this density: kinetics, nucleation, and what is left of the transient. */
  reduced(elapsedS: number, density: number, concentration: number): number {
    if (elapsedS >= this.#quietFromS && elapsedS < this.#quietUntilS)
      return Math.asinh(density / (2 * this.#quietExchange * this.#saltFactor(concentration)));
    const steady = this.steady(elapsedS, density, concentration);
    return elapsedS >= this.#transientEndS ? steady : steady + this.#transient(elapsedS);
  }

  /** The same without the double layer. */
  steady(elapsedS: number, density: number, concentration: number): number {
    const kinetic = Math.asinh(density / (2 * this.#exchange(elapsedS, concentration)));
    return this.#nucleation === 0 ? kinetic : kinetic - this.#nucleation * this.#share(elapsedS);
  }

  /** Potential of the bare substrate against zinc. */
  tailV(elapsedS: number): number {
    const { state, nature, density } = this.#options;
    return state.tailC === 0 && this.mode !== 'charging'
      ? 0
      : tailV(state, nature, this.mode, { density, elapsedS });
  }

  /**
   * Prepares `lowReduced` and `highReduced` for the instants of `span`: each part of `reduced` is monotone in
   * between, so the ends bound it.
   */
  bound({ fromS, untilS }: Span): void {
    const { state, nature, exchange } = this.#options;
    const fromC = this.#magnitude * fromS;
    const untilC = this.#magnitude * untilS;
    const zincFrom = zincActivity(state, nature, this.mode, fromC);
    const zincUntil = zincActivity(state, nature, this.mode, untilC);
    const areaFrom = activeArea(state, nature, this.mode, fromC);
    const areaUntil = activeArea(state, nature, this.mode, untilC);
    this.#leastExchange = exchange * Math.min(zincFrom, zincUntil) * Math.min(areaFrom, areaUntil);
    this.#mostExchange = exchange * Math.max(zincFrom, zincUntil) * Math.max(areaFrom, areaUntil);
    const nucleationFrom = this.#nucleation * this.#share(fromS);
    const nucleationUntil = this.#nucleation * this.#share(untilS);
    const transientFrom = this.#transient(fromS);
    const transientUntil = this.#transient(untilS);
    this.#leastRest = Math.min(transientFrom, transientUntil) - Math.max(nucleationFrom, nucleationUntil);
    this.#mostRest = Math.max(transientFrom, transientUntil) - Math.min(nucleationFrom, nucleationUntil);
  }

  /** Below it `reduced` does not fall at `density` between the instants that were given to `bound`. */
  lowReduced(density: number, least: number, most: number): number {
    const exchange =
      density < 0
        ? this.#leastExchange * this.#saltFactor(least)
        : this.#mostExchange * this.#saltFactor(most);
    return Math.asinh(density / (2 * exchange)) + this.#leastRest;
  }

  /** Above it `reduced` does not rise; `least` and `most` are the surface concentrations of that time. */
  highReduced(density: number, least: number, most: number): number {
    const exchange =
      density < 0
        ? this.#mostExchange * this.#saltFactor(most)
        : this.#leastExchange * this.#saltFactor(least);
    return Math.asinh(density / (2 * exchange)) + this.#mostRest;
  }

  /**
   * The electrode `elapsedS` into the piece; `isOver`: its mode has just ended by itself. The double layer is
   * what is shown, at the density that really flows, so that it goes on from there.
   */
  stateAt(
    elapsedS: number,
    end: { readonly isOver: boolean; readonly density: number; readonly concentration: number },
  ): ElectrodeState {
    const { state, nature, density } = this.#options;
    const next = advanced(state, nature, this.mode, { density, elapsedS, isOver: end.isOver });
    return { ...next, reduced: this.reduced(elapsedS, end.density, end.concentration) };
  }

  #transient(elapsedS: number): number {
    if (elapsedS >= this.#transientEndS) return 0;
    return relaxedDeviation(this.#deviation, this.#steady, elapsedS * this.#ratePerS);
  }

  #share(elapsedS: number): number {
    const { state, nature } = this.#options;
    return nucleationShare(state, nature, this.mode, this.#magnitude * elapsedS);
  }

  #activity(elapsedS: number): number {
    const { state, nature } = this.#options;
    return activity(state, nature, this.mode, this.#magnitude * elapsedS);
  }

  /** j0 ~ activity (c/c0)^gamma. */
  #exchange(elapsedS: number, concentration: number): number {
    return this.#options.exchange * this.#activity(elapsedS) * this.#saltFactor(concentration);
  }

  #saltFactor(concentration: number): number {
    return saltFactor(concentration, this.#options.concentrationExponent);
  }
}
