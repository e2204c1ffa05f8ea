// Everything that can be set, as data: each number and each switch by its own command, with its value at
// power-up and its bounds (zahner_potentiostat, scpi_control/control.py). Bounds and power-up values are
// inferred but for three that the client's documentation states: autoranging and interpolation are on, all
// limits, breaks and tolerance times are off or 0. Settings outlive a primitive. Must never act.
import type { Profile } from './profiles.ts';

/** `current`, `voltage`: what the model can drive. `shunt`, `voltageRange`: an index. */
type Bound = 'any' | 'notNegative' | 'positive' | 'current' | 'voltage' | 'shunt' | 'voltageRange' | 'hertz';

/** Values at power-up. */
const NUMBERS = {
  /** Output while no primitive runs: A, V. */
  'SESO:IVAL': 0,
  'SESO:UVAL': 0,
  'SESO:SFRQ': 50,
  'SESO:VRNG': 0,
  'SESO:VRNG:IDX': 0,
  'SESO:CRNG': 0,
  'SESO:CRNG:IDX': 0,
  'SESO:CRNG:AUTO:LLIM': 0,
  'SESO:CRNG:AUTO:ULIM': 3,
  'SESO:BAND': 0,
  'SESO:FILT': 0,
  /** Global limits: V, A, s. Values beyond the instrument are fine: the client sends 1000 V for none. */
  'SESO:ULIM:MAX': 0,
  'SESO:ULIM:MIN': 0,
  'SESO:ILIM:MAX': 0,
  'SESO:ILIM:MIN': 0,
  'SESO:UILT': 0,
  /** Of the primitives: A, V, A/s or V/s, A or V, s. */
  'PARA:IVAL': 0,
  'PARA:UVAL': 0,
  'PARA:SCRA': 0,
  'PARA:STEP': 0,
  'PARA:TIME': 1,
  'PARA:TMAX': 1,
  'PARA:TMIN': 0,
  'PARA:ULIM:MAX': 0,
  'PARA:ULIM:MIN': 0,
  'PARA:ILIM:MAX': 0,
  'PARA:ILIM:MIN': 0,
  'PARA:UILT': 0,
  /** C, signed. */
  'PARA:CHAR:MAX': 0,
  'PARA:CHAR:MIN': 0,
  /** V/s or A/s; 1/s. */
  'PARA:TOL:ABS': 0,
  'PARA:TOL:REL': 0,
};
export type NumberHeader = keyof typeof NUMBERS;

const BOUNDS: Readonly<Record<NumberHeader, Bound>> = {
  'SESO:IVAL': 'current',
  'SESO:UVAL': 'voltage',
  'SESO:SFRQ': 'hertz',
  'SESO:VRNG': 'voltage',
  'SESO:VRNG:IDX': 'voltageRange',
  'SESO:CRNG': 'current',
  'SESO:CRNG:IDX': 'shunt',
  'SESO:CRNG:AUTO:LLIM': 'shunt',
  'SESO:CRNG:AUTO:ULIM': 'shunt',
  'SESO:BAND': 'notNegative',
  'SESO:FILT': 'notNegative',
  'SESO:ULIM:MAX': 'any',
  'SESO:ULIM:MIN': 'any',
  'SESO:ILIM:MAX': 'any',
  'SESO:ILIM:MIN': 'any',
  'SESO:UILT': 'notNegative',
  'PARA:IVAL': 'current',
  'PARA:UVAL': 'voltage',
  'PARA:SCRA': 'any',
  'PARA:STEP': 'notNegative',
  'PARA:TIME': 'positive',
  'PARA:TMAX': 'positive',
  'PARA:TMIN': 'notNegative',
  'PARA:ULIM:MAX': 'any',
  'PARA:ULIM:MIN': 'any',
  'PARA:ILIM:MAX': 'any',
  'PARA:ILIM:MIN': 'any',
  'PARA:UILT': 'notNegative',
  'PARA:CHAR:MAX': 'any',
  'PARA:CHAR:MIN': 'any',
  'PARA:TOL:ABS': 'notNegative',
  'PARA:TOL:REL': 'notNegative',
};

const SWITCHES = {
  'SESO:CRNG:AUTO': true,
  'SESO:INTP': true,
  'SESO:ULIM:STAT': false,
  'SESO:ILIM:STAT': false,
  'PARA:ULIM:STAT': false,
  'PARA:ILIM:STAT': false,
  'PARA:CHAR:STAT': false,
  'PARA:TOL:STAT': false,
};
export type SwitchHeader = keyof typeof SWITCHES;

export type Coupling = 'pot' | 'gal';

export interface Settings {
  readonly numbers: Record<NumberHeader, number>;
  readonly switches: Record<SwitchHeader, boolean>;
  coupling: Coupling;
  /** Voltages of `:SESO:UVAL` and of `:PARA:UVAL` are counted from the open-circuit voltage. */
  isSessionVoltageToOcv: boolean;
  isParameterVoltageToOcv: boolean;
}

const HERTZ_MIN = 0.01;
const HERTZ_MAX = 1000;
const VOLTAGE_RANGES = 2;
const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** As at power-up. */
export function initialSettings(): Settings {
  return {
    numbers: { ...NUMBERS },
    switches: { ...SWITCHES },
    coupling: 'pot',
    isSessionVoltageToOcv: false,
    isParameterVoltageToOcv: false,
  };
}

export function isNumberHeader(header: string): header is NumberHeader {
  return Object.hasOwn(NUMBERS, header);
}

export function isSwitchHeader(header: string): header is SwitchHeader {
  return Object.hasOwn(SWITCHES, header);
}

/** null where the text is no finite number. */
export function parseNumber(text: string): number | null {
  if (!NUMBER_TEXT.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The client says ON and OFF of some switches, 1 and 0 of others. */
export function parseSwitch(text: string): boolean | null {
  const word = text.toUpperCase();
  if (word === 'ON' || word === '1') return true;
  return word === 'OFF' || word === '0' ? false : null;
}

/** Whether this model takes the value. */
export function isWithin(header: NumberHeader, value: number, profile: Profile): boolean {
  switch (BOUNDS[header]) {
    case 'any':
      return true;
    case 'notNegative':
      return value >= 0;
    case 'positive':
      return value > 0;
    case 'current':
      return isCurrentWithin(header, value, profile);
    case 'voltage':
      return Math.abs(value) * 1e9 <= profile.instrument.complianceNv;
    case 'shunt':
      return isIndex(value, profile.instrument.rangesPa.length);
    case 'voltageRange':
      return isIndex(value, VOLTAGE_RANGES);
    case 'hertz':
      return value >= HERTZ_MIN && value <= HERTZ_MAX;
  }
}

function isCurrentWithin(header: NumberHeader, valueA: number, profile: Profile): boolean {
  // A load gives no current, so a positive one does not exist; a range has no direction.
  if (profile.isLoad && valueA > 0 && header !== 'SESO:CRNG') return false;
  return Math.abs(valueA) * 1e12 <= profile.currentMaxPa;
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}
