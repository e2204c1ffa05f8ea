// What a method makes of a run: figures by name, each with its unit and one standard uncertainty, or the
// reason why there is none. Plain data, for JSON and for people. Never a bare number without its unit.

/** One derived quantity. */
export interface Figure {
  readonly name: string;
  /** null: it is not defined for this run, and `reason` says why. */
  readonly value: number | null;
  /** One standard uncertainty, in `unit`; null where nobody can state one. */
  readonly uncertainty: number | null;
  /** `1`: a plain number or ratio. */
  readonly unit: string;
  /** What it holds for, by name with unit: current density, time, cycle. */
  readonly at: Readonly<Record<string, number | string>>;
  /** Why there is no value, or what to bear in mind of it; null: nothing. */
  readonly note: string | null;
}

interface FigureOptions {
  readonly uncertainty?: number | null;
  readonly at?: Figure['at'];
  readonly note?: string;
}

/** A value; one that is not finite is none. */
export function figure(name: string, [value, unit]: readonly [number, string], options: FigureOptions = {}) {
  const { uncertainty = null, at = {}, note = null } = options;
  if (!Number.isFinite(value)) return missing(name, unit, 'it is not a finite number for this run', at);
  const stated = uncertainty !== null && Number.isFinite(uncertainty) ? uncertainty : null;
  return { name, value, uncertainty: stated, unit, at, note } satisfies Figure;
}

/** No value, and why. */
export function missing(name: string, unit: string, why: string, at: Figure['at'] = {}): Figure {
  return { name, value: null, uncertainty: null, unit, at, note: why };
}
