// A full cell with a voltage held at its leads. The current follows from a differential equation without a
// closed form; it is solved on a grid of instants that is anchored at the start of the hold and knows nothing
// of who asks when: between two of them the current is a straight line. Must never be shared by two holds.
import { assert } from '../../src/base/assert.ts';
import { type OpenCircuitPoint, openCircuitV } from './physics/open-circuit-curve.ts';
import { rootOfRising } from './zinc/root.ts';

export interface FullCellLaw {
  readonly capacityCPerCm2: number;
  readonly curve: readonly OpenCircuitPoint[];
  readonly resistanceOhmCm2: number;
  readonly exchangeAPerCm2: number;
  readonly diffusionS: number;
  readonly coulombicEfficiency: number;
  /** b = 2RT/F. */
  readonly slopeV: number;
}

/** Ohmic drop and the overpotentials of both electrodes, V; `density` in A/cm2, positive in charge. */
export function polarisationV(law: FullCellLaw, density: number): number {
  const reduced = Math.asinh(density / (2 * law.exchangeAPerCm2));
  return density * law.resistanceOhmCm2 + 2 * law.slopeV * reduced;
}

/** How fast the share of charge rises, 1/s. */
export function shareRatePerS(law: FullCellLaw, density: number): number {
  const storedDensity = density > 0 ? density * law.coulombicEfficiency : density;
  return storedDensity / law.capacityCPerCm2;
}

/** The first interval; each later one is 2 % longer, until it is a twentieth of the diffusion time. */
const FIRST_INTERVAL_S = 0.05;
const INTERVAL_GROWTH = 1.02;
const INTERVALS_PER_DIFFUSION = 20;

/** What a hold has come to at one instant. */
export interface HoldState {
  readonly atS: number;
  readonly density: number;
  readonly share: number;
  /** By how much the surface is ahead of the mean share. */
  readonly lead: number;
  /** Carried by negative current since the start of the hold, as a positive number. */
  readonly plateCPerCm2: number;
  readonly stripCPerCm2: number;
}

export class HeldVoltage {
  readonly kind = 'voltage';
  readonly voltageV: number;
  readonly #law: FullCellLaw;
  readonly #nodes: HoldState[];
  #last: HoldState;
  #intervalS: number;

  constructor(law: FullCellLaw, start: Pick<HoldState, 'share' | 'lead'> & { readonly voltageV: number }) {
    const { share, lead, voltageV } = start;
    this.#law = law;
    this.voltageV = voltageV;
    this.#intervalS = Math.min(FIRST_INTERVAL_S, law.diffusionS / INTERVALS_PER_DIFFUSION);
    const density = this.#densityWhere(() => share + lead, 0);
    this.#last = { atS: 0, density, share, lead, plateCPerCm2: 0, stripCPerCm2: 0 };
    this.#nodes = [this.#last];
  }

  /** Everything `elapsedS` into the hold. */
  stateAt(elapsedS: number): HoldState {
    const left = this.#nodeBefore(elapsedS);
    const [from, until] = [this.#nodes[left], this.#nodes[left + 1]];
    assert(from !== undefined && until !== undefined, 'a hold must have an instant on either side');
    const sinceS = elapsedS - from.atS;
    const density = from.density + (until.density - from.density) * (sinceS / (until.atS - from.atS));
    const changePerS2 = this.#changePerS2(from, until.density, until.atS - from.atS);
    return this.#stateAfter(from, { sinceS, density, changePerS2 });
  }

  /** Encloses the density between two instants: a straight line between two of the grid. */
  densityRange(fromS: number, untilS: number): { readonly low: number; readonly high: number } {
    const [first, last] = [this.stateAt(fromS).density, this.stateAt(untilS).density];
    let [low, high] = [Math.min(first, last), Math.max(first, last)];
    const lastNode = this.#nodeBefore(untilS);
    for (let index = this.#nodeBefore(fromS) + 1; index <= lastNode; index += 1) {
      const { density } = this.#nodes[index] ?? this.#last;
      low = Math.min(low, density);
      high = Math.max(high, density);
    }
    return { low, high };
  }

  /** The last instant of the grid at or before this one; the next one is there too. */
  #nodeBefore(elapsedS: number): number {
    assert(elapsedS >= 0 && elapsedS < Number.POSITIVE_INFINITY, `a hold has no state at ${elapsedS} s`);
    while (this.#last.atS <= elapsedS) this.#addNode();
    let left = 0;
    let right = this.#nodes.length - 1;
    while (right - left > 1) {
      const middle = Math.floor((left + right) / 2);
      if ((this.#nodes[middle] ?? this.#last).atS <= elapsedS) left = middle;
      else right = middle;
    }
    return left;
  }

  #addNode(): void {
    const from = this.#last;
    const sinceS = this.#intervalS;
    const stateFor = (density: number): HoldState =>
      this.#stateAfter(from, { sinceS, density, changePerS2: this.#changePerS2(from, density, sinceS) });
    const surfaceFor = (density: number): number => {
      const { share, lead } = stateFor(density);
      return share + lead;
    };
    this.#last = stateFor(this.#densityWhere(surfaceFor, from.density));
    this.#nodes.push(this.#last);
    const longestS = this.#law.diffusionS / INTERVALS_PER_DIFFUSION;
    this.#intervalS = Math.min(longestS, sinceS * INTERVAL_GROWTH);
  }

  /** How the rate of the share changes over an interval that ends with `density`. */
  #changePerS2(from: HoldState, density: number, intervalS: number): number {
    return (shareRatePerS(this.#law, density) - shareRatePerS(this.#law, from.density)) / intervalS;
  }

  /** Share and lead are exact for a rate that changes as a straight line. */
  #stateAfter(
    from: HoldState,
    { sinceS, density, changePerS2 }: { sinceS: number; density: number; changePerS2: number },
  ): HoldState {
    const tauS = this.#law.diffusionS;
    const ratePerS = shareRatePerS(this.#law, from.density);
    const gone = -Math.expm1(-sinceS / tauS);
    return {
      atS: from.atS + sinceS,
      density,
      share: from.share + sinceS * (ratePerS + (changePerS2 * sinceS) / 2),
      lead: from.lead * (1 - gone) + tauS * (ratePerS * gone + changePerS2 * (sinceS - tauS * gone)),
      plateCPerCm2: from.plateCPerCm2 + sinceS * meanOfPositive(-from.density, -density),
      stripCPerCm2: from.stripCPerCm2 + sinceS * meanOfPositive(from.density, density),
    };
  }

  /** The density at which `surfaceFor` it, open circuit and polarisation make up the held voltage. */
  #densityWhere(surfaceFor: (density: number) => number, guess: number): number {
    const missV = (density: number): number =>
      openCircuitV(this.#law.curve, surfaceFor(density)) + polarisationV(this.#law, density) - this.voltageV;
    const farthest = Math.abs(missV(guess)) / this.#law.resistanceOhmCm2;
    return farthest === 0 ? guess : rootOfRising(missV, guess, farthest);
  }
}

/** Mean of the positive part of a straight line between two values. */
function meanOfPositive(from: number, until: number): number {
  if (from >= 0 && until >= 0) return (from + until) / 2;
  const highest = Math.max(from, until);
  return highest <= 0 ? 0 : (highest * highest) / (2 * Math.abs(until - from));
}
