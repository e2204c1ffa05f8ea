// Small-signal impedance of a symmetric two-electrode cell around zero current: the closed form that a
// simulated sine must agree with, and that resistances of a model are read from.
// Must never overflow, however high the frequency.

export interface ImpedanceOptions {
  readonly frequencyHz: number;
  /** Everything ohmic between the leads. */
  readonly resistanceOhmCm2: number;
  /** Of each electrode. */
  readonly chargeTransferOhmCm2: number;
  /** Of each electrode. */
  readonly doubleLayerFPerCm2: number;
  /** Diffusion's share at zero frequency. */
  readonly diffusionOhmCm2: number;
  /** tau' = L2 tau/(4D): half the separator is one diffusion layer. */
  readonly diffusionS: number;
}

export interface ImpedanceOhmCm2 {
  readonly real: number;
  readonly imaginary: number;
}

/**
 * Z = R + 2/(1/R_ct + i w C) + R_d tanh(sqrt(i w tau'))/sqrt(i w tau') (finite-space Warburg with a fixed
 * concentration in the middle plane; Orazem & Tribollet, Electrochemical Impedance Spectroscopy, chapter 11).
 */
export function impedanceOhmCm2(options: ImpedanceOptions): ImpedanceOhmCm2 {
  const angularPerS = 2 * Math.PI * options.frequencyHz;
  const { chargeTransferOhmCm2, diffusionOhmCm2 } = options;
  const lag = angularPerS * chargeTransferOhmCm2 * options.doubleLayerFPerCm2;
  const electrodes = (2 * chargeTransferOhmCm2) / (1 + lag * lag);
  const warburg = finiteWarburg(angularPerS * options.diffusionS);
  return {
    real: options.resistanceOhmCm2 + electrodes + diffusionOhmCm2 * warburg.real,
    imaginary: -electrodes * lag + diffusionOhmCm2 * warburg.imaginary,
  };
}

/** tanh(s)/s for s = sqrt(i x) = a + i a; the hyperbolic functions are divided by e^(2a) against overflow. */
function finiteWarburg(x: number): ImpedanceOhmCm2 {
  const a = Math.sqrt(x / 2);
  if (a === 0) return { real: 1, imaginary: 0 };
  const fade = Math.exp(-2 * a);
  const denominator = 1 + fade * fade + 2 * fade * Math.cos(2 * a);
  const tanhReal = -Math.expm1(-4 * a) / denominator;
  const tanhImaginary = (2 * fade * Math.sin(2 * a)) / denominator;
  return { real: (tanhReal + tanhImaginary) / (2 * a), imaginary: (tanhImaginary - tanhReal) / (2 * a) };
}
