// The commands of Zahner potentiostats that the driver says, as a table, and how their values are written.
// Headers and meanings: the vendor's client, zahner_potentiostat/scpi_control/control.py, doc string of each
// method. Values are written as exact decimals in SI units: never through floating point.
import { assert, assertInteger } from '../../../base/assert.ts';

/** A unit of the wire as a power of ten of ours: A of pA, V of nV, s of us, C of nC, Hz of uHz. */
const DECIMALS = { ampere: 12, volt: 9, second: 6, coulomb: 9, hertz: 6 } as const;

/** `switch` is `ON`/`OFF`, `flag` is `1`/`0`; which command takes which is the vendor's choice. */
type Argument = keyof typeof DECIMALS | 'switch' | 'flag' | 'none';

interface CommandForm {
  readonly header: string;
  readonly argument: Argument;
}

export const COMMANDS = {
  /** Out of band: at once, also while a primitive runs. Switches the potentiostat off. */
  abort: { header: 'ABOR', argument: 'none' },
  /** Clears what 1003 and 1005 have latched. */
  clearState: { header: '*CLS', argument: 'none' },
  identify: { header: '*IDN?', argument: 'none' },

  potentiostat: { header: ':SESO:STAT', argument: 'switch' },
  galvanostatic: { header: ':SESO:COUP gal', argument: 'none' },
  /** The instrument chooses the shunt that fits this current. */
  currentRange: { header: ':SESO:CRNG', argument: 'ampere' },
  autoRange: { header: ':SESO:CRNG:AUTO', argument: 'flag' },
  samplingFrequency: { header: ':SESO:SFRQ', argument: 'hertz' },
  /** Global limits: passing one is an error (1003) and switches the potentiostat off. */
  hardVoltageMax: { header: ':SESO:ULIM:MAX', argument: 'volt' },
  hardVoltageMin: { header: ':SESO:ULIM:MIN', argument: 'volt' },
  hardVoltageCheck: { header: ':SESO:ULIM:STAT', argument: 'switch' },
  hardCurrentMax: { header: ':SESO:ILIM:MAX', argument: 'ampere' },
  hardCurrentMin: { header: ':SESO:ILIM:MIN', argument: 'ampere' },
  hardCurrentCheck: { header: ':SESO:ILIM:STAT', argument: 'switch' },
  hardTolerance: { header: ':SESO:UILT', argument: 'second' },

  current: { header: ':PARA:IVAL', argument: 'ampere' },
  timeMax: { header: ':PARA:TMAX', argument: 'second' },
  /** Soft limits: passing one ends the primitive with `ok`. */
  voltageMax: { header: ':PARA:ULIM:MAX', argument: 'volt' },
  voltageMin: { header: ':PARA:ULIM:MIN', argument: 'volt' },
  voltageCheck: { header: ':PARA:ULIM:STAT', argument: 'switch' },
  currentCheck: { header: ':PARA:ILIM:STAT', argument: 'switch' },
  limitTolerance: { header: ':PARA:UILT', argument: 'second' },
  /** Charge counts from 0 in each primitive, with its sign. */
  chargeMax: { header: ':PARA:CHAR:MAX', argument: 'coulomb' },
  chargeMin: { header: ':PARA:CHAR:MIN', argument: 'coulomb' },
  chargeCheck: { header: ':PARA:CHAR:STAT', argument: 'flag' },
  driftCheck: { header: ':PARA:TOL:STAT', argument: 'flag' },

  /** Primitives: answered when they have ended; the potentiostat is then as it was before. */
  polarise: { header: ':MEAS:POGA?', argument: 'none' },
  measureOpenCircuit: { header: ':MEAS:OCVS?', argument: 'none' },
  /** Answered at once: degC of the thermocouple at the back, or an error where there is none. */
  measureTemperature: { header: ':MEAS:TEMP?', argument: 'none' },
} as const satisfies Readonly<Record<string, CommandForm>>;

export type CommandName = keyof typeof COMMANDS;

/** One command with its value: integers in pA, nV, us, nC, uHz; a boolean for switches and flags. */
export interface ZahnerCommand {
  readonly name: CommandName;
  readonly value?: number | boolean;
}

/** Without its line feed. A value that does not fit the command is a broken invariant. */
export function encodeCommand({ name, value }: ZahnerCommand): string {
  const { header, argument }: CommandForm = COMMANDS[name];
  if (argument === 'none') {
    assert(value === undefined, `${header} takes no value`);
    return header;
  }
  if (argument === 'switch' || argument === 'flag') {
    assert(typeof value === 'boolean', `${header} takes a boolean`);
    const [on, off] = argument === 'switch' ? ['ON', 'OFF'] : ['1', '0'];
    return `${header} ${value ? on : off}`;
  }
  assert(typeof value === 'number', `${header} takes a number`);
  return `${header} ${decimalText(assertInteger(value, header), DECIMALS[argument])}`;
}

/** `value` divided by 10 to the `decimals`, exactly, without exponent: (-1130000000, 12) is `-0.00113`. */
export function decimalText(value: number, decimals: number): string {
  const digits = String(Math.abs(value)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
