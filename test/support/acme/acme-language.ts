// The language of the imaginary instrument "acme": one line, one answer, except for the stop byte, which has
// none. All that the driver knows of its bytes; it sends nothing.
//
//   id?      acme MODEL SERIAL FIRMWARE
//   cur PA   ok, or err WHY     relay closed, this current
//   off      ok                 relay open; it measures all the same
//   meas?    US NV PA           time since the last order, voltage, current
//   !                           relay open at once, ahead of all that waits
import type { ProbedInstrument } from '../../../src/device/dialect.ts';
import type { Command } from '../../../src/device/link-types.ts';

export const STOP = '!';
export const IDENTIFY: Command = { type: 'identify', payload: 'id?' };
export const OFF: Command = { type: 'off', payload: 'off' };
export const MEASURE: Command = { type: 'measure', payload: 'meas?' };

export function currentCommand(currentPa: number): Command {
  return { type: 'current', payload: `cur ${currentPa}` };
}

/** null: no identity. */
export function parseIdentity(line: string): ProbedInstrument | null {
  const [, model, serial, firmware] = /^acme (\S+) (\S+) (\S+)$/.exec(line) ?? [];
  if (model === undefined || serial === undefined || firmware === undefined) return null;
  return { model, serial, firmware };
}

export interface Measured {
  readonly sinceUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
}

/** null: no measurement. */
export function parseMeasured(line: string): Measured | null {
  if (!/^\d{1,15} -?\d{1,15} -?\d{1,15}$/.test(line)) return null;
  const [sinceUs = 0, voltageNv = 0, currentPa = 0] = line.split(' ').map(Number);
  return { sinceUs, voltageNv, currentPa };
}
