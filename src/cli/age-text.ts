// How long something has been so, for a person: one number and a unit, coarser the longer it is.

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
] as const;

/** E.g. `12 s`, `3 min`, `47 h`, `90 d`; what lies in the future, by a clock that was set, is `0 s`. */
export function ageText(ageMs: number): string {
  const unit = UNITS.find(({ ms }) => ageMs >= 2 * ms) ?? { name: 's', ms: 1000 };
  return `${Math.floor(Math.max(0, ageMs) / unit.ms)} ${unit.name}`;
}
