// The wire languages a configuration may name. Their drivers are listed in device/dialects.ts, which this
// folder may not import; a test holds the two lists together.

export const DIALECT_NAMES = ['gvn1', 'methodscript', 'keithley2400', 'zahner'] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];
