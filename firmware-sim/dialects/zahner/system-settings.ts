// The two settings that outlive the power: mains frequency and time of day. Must never touch the cell.
import { msFromIso } from './calendar.ts';
import { ERROR_CODES, errorText, OK } from './error-codes.ts';
import type { FirmwareState } from './firmware-state.ts';
import type { ScpiLine } from './scpi-line.ts';
import { parseNumber } from './settings.ts';

/** From railways to shipboard; the real bounds are not public [inferred]. */
const LINE_HZ_MIN = 10;
const LINE_HZ_MAX = 500;

/** null where the command is none of these. */
export function setSystem(state: FirmwareState, { header, argument }: ScpiLine): string | null {
  if (header === 'SYST:LINF') return setLineFrequency(state, argument);
  return header === 'SYST:TIME' ? setTime(state, argument) : null;
}

function setLineFrequency({ memory }: FirmwareState, argument: string): string {
  const value = parseNumber(argument);
  if (value === null) return errorText(ERROR_CODES.undefinedError);
  if (value < LINE_HZ_MIN || value > LINE_HZ_MAX) return errorText(ERROR_CODES.outOfRange);
  memory.lineFrequencyHz = value;
  return OK;
}

function setTime({ clock, memory }: FirmwareState, argument: string): string {
  const ms = msFromIso(argument.toUpperCase());
  if (ms === null) return errorText(ERROR_CODES.undefinedError);
  memory.timeOffsetMs = ms - clock.wallMs();
  return OK;
}
