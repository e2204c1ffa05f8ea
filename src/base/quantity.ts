// Quantities with units, parsed exactly: decimal text to an integer of a base unit, never through floating
// point. The closed list of units is the whole language: `m` alone (metre? minute?) is not in it.
// Base units: us, nV, pA, nC, 1e-6 cm2 (ucm2), pA/cm2, nC/cm2, mohm, ppm, nm, ug, ug/cm2, nC/g, pA/g, nC/cm3,
// 1e-6 1/h, mHz, nV/s.

import { suggestion } from './suggestion.ts';

export type Dimension =
  | 'time'
  | 'voltage'
  | 'current'
  | 'charge'
  | 'area'
  | 'currentDensity'
  | 'arealCharge'
  | 'resistance'
  | 'ratio'
  | 'length'
  | 'mass'
  | 'arealMass'
  | 'specificCapacity'
  | 'specificCurrent'
  | 'volumetricCapacity'
  | 'rate'
  | 'frequency'
  | 'scanRate';

export interface Unit {
  readonly name: string;
  readonly dimension: Dimension;
  /** How many base units one of it is. */
  readonly factor: bigint;
}

const UNITS: readonly Unit[] = [
  unit('us', 'time', 1n),
  unit('ms', 'time', 1_000n),
  unit('s', 'time', 1_000_000n),
  unit('min', 'time', 60_000_000n),
  unit('h', 'time', 3_600_000_000n),
  unit('d', 'time', 86_400_000_000n),
  unit('V', 'voltage', 1_000_000_000n),
  unit('mV', 'voltage', 1_000_000n),
  unit('uV', 'voltage', 1_000n),
  unit('A', 'current', 1_000_000_000_000n),
  unit('mA', 'current', 1_000_000_000n),
  unit('uA', 'current', 1_000_000n),
  unit('nA', 'current', 1_000n),
  unit('Ah', 'charge', 3_600_000_000_000n),
  unit('mAh', 'charge', 3_600_000_000n),
  unit('uAh', 'charge', 3_600_000n),
  unit('C', 'charge', 1_000_000_000n),
  unit('mC', 'charge', 1_000_000n),
  unit('cm2', 'area', 1_000_000n),
  unit('mm2', 'area', 10_000n),
  unit('A/cm2', 'currentDensity', 1_000_000_000_000n),
  unit('mA/cm2', 'currentDensity', 1_000_000_000n),
  unit('uA/cm2', 'currentDensity', 1_000_000n),
  unit('Ah/cm2', 'arealCharge', 3_600_000_000_000n),
  unit('mAh/cm2', 'arealCharge', 3_600_000_000n),
  unit('uAh/cm2', 'arealCharge', 3_600_000n),
  unit('C/cm2', 'arealCharge', 1_000_000_000n),
  unit('mohm', 'resistance', 1n),
  unit('ohm', 'resistance', 1_000n),
  unit('kohm', 'resistance', 1_000_000n),
  unit('Mohm', 'resistance', 1_000_000_000n),
  unit('%', 'ratio', 10_000n),
  unit('ppm', 'ratio', 1n),
  unit('nm', 'length', 1n),
  unit('um', 'length', 1_000n),
  unit('mm', 'length', 1_000_000n),
  unit('cm', 'length', 10_000_000n),
  unit('ug', 'mass', 1n),
  unit('mg', 'mass', 1_000n),
  unit('g', 'mass', 1_000_000n),
  unit('ug/cm2', 'arealMass', 1n),
  unit('mg/cm2', 'arealMass', 1_000n),
  unit('g/cm2', 'arealMass', 1_000_000n),
  unit('mAh/g', 'specificCapacity', 3_600_000_000n),
  unit('C/g', 'specificCapacity', 1_000_000_000n),
  unit('mA/g', 'specificCurrent', 1_000_000_000n),
  unit('A/g', 'specificCurrent', 1_000_000_000_000n),
  unit('mAh/cm3', 'volumetricCapacity', 3_600_000_000n),
  unit('C/cm3', 'volumetricCapacity', 1_000_000_000n),
  unit('1/h', 'rate', 1_000_000n),
  unit('mHz', 'frequency', 1n),
  unit('Hz', 'frequency', 1_000n),
  unit('kHz', 'frequency', 1_000_000n),
  unit('MHz', 'frequency', 1_000_000_000n),
  unit('uV/s', 'scanRate', 1_000n),
  unit('mV/s', 'scanRate', 1_000_000n),
  unit('V/s', 'scanRate', 1_000_000_000n),
];

/** The unit a quantity is shown in, and an example for messages. */
const SHOWN: Record<Dimension, { readonly unit: string; readonly example: string }> = {
  time: { unit: 's', example: '10 s' },
  voltage: { unit: 'V', example: '0.5 V' },
  current: { unit: 'mA', example: '1.13 mA' },
  charge: { unit: 'mAh', example: '1 mAh' },
  area: { unit: 'cm2', example: '1.13 cm2' },
  currentDensity: { unit: 'mA/cm2', example: '1 mA/cm2' },
  arealCharge: { unit: 'mAh/cm2', example: '1 mAh/cm2' },
  resistance: { unit: 'ohm', example: '100 ohm' },
  ratio: { unit: '%', example: '5 %' },
  length: { unit: 'um', example: '10 um' },
  mass: { unit: 'mg', example: '5 mg' },
  arealMass: { unit: 'mg/cm2', example: '5 mg/cm2' },
  specificCapacity: { unit: 'mAh/g', example: '200 mAh/g' },
  specificCurrent: { unit: 'mA/g', example: '100 mA/g' },
  volumetricCapacity: { unit: 'mAh/cm3', example: '5855 mAh/cm3' },
  rate: { unit: '1/h', example: '0.5 1/h' },
  frequency: { unit: 'Hz', example: '100 kHz' },
  scanRate: { unit: 'mV/s', example: '1 mV/s' },
};

