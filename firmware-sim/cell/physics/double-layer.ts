// Charging of one electrode's double layer at constant current, solved exactly: no ordinary differential
// equation is stepped, so an electrode's potential does not depend on who looks when.
// Called for every sample: must never allocate.

/** Densities in A/cm2; `exchange` and `doubleLayerFPerCm2` > 0; `slopeV` is b = 2RT/F. */
export interface DoubleLayerRate {
  readonly density: number;
  readonly exchange: number;
  readonly doubleLayerFPerCm2: number;
  readonly slopeV: number;
}

/**
 * s/(C b) in 1/s with s = sqrt(j2 + 4 j0 2): rate of the transient. Its inverse is the time constant of small
 * deviations; at open circuit it is RT/(F j0) C.
 */
export function relaxationRatePerS(rate: DoubleLayerRate): number {
  return Math.hypot(rate.density, 2 * rate.exchange) / (rate.doubleLayerFPerCm2 * rate.slopeV);
}

/**
 * Deviation w = u - U from the steady state U = asinh(j/(2 j0)) that is left of `deviation` after `exponent`
 * = t s/(C b); reduced by b, as is `steady` = U. Solves C b du/dt = j - 2 j0 sinh u by separation.
 *
 * The textbook form (y - y+)/(y - y-) = [..] exp(-t s/(C b)) with y = e^u cancels for large |u|. In
 * T = tanh(|w|/2) and tau = tanh(U sign w), with E = exp(-exponent), it reads
 * |w(t)| = ln(1 + 2 T E / ((1 + tau T)(1 - E) + E (1 - T))): every term positive, exact from 1e-300 to 700.
 */
export function relaxedDeviation(deviation: number, steady: number, exponent: number): number {
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
