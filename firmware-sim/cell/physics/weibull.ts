// Weibull-distributed lives (of charge passed, for shorts): the life that a unit exponential draw stands for,
// and the mean and median of many. Must never draw by itself: chance comes from a counter-based generator.

/** Cumulative hazard is (Q/scale)^shape; the results carry the unit of `scale`. */
export interface Weibull {
  readonly scale: number;
  readonly shape: number;
}

/** Lanczos' series for g = 7, nine terms: good to 1e-14 (Godfrey 2001; Numerical Recipes, section 6.1). */
const LANCZOS_G = 7;
const LANCZOS_FIRST = 0.99999999999980993;
const LANCZOS: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** scale E^(1/shape): the life at which the hazard has added up to `exponential` = E, a draw from Exp(1). */
export function weibullCharge(options: Weibull & { readonly exponential: number }): number {
  return options.scale * options.exponential ** (1 / options.shape);
}

/** scale Gamma(1 + 1/shape). */
export function weibullMean({ scale, shape }: Weibull): number {
  return scale * gammaOfOnePlus(1 / shape);
}

/** scale (ln 2)^(1/shape). */
export function weibullMedian({ scale, shape }: Weibull): number {
  return scale * Math.LN2 ** (1 / shape);
}

function gammaOfOnePlus(value: number): number {
  const base = value + LANCZOS_G + 0.5;
  const series = LANCZOS.reduce((sum, term, n) => sum + term / (value + n + 1), LANCZOS_FIRST);
  return Math.sqrt(2 * Math.PI) * base ** (value + 0.5) * Math.exp(-base) * series;
}