export type QuantityResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string };

function unit(name: string, dimension: Dimension, factor: bigint): Unit {
  return { name, dimension, factor };
}

/** Names of all units, the closed list. */
export const UNIT_NAMES: readonly string[] = UNITS.map(({ name }) => name);

/** The unit that a text such as `mA/cm²` names, whatever its dimension; null: none. */
export function findUnit(text: string): Unit | null {
  const name = normaliseUnit(text);
  return UNITS.find((candidate) => candidate.name === name) ?? null;
}

/** `1.13 cm2` for an area: what a message tells to write. */
export function exampleOf(dimension: Dimension): string {
  return SHOWN[dimension].example;
}

/** `1 mA cm^-2`, `1 mA cm⁻²` and `1mA/cm²` are `mA/cm2`; a micro sign is `u`, an omega `ohm`. */
function normaliseUnit(text: string): string {
  return text
    .replaceAll(/\s+/g, '')
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll(/[ΩΩ]/g, 'ohm')
    .replaceAll('⁻', '-')
    .replaceAll('¹', '1')
    .replaceAll('²', '2')
    .replaceAll('³', '3')
    .replaceAll('^', '')
    .replace(/[·*]?cm-([23])$/, '/cm$1')
    .replace(/[·*]?([ghs])-1$/, '/$1')
    .replace(/^\//, '1/');
}

/**
 * Parses `1.13 cm2` into an integer of the dimension's base unit. The message of a failure says what to write
 * instead.
 */
export function parseQuantity(text: string, dimension: Dimension): QuantityResult {
  const match = /^\s*([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?\s*(.*?)\s*$/.exec(text);
  const example = `write it like "${SHOWN[dimension].example}"`;
  if (match === null) return { ok: false, message: `"${text}" is not a number with a unit; ${example}` };
  const [, sign = '', whole = '', fraction = '', exponent = '0', unitText = ''] = match;
  const name = normaliseUnit(unitText);
  const found = UNITS.find((candidate) => candidate.name === name && candidate.dimension === dimension);
  if (found === undefined) return { ok: false, message: `${unitProblem(text, name, dimension)}; ${example}` };
  const digits = BigInt(whole + fraction) * found.factor;
  const shift = Number(exponent) - fraction.length;
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, 10n ** BigInt(-shift));
  const signed = Number(sign === '-' ? -value : value);
  if (!Number.isSafeInteger(signed)) return { ok: false, message: `"${text}" is too large; ${example}` };
  return { ok: true, value: signed };
}

function unitProblem(text: string, name: string, dimension: Dimension): string {
  if (name === '') return `"${text}" has no unit`;
  const known = UNITS.find((candidate) => candidate.name === name);
  if (known !== undefined) return `"${text}" is ${wordsOf(known.dimension)}, expected ${wordsOf(dimension)}`;
  const names = UNITS.filter((candidate) => candidate.dimension === dimension).map(
    (candidate) => candidate.name,
  );
  return `"${text}": unknown unit "${name}"; ${suggestion(name, names)}`;
}

/** `a current density`, `an area`. */
export function wordsOf(dimension: Dimension): string {
  const words = dimension.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}

/** Integer division, halves away from zero; both non-negative. */
function divideRounded(value: bigint, by: bigint): bigint {
  return (2n * value + by) / (2n * by);
}

/** value x factor / divisor on integers, exact before the one rounding: `1 mA/cm2` x `1.13 cm2`. */
export function multiplyDivide(value: number, factor: number, divisor: number): number {
  const product = BigInt(value) * BigInt(factor);
  const magnitude = divideRounded(product < 0n ? -product : product, BigInt(divisor));
  return Number(product < 0n ? -magnitude : magnitude);
}

/** Current (pA) of a density (pA/cm2) on an area (1e-6 cm2); charge (nC) of an areal charge likewise. */
export function perArea(density: number, areaUcm2: number): number {
  return multiplyDivide(density, areaUcm2, 1_000_000);
}

/** Exact decimal text in the dimension's usual unit, e.g. `1.13 mA`. */
export function formatQuantity(value: number, dimension: Dimension): string {
  const shown = SHOWN[dimension].unit;
  const found = UNITS.find((candidate) => candidate.name === shown && candidate.dimension === dimension);
  if (found === undefined) return String(value);
  return `${decimalOf(value, found.factor)} ${shown}`;
}

/** Enough for every base unit to be told apart in its shown unit: 1 nC is 2.8e-10 mAh. */
const DECIMALS = 10;

/**
 * value / factor as shortest decimal; factors here are 2^a 5^b 9, so a quotient may not end: then it is
 * rounded.
 */
function decimalOf(value: number, factor: bigint): string {
  const one = 10n ** BigInt(DECIMALS);
  const scaled = divideRounded(BigInt(Math.abs(value)) * one, factor);
  const fraction = String(scaled % one)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${scaled / one}${fraction === '' ? '' : `.${fraction}`}`;
}
