// The impedance of any cell, also of one that knows of no frequency, and of a conductance beside it.
import type { CellModel } from '../cell/cell-model.ts';

export interface Impedance {
  readonly real: number;
  readonly imaginary: number;
}

/** So small that every cell is linear. */
const SMALL_A = 1e-6;

/** Ohm. A cell without frequencies is what it is at rest: a resistance. */
export function impedanceOf(cell: CellModel, elapsedS: number, frequencyHz: number): Impedance {
  const known = cell.impedanceOhm?.(elapsedS, frequencyHz);
  if (known !== undefined) return known;
  return {
    real: (cell.steadyVoltageV(SMALL_A) - cell.steadyVoltageV(-SMALL_A)) / (2 * SMALL_A),
    imaginary: 0,
  };
}

/** Z / (1 + G Z). */
export function besideConductance({ real, imaginary }: Impedance, conductanceS: number): Impedance {
  const [re, im] = [1 + conductanceS * real, conductanceS * imaginary];
  const square = re * re + im * im;
  return { real: (real * re + imaginary * im) / square, imaginary: (imaginary * re - real * im) / square };
}
