// Text replies of Zahner potentiostats: every command is answered by exactly one line. Reading never throws;
// the words around `error <n>` are not published (vendor's error.py only looks for the number), so the number
// is all that is taken from them.

export type Reply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  | { readonly kind: 'value'; readonly text: string };

/** Longest line that is let through, in bytes, its line feed included. */
export const LINE_BYTES_MAX = 1024;

/** Error numbers (vendor's error.py). */
export const ERROR_CODES = {
  unknownCommand: 27,
  undefined: 42,
  outOfRange: 100,
  notImplemented: 1000,
  hardLimit: 1003,
  outOfLimitedRange: 1004,
  aborted: 1005,
  blocked: 1006,
  calibration: 1007,
} as const;

/** What they mean, in the words for whoever reads a log. */
export const ERROR_TEXTS: Readonly<Record<number, string>> = {
  [ERROR_CODES.unknownCommand]: 'its firmware does not know this command; update it',
  [ERROR_CODES.undefined]: 'an undefined error',
  [ERROR_CODES.outOfRange]: 'the value is outside what it can do',
  [ERROR_CODES.notImplemented]: 'its firmware does not do this yet; update it',
  [ERROR_CODES.hardLimit]: 'a hard limit was passed',
  [ERROR_CODES.outOfLimitedRange]: 'the value is outside the hard limits',
  [ERROR_CODES.aborted]: 'it was aborted',
  [ERROR_CODES.blocked]: 'an earlier error blocks it until it is cleared',
  [ERROR_CODES.calibration]: 'the offset calibration failed; the instrument may be faulty',
};

/** Who answers `*IDN?`: `ZAHNER-ELEKTRIK,PP212,33000,1.0.0`, on the data port with ` binary` behind it. */
export interface IdentityReply {
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly isDataPort: boolean;
}

export const MANUFACTURER = 'ZAHNER-ELEKTRIK';
const IDENTITY = new RegExp(`^${MANUFACTURER} *, *([^,]+?) *, *([^,]+?) *, *([^, ]+)( binary)?$`);

/** A line with or without its end. */
export function parseReply(line: string): Reply {
  const text = line.trim();
  const error = /\berror\b\D*(\d{1,9})/i.exec(text);
  if (error !== null) return { kind: 'error', code: Number(error[1]), text };
  return /^ok$/i.test(text) ? { kind: 'ok' } : { kind: 'value', text };
}

/** The one number that a reading is, as `2.500000000e+01`; null: it is none. */
export function parseNumber(text: string): number | null {
  return /^[+-]?\d+(\.\d*)?(e[+-]?\d{1,3})?$/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : null;
}

/** Null when it is not one of these instruments. */
export function parseIdentity(line: string): IdentityReply | null {
  const found = IDENTITY.exec(line.trim());
  const [, model, serial, firmware, binary] = found ?? [];
  if (model === undefined || serial === undefined || firmware === undefined) return null;
  return { model, serial, firmware, isDataPort: binary !== undefined };
}
