// Zn || Zn: ohmic drop, symmetric Butler-Volmer kinetics and double layer on both electrodes, in closed form.
// Both electrodes are alike and carry the same current, so one reduced overpotential u = eta / b serves both.
// j0 is per geometric area and per electrode, alpha = 1/2, one-electron form: b = 2RT/F, Tafel slope 118.3
// mV/dec. Must never step an ordinary differential equation: results may not depend on who looks when.
import { assert } from '../../src/base/assert.ts';
import { type CellModel, type CellTruth, ChargeLedger } from './cell-model.ts';

export interface SymmetricZincParameters {
  readonly areaCm2: number;
  readonly exchangeCurrentAPerCm2: number;
  readonly resistanceOhmCm2: number;
  readonly doubleLayerFPerCm2: number;
  readonly temperatureK: number;
}

/** A 12 mm disc in 2 M ZnSO4 on glass fibre. */
export const SYMMETRIC_ZINC_DEFAULTS: SymmetricZincParameters = {
  areaCm2: 1.13,
  exchangeCurrentAPerCm2: 1e-3,
  resistanceOhmCm2: 2,
  doubleLayerFPerCm2: 40e-6,
  temperatureK: 298.15,
};

const GAS_CONSTANT_J_PER_MOL_K = 8.314462618;
const FARADAY_C_PER_MOL = 96_485.33212;
/** exp(-745) is the last double above zero: beyond it the transient is over to the last bit. */
const LAST_EXPONENT = 745;

export class SymmetricZinc implements CellModel {
  readonly #parameters: SymmetricZincParameters;
  readonly #ledger = new ChargeLedger();
  /** b = 2RT/F. */
  readonly #slopeV: number;
  #currentDensity = 0;
  #start = 0;
  #steady = 0;
  #ratePerS = 0;

  constructor(parameters: SymmetricZincParameters = SYMMETRIC_ZINC_DEFAULTS) {
    for (const [name, value] of Object.entries(parameters)) {
      assert(
        Number.isFinite(value) && value >= 0,
        `symmetric zinc: ${name} must be finite and >= 0, found ${value}`,
      );
    }
    this.#parameters = parameters;
    this.#slopeV = (2 * GAS_CONSTANT_J_PER_MOL_K * parameters.temperatureK) / FARADAY_C_PER_MOL;
    this.#begin(0, 0);
  }

  switchTo(elapsedS: number, currentA: number): void {
    const reduced = this.#reducedOverpotential(elapsedS);
    this.#ledger.switchTo(elapsedS, currentA);
    this.#begin(reduced, currentA / this.#parameters.areaCm2);
  }

  voltageV(elapsedS: number): number {
    const ohmicV = this.#currentDensity * this.#parameters.resistanceOhmCm2;
    return ohmicV + 2 * this.#slopeV * this.#reducedOverpotential(elapsedS);
  }

  /** One electrode's overpotential, for tests of the kinetics. */
  overpotentialV(elapsedS: number): number {
    return this.#slopeV * this.#reducedOverpotential(elapsedS);
  }

  monotoneUntilS(): number {
    return Number.POSITIVE_INFINITY;
  }

  steadyVoltageV(currentA: number): number {
    return this.#steadyVoltageAtDensity(currentA / this.#parameters.areaCm2);
  }

  currentAtVoltageA(voltageV: number): number {
    // The steady curve is odd and rising; R j <= V brackets the root, and bisection to the last bit is cheap
    // and rare.
    let low = 0;
    let high = this.#densityAbove(Math.abs(voltageV));
    for (let round = 0; round < 200 && low < high; round += 1) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      if (this.#steadyVoltageAtDensity(middle) < Math.abs(voltageV)) low = middle;
      else high = middle;
    }
    return Math.sign(voltageV) * low * this.#parameters.areaCm2;
  }

  truth(elapsedS: number): CellTruth {
    return this.#ledger.truth(elapsedS);
  }

  #steadyVoltageAtDensity(density: number): number {
    const { resistanceOhmCm2, exchangeCurrentAPerCm2 } = this.#parameters;
    return density * resistanceOhmCm2 + 2 * this.#slopeV * Math.asinh(density / (2 * exchangeCurrentAPerCm2));
  }

  #densityAbove(voltageV: number): number {
    let density = this.#parameters.exchangeCurrentAPerCm2;
    while (this.#steadyVoltageAtDensity(density) < voltageV) density *= 2;
    return density;
  }

  #begin(reducedOverpotential: number, density: number): void {
    const { exchangeCurrentAPerCm2, doubleLayerFPerCm2 } = this.#parameters;
    this.#currentDensity = density;
    this.#start = reducedOverpotential;
    this.#steady = Math.asinh(density / (2 * exchangeCurrentAPerCm2));
    this.#ratePerS = Math.hypot(density, 2 * exchangeCurrentAPerCm2) / (doubleLayerFPerCm2 * this.#slopeV);
  }

  #reducedOverpotential(elapsedS: number): number {
    const exponent = elapsedS * this.#ratePerS;
    if (exponent >= LAST_EXPONENT || this.#start === this.#steady) return this.#steady;
    return this.#steady + relaxed(this.#start - this.#steady, this.#steady, exponent);
  }
}

/**
 * Solves C b du/dt = j - 2 j0 sinh u for the deviation w = u - U from the steady state U, `exponent` = t s/(C
 * b).
 * The textbook form (y - y+)/(y - y-) with y = e^u cancels for large |u|; in T = tanh(w/2), tau = tanh U it
 * reads
 * w(t) = ln(1 + 2 T E / ((1 + tau T)(1 - E) + E (1 - T))), every term positive, exact from |w| of 1e-300 to
 * 700.
 */
function relaxed(deviation: number, steady: number, exponent: number): number {
  const sign = deviation < 0 ? -1 : 1;
  const size = Math.abs(deviation);
  const tau = Math.tanh(sign * steady);
  const tanhHalf = Math.tanh(size / 2);
  const tanhLeft = 2 / (Math.exp(size) + 1);
  // 1 + tau T cancels when tau is near -1; there 1 + tau = 2/(1 + e^(-2U)) is taken without subtracting.
  const product = tau >= 0 ? 1 + tau * tanhHalf : 2 / (1 + Math.exp(-2 * sign * steady)) - tau * tanhLeft;
  const decay = Math.exp(-exponent);
  const denominator = product * -Math.expm1(-exponent) + decay * tanhLeft;
  return sign * Math.log1p((2 * tanhHalf * decay) / denominator);
}
