// The numbers of the instrument's errors (zahner_potentiostat, scpi_control/error.py). The wording around the
// number is not public; the client takes the first number of a line that contains `error`.

export const ERROR_CODES = {
  unknownCommand: 27,
  undefinedError: 42,
  outOfRange: 100,
  notImplemented: 1000,
  globalLimit: 1003,
  outOfLimitedRange: 1004,
  aborted: 1005,
  blocked: 1006,
  calibration: 1007,
} as const;
export type ErrorCode = (typeof ERROR_CODES)[keyof typeof ERROR_CODES];

export const OK = 'ok';

export function errorText(code: ErrorCode): string {
  return `error ${code}`;
}

/** A float as C's `%.9e` writes it, which every client can read. */
export function floatText(value: number): string {
  const [mantissa = '0', exponent = '+0'] = value.toExponential(9).split('e');
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}
