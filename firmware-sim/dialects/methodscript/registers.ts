// Registers of the line's commands `G` and `S`. Only two can be told from public texts: 01 configures the
// pins, 06 holds the serial number; both numbers are inferred. What is set is lost with the power.
import { ERRORS, type ErrorCode } from './error-codes.ts';

export type RegisterResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: ErrorCode };

const PINS = '01';
const SERIAL = '06';
const NUMBER_DIGITS = 2;

export class Registers {
  readonly #serial: string;
  #pins = '00000000';

  constructor(serial: string) {
    this.#serial = serial;
  }

  /** `G06` */
  get(payload: string): RegisterResult {
    const number = payload.slice(0, NUMBER_DIGITS);
    if (number.length < NUMBER_DIGITS) return refused(ERRORS.argumentTooShort);
    if (!isHexadecimal(payload)) return refused(ERRORS.notHexadecimal);
    if (number === PINS) return { ok: true, text: this.#pins };
    return number === SERIAL ? { ok: true, text: this.#serial } : refused(ERRORS.unknownRegister);
  }

  /** `S01` and the value in hexadecimal. */
  set(payload: string): RegisterResult {
    const number = payload.slice(0, NUMBER_DIGITS);
    const value = payload.slice(NUMBER_DIGITS);
    if (number.length < NUMBER_DIGITS || value === '') return refused(ERRORS.argumentTooShort);
    if (!isHexadecimal(payload)) return refused(ERRORS.notHexadecimal);
    if (number === SERIAL) return refused(ERRORS.registerReadOnly);
    if (number !== PINS) return refused(ERRORS.unknownRegister);
    this.#pins = value.toUpperCase();
    return { ok: true, text: '' };
  }
}

function isHexadecimal(text: string): boolean {
  return /^[0-9A-Fa-f]+$/.test(text);
}

function refused(code: ErrorCode): RegisterResult {
  return { ok: false, code };
}
