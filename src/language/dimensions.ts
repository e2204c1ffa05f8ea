// Dimensions of the protocol language: how the integers of base/quantity.ts (pA/cm2, nC/g …) stand to the
// five base units of exact fractions (us, nC, nV, 10 um, ug), and what a dimension is called in a message.
// Everything here is exact; nothing rounds.
import { assert } from '../base/assert.ts';
import { type Dimension, wordsOf } from '../base/quantity.ts';
import type { Dimensions, ExactQuantity } from './expression.ts';

export const PURE: Dimensions = { time: 0, charge: 0, voltage: 0, length: 0, mass: 0 };

const BASES = [
  'charge',
  'voltage',
  'length',
  'mass',
  'time',
] as const satisfies readonly (keyof Dimensions)[];

interface Scale {
  readonly name: Dimension;
  readonly dimensions: Dimensions;
  /** One integer unit of the dimension is so much of the product of base units: one/per. */
  readonly one: bigint;
  readonly per: bigint;
}

/**
 * A current of 1 nC/us is 1 mA = 1e9 pA. An area of (10 um)^2 is 1e-6 cm2; so 1 cm2 is 1e6 and 1 cm3 1e9 of
 * the base units. Order: where two have the same dimensions (1/h and Hz), the first gives the name.
 */
const SCALES: Readonly<Record<Dimension, Scale>> = {
  time: scale('time', { time: 1 }),
  voltage: scale('voltage', { voltage: 1 }),
  current: scale('current', { charge: 1, time: -1 }, { per: 10n ** 9n }),
  charge: scale('charge', { charge: 1 }),
  area: scale('area', { length: 2 }),
  currentDensity: scale('currentDensity', { charge: 1, time: -1, length: -2 }, { per: 10n ** 15n }),
  arealCharge: scale('arealCharge', { charge: 1, length: -2 }, { per: 10n ** 6n }),
  // 1 nV us / nC is 1e-9 V / 1e-3 A = 1e-6 ohm.
  resistance: scale('resistance', { voltage: 1, time: 1, charge: -1 }, { one: 1_000n }),
  ratio: scale('ratio', {}, { per: 10n ** 6n }),
  length: scale('length', { length: 1 }, { per: 10_000n }),
  mass: scale('mass', { mass: 1 }),
  arealMass: scale('arealMass', { mass: 1, length: -2 }, { per: 10n ** 6n }),
  specificCapacity: scale('specificCapacity', { charge: 1, mass: -1 }, { per: 10n ** 6n }),
  specificCurrent: scale('specificCurrent', { charge: 1, time: -1, mass: -1 }, { per: 10n ** 15n }),
  volumetricCapacity: scale('volumetricCapacity', { charge: 1, length: -3 }, { per: 10n ** 9n }),
  rate: scale('rate', { time: -1 }, { per: 3_600_000_000n * 10n ** 6n }),
  frequency: scale('frequency', { time: -1 }, { per: 10n ** 9n }),
  scanRate: scale('scanRate', { voltage: 1, time: -1 }, { per: 10n ** 6n }),
};

function scale(
  name: Dimension,
  exponents: Partial<Dimensions>,
  { one = 1n, per = 1n }: { readonly one?: bigint; readonly per?: bigint } = {},
): Scale {
  return { name, dimensions: { ...PURE, ...exponents }, one, per };
}

/** Exponents of a named dimension; a ratio is a pure number. */
export function dimensionsOf(dimension: Dimension): Dimensions {
  return SCALES[dimension].dimensions;
}

/** The exact quantity that numerator/denominator integer units of `dimension` are (pA, pA/cm2, ppm …). */
export function quantityOf(dimension: Dimension, numerator: bigint, denominator = 1n): ExactQuantity {
  const { dimensions, one, per } = SCALES[dimension];
  return reduced(numerator * one, denominator * per, dimensions);
}

/** A pure number. */
export function numberOf(numerator: bigint, denominator = 1n): ExactQuantity {
  return reduced(numerator, denominator, PURE);
}

/** How many integer units of `dimension` it is, as numerator and denominator (> 0). Asserts the dimension. */
export function unitsIn(
  quantity: ExactQuantity,
  dimension: Dimension,
): { readonly numerator: bigint; readonly denominator: bigint } {
  const { dimensions, one, per } = SCALES[dimension];
  assert(areSameDimensions(quantity.dimensions, dimensions), `a quantity of the dimension ${dimension}`);
  return { numerator: quantity.numerator * per, denominator: quantity.denominator * one };
}

/** numerator/denominator with the sign above and no common factor; the denominator is not 0. */
export function reduced(numerator: bigint, denominator: bigint, dimensions: Dimensions): ExactQuantity {
  assert(denominator !== 0n, 'a fraction has a denominator other than 0');
  const sign = denominator < 0n ? -1n : 1n;
  const common = commonDivisor(magnitude(numerator), magnitude(denominator));
  return {
    numerator: (sign * numerator) / common,
    denominator: (sign * denominator) / common,
    dimensions,
  };
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

export function areSameDimensions(a: Dimensions, b: Dimensions): boolean {
  return BASES.every((base) => a[base] === b[base]);
}

/** Dimensions of a product, or of a quotient. */
export function combinedDimensions(operator: '*' | '/', left: Dimensions, right: Dimensions): Dimensions {
  const sign = operator === '*' ? 1 : -1;
  return {
    time: left.time + sign * right.time,
    charge: left.charge + sign * right.charge,
    voltage: left.voltage + sign * right.voltage,
    length: left.length + sign * right.length,
    mass: left.mass + sign * right.mass,
  };
}

/** `a current`, `a pure number`; what has no name is told by its exponents: `charge^2/time`. */
export function wordsOfDimensions(dimensions: Dimensions): string {
  if (areSameDimensions(dimensions, PURE)) return 'a pure number';
  const named = Object.values(SCALES).find((known) => areSameDimensions(dimensions, known.dimensions));
  if (named !== undefined) return wordsOf(named.name);
  const above = BASES.filter((base) => dimensions[base] > 0).map((base) => power(base, dimensions[base]));
  const below = BASES.filter((base) => dimensions[base] < 0).map((base) => power(base, -dimensions[base]));
  const top = above.length === 0 ? '1' : above.join('·');
  return below.length === 0 ? top : `${top}/${below.join('/')}`;
}

function power(base: string, exponent: number): string {
  return exponent === 1 ? base : `${base}^${exponent}`;
}
