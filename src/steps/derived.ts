// What can be derived from a finished run, by name. A protocol names one; the functions live in
// analysis/methods. The list is closed: a name that nothing computes must never stand in a protocol.

/** What is computed from a finished run. */
export const DERIVED = [
  'cycling',
  'efficiency',
  'reservoir-efficiency',
  'rate-capability',
  'depth-of-discharge',
  'nucleation',
  'critical-current',
  'calendar-loss',
  'pulse-resistance',
  'conductance',
  'capacity',
  'gitt',
  'temperature-series',
  'transient',
  'voltammetry',
  'tafel',
  'transference',
  'impedance',
] as const;
export type Derived = (typeof DERIVED)[number];
