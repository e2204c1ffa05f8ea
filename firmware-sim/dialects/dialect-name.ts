// The wire languages that the simulator speaks, by the names of `--dialect`. Must never say more of one than
// its name: what it is stands in its folder.

export const DIALECT_NAMES = ['gvn1', 'methodscript', 'keithley2400', 'zahner'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];
