// Salt diffusion between two zinc electrodes that pass the same current: cosine modes of the slab, exact
// while the current is constant. Must never depend on how often it is asked, nor allocate when it is.
// Densities are in A/cm2, signed like the current: positive strips the working electrode.
import { type DiffusionOptions, type Slab, slabOf } from './slab.ts';

/** exp(-745) is the last double above zero: beyond it a mode is at its steady value to the last bit. */
const LAST_EXPONENT = 745;
/** Modes that have decayed this much further than the first one no longer reach the sum's last bit. */
const NEGLIGIBLE = 1e-32;
const EIGHTH_ROOT_OF_NEGLIGIBLE = 1e-4;
/** What is smaller than a number by this factor does not change it: half of its last bit is 2^-54 of it. */
const UNSEEN = 2 ** 56;
/** Covers the rounding of a sum of modes, relative to its largest parts. */
const ROUNDING = 4e-15;
/** A surface counts as depleted below this share of the mean concentration. */
const DEPLETED_SHARE = 1e-9;
/** What each mean concentration of salt that is asked for beyond depletion adds to the voltage. */
const DEPLETED_EXCESS_V = 1000;
const NEWTON_ROUNDS = 500;

/**
 * Slab of thickness L with equal and opposite flux N = (1 - t+) j/(zF) at its faces. Only odd modes are
 * driven: m_k' = lambda_k (4/(pi k)2 j - m_k), lambda_k = k2 pi2 D/(tau L2); the deviation at the surfaces is
 * +-(L tau/(eps D)) ((1 - t+)/(zF)) S with S = sum m_k + tail j, the tail being all higher modes, taken as
 * settled (Carslaw & Jaeger, Conduction of Heat in Solids, 2nd ed., section 3.8). S is steady at j/2.
 */
export class DiffusionModes {
  /** What `sumRange` found, A/cm2. */
  lowSum = 0;
  highSum = 0;
  /** Time constant of the slowest mode: tau L2/(pi2 D). */
  readonly slowestS: number;
  readonly #options: DiffusionOptions;
  readonly #slab: Slab;
  /** Relative surface deviation for each A/cm2 of S. */
  readonly #relativePerSum: number;
  readonly #gains: Float64Array;
  /** m_k minus its steady value at the start of the stretch, A/cm2. */
  readonly #deviations: Float64Array;
  readonly #ratePerS: number;
  /** (1 - t+) 2R/(zF), V/K. */
  readonly #potentialVPerK: number;
  #density = 0;
  /** What `#survey` found: by how much the modes will still rise and fall, and how fast (in lambda). */
  #leftToRise = 0;
  #leftToFall = 0;
  #riseRate = 0;
  #fallRate = 0;

  /**
   * At rest with even concentration. Asserts that every option is finite and positive, and t+ < 1; `slab` is
   * what a copy need not work out again.
   */
  constructor(options: DiffusionOptions, slab: Slab = slabOf(options)) {
    this.#options = options;
    this.#slab = slab;
    this.slowestS = slab.slowestS;
    this.#ratePerS = 1 / slab.slowestS;
    this.#potentialVPerK = slab.potentialVPerK;
    this.#relativePerSum = 2 / slab.limit;
    this.#gains = slab.gains;
    this.#deviations = new Float64Array(slab.gains.length);
  }

