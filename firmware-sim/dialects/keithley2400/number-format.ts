// How the instrument writes numbers. Must never round a value that it did not measure.

/** What stands for an element that was neither sourced nor measured (p. 18-49). */
export const NOT_A_NUMBER = 9.91e37;
/** What stands for a reading beyond its range. */
export const OVERFLOWN = 9.9e37;

/** A reading: `+1.000206E+00` (figure 18-1). */
export function readingText(value: number): string {
  return `${value < 0 ? '-' : '+'}${settingText(Math.abs(value))}`;
}

/** A setting: `1.050000E-04`, with a sign only where it is negative. */
export function settingText(value: number): string {
  // Adding 0 turns -0 into 0.
  const [mantissa = '', exponent = ''] = (value + 0).toExponential(6).split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  return `${mantissa}E${exponent.startsWith('-') ? '-' : '+'}${digits}`;
}

export type RegisterFormat = 'ASC' | 'HEX' | 'OCT' | 'BIN';

/** A status register as `:FORM:SREG` wants it (p. 18-55): `55`, `#H37`, `#Q67`, `#B110111`. */
export function registerText(value: number, format: RegisterFormat): string {
  switch (format) {
    case 'ASC':
      return String(value);
    case 'HEX':
      return `#H${value.toString(16).toUpperCase()}`;
    case 'OCT':
      return `#Q${value.toString(8)}`;
    case 'BIN':
      return `#B${value.toString(2)}`;
  }
}