  /** Ends the running stretch after `elapsedS` and begins one at `density`, A/cm2. */
  begin(elapsedS: number, density: number): void {
    const first = Math.exp(-elapsedS * this.#ratePerS);
    const eighth = eighthPower(first);
    const step = this.#density - density;
    let decay = first;
    let ratio = eighth;
    for (let n = 0; n < this.#deviations.length; n += 1) {
      const gain = this.#gains[n] ?? 0;
      this.#deviations[n] = (this.#deviations[n] ?? 0) * decay + gain * step;
      decay *= ratio;
      ratio *= eighth;
    }
    this.#density = density;
  }

  /** Of the running stretch, A/cm2. */
  get density(): number {
    return this.#density;
  }

  /** S in A/cm2, `elapsedS` into the stretch. */
  surfaceSum(elapsedS: number): number {
    // The gains of all modes and the tail add up to 1/2, so only what has not settled is summed. For odd k,
    // exp(-k2 x) follows from exp(-x) by factors exp(-8 n x).
    const steady = this.#density / 2;
    const exponent = elapsedS * this.#ratePerS;
    if (exponent >= LAST_EXPONENT) return steady;
    const first = Math.exp(-exponent);
    const eighth = eighthPower(first);
    const least = first * NEGLIGIBLE;
    let decay = first;
    let ratio = eighth;
    let sum = 0;
    for (let n = 0; decay > least && n < this.#deviations.length; n += 1) {
      sum += (this.#deviations[n] ?? 0) * decay;
      decay *= ratio;
      ratio *= eighth;
    }
    return steady + sum;
  }

  /**
   * Encloses S from `fromS` to `untilS` in `lowSum` and `highSum`: the two ends (and their rounding) where S
   * is shown to be monotone in between, else the sum of what each mode does, each of them being monotone.
   */
  sumRange(fromS: number, untilS: number): void {
    const fromSum = this.surfaceSum(fromS);
    this.lowSum = fromSum;
    this.highSum = fromSum;
    if (fromS === untilS) return;
    this.#survey(fromS);
    const earlyRiseRate = this.#riseRate;
    const earlyFallRate = this.#fallRate;
    const earlyRise = this.#leftToRise;
    const earlyFall = this.#leftToFall;
    this.#survey(untilS);
    const untilSum = this.#density / 2 + this.#leftToFall - this.#leftToRise;
    const margin = ROUNDING * (Math.abs(this.#density) + earlyRise + earlyFall);
    // S' = rise rate - fall rate; both shrink, so each stays between its late and its early value.
    const isMonotone = this.#riseRate >= earlyFallRate || this.#fallRate >= earlyRiseRate;
    const rise = isMonotone ? 0 : earlyRise - this.#leftToRise;
    const fall = isMonotone ? 0 : earlyFall - this.#leftToFall;
    const low = isMonotone ? Math.min(fromSum, untilSum) : Math.max(fromSum - fall, untilSum - rise);
    const high = isMonotone ? Math.max(fromSum, untilSum) : Math.min(fromSum + rise, untilSum + fall);
    this.lowSum = low - margin;
    this.highSum = high + margin;
  }

  /**
   * From here on S is the same number to its last bit, in seconds into the stretch; Infinity at zero density,
   * where it only fades.
   */
  get settledS(): number {
    if (this.#density === 0) return Number.POSITIVE_INFINITY;
    let size = 0;
    for (const deviation of this.#deviations) size += Math.abs(deviation);
    return Math.log1p((size / Math.abs(this.#density)) * UNSEEN) * this.slowestS;
  }

  /**
   * What S has become, for each A/cm2, `elapsedS` after a current was switched on at rest: 1/2 in the end,
   * and at once the share of the modes that count as settled.
   */
  stepResponse(elapsedS: number): number {
    const first = Math.exp(-elapsedS * this.#ratePerS);
    const eighth = eighthPower(first);
    let decay = first;
    let ratio = eighth;
    let left = 0;
    for (const gain of this.#gains) {
      left += gain * decay;
      decay *= ratio;
      ratio *= eighth;
    }
    return 0.5 - left;
  }

  /** Concentration at the working electrode less the mean, as a share of the mean, for a given S. */
  relativeOfSum(sum: number): number {
    return sum * this.#relativePerSum;
  }

  /** Concentration at the working electrode less the mean, mol/m3; the counter electrode has its negative. */
  surfaceDeviationMolPerM3(elapsedS: number): number {
    return this.#relativePerSum * this.surfaceSum(elapsedS) * this.#options.concentrationMolPerM3;
  }

  /** Concentration overpotential of both electrodes, V; adds to the terminal voltage with its own sign. */
  potentialV(elapsedS: number, temperatureK: number, factor: number): number {
    return this.potentialOfSumV(this.surfaceSum(elapsedS), temperatureK, factor);
  }

  /**
   * (1 - t+)(2RT/zF) factor ln(c_strip/c_plate) in V for a given S; rises with S. `factor` is the
   * thermodynamic one (1 for ZnSO4). The lower concentration counts as 1e-9 of the mean where it would be
   * less, and each mean concentration that is missing then adds 1 kV: past any limit, yet finite and
   * continuous.
   */
  potentialOfSumV(sum: number, temperatureK: number, factor: number): number {
    const scaleV = this.#potentialVPerK * temperatureK * factor;
    const relative = sum * this.#relativePerSum;
    const size = Math.abs(relative);
    if (size <= 1 - DEPLETED_SHARE) return scaleV * 2 * Math.atanh(relative);
    const edgeV = scaleV * 2 * Math.atanh(1 - DEPLETED_SHARE);
    return Math.sign(sum) * (edgeV + DEPLETED_EXCESS_V * (size - (1 - DEPLETED_SHARE)));
  }

  /** A/cm2 that just empty the plating surface in the steady state: 2 zF c0 eps D/((1 - t+) tau L). */
  limitCurrentDensity(): number {
    return this.#slab.limit;
  }

  /** R_d in ohm cm2: steady `potentialV` for each A/cm2 at low current, for a thermodynamic factor of 1. */
  resistanceOhmCm2(temperatureK: number): number {
    return this.#potentialVPerK * temperatureK * this.#relativePerSum;
  }

  /**
   * Seconds from rest at constant `density` until the plating surface is empty; Infinity when it never is.
   * The share that is reached, 1 - 2 sum gain_k exp(-k2 x), rises and is concave in x: Newton's steps from 0
   * rise to the root and never pass it. Agrees with what `potentialV` does, the settled tail included.
   */
  depletionS(options: { readonly density: number }): number {
    const share = this.limitCurrentDensity() / Math.abs(options.density);
    if (!(share < 1)) return Number.POSITIVE_INFINITY;
    let root = 0;
    for (let round = 0; round < NEWTON_ROUNDS; round += 1) {
      let miss = share - 1;
      let slope = 0;
      for (let n = 0; n < this.#gains.length; n += 1) {
        const square = (2 * n + 1) ** 2;
        const part = 2 * (this.#gains[n] ?? 0) * Math.exp(-square * root);
        miss += part;
        slope += square * part;
      }
      const next = root + miss / slope;
      if (!(next > root)) break;
      root = next;
    }
    return root * this.slowestS;
  }

  /** Another one in the same state, to try something out on. */
  copy(): DiffusionModes {
    const twin = new DiffusionModes(this.#options, this.#slab);
    twin.#deviations.set(this.#deviations);
    twin.#density = this.#density;
    return twin;
  }

  #survey(elapsedS: number): void {
    const first = Math.exp(-elapsedS * this.#ratePerS);
    const eighth = eighthPower(first);
    const least = first * NEGLIGIBLE;
    let decay = first;
    let ratio = eighth;
    this.#leftToRise = 0;
    this.#leftToFall = 0;
    this.#riseRate = 0;
    this.#fallRate = 0;
    for (let n = 0; decay > least && n < this.#deviations.length; n += 1) {
      const left = (this.#deviations[n] ?? 0) * decay;
      const rate = (2 * n + 1) * (2 * n + 1) * left;
      if (left < 0) {
        this.#leftToRise -= left;
        this.#riseRate -= rate;
      } else {
        this.#leftToFall += left;
        this.#fallRate += rate;
      }
      decay *= ratio;
      ratio *= eighth;
    }
  }
}

/** exp(-8 x) from exp(-x); 0 where it is negligible, as products that underflow cost ten times their time. */
function eighthPower(value: number): number {
  if (value < EIGHTH_ROOT_OF_NEGLIGIBLE) return 0;
  const square = value * value;
  const fourth = square * square;
  return fourth * fourth;
}
