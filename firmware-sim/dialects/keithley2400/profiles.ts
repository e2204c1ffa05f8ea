// The models of the family as data: ranges, limits, and what their data sheets promise for a year at
// 23 +-5 C (SPEC-2400 rev. L for the 2400 and 2401; the "SourceMeter line" data sheet for the others).
// Shares are parts per million of the value; offsets are in V and A. Must never hold a unit's own error.

export interface RangeAccuracy {
  /** Full scale: V or A. */
  readonly fullScale: number;
  readonly sourcePpm: number;
  readonly sourceOffset: number;
  readonly measurePpm: number;
  readonly measureOffset: number;
}

export interface Profile {
  readonly model: string;
  /** Rising. */
  readonly voltageRanges: readonly RangeAccuracy[];
  readonly currentRanges: readonly RangeAccuracy[];
  readonly voltageMaxV: number;
  readonly currentMaxA: number;
  /** Voltage ranges above `aboveV` go with current ranges up to `currentMaxA` only (note 4 of p. 18-62). */
  readonly powerLimit: { readonly aboveV: number; readonly currentMaxA: number };
  /** Steps of `:SOUR:VOLT:PROT`, rising; the last one is no limit (p. 18-80). */
  readonly protectionsV: readonly number[];
  /** Power-on output-off state (table 18-4). */
  readonly offMode: 'NORM' | 'GUAR';
}

type Row = readonly [
  fullScale: number,
  sourcePpm: number,
  sourceOffset: number,
  measurePpm: number,
  measureOffset: number,
];

function rows(list: readonly Row[]): readonly RangeAccuracy[] {
  return list.map(([fullScale, sourcePpm, sourceOffset, measurePpm, measureOffset]) => ({
    fullScale,
    sourcePpm,
    sourceOffset,
    measurePpm,
    measureOffset,
  }));
}

const LOW_VOLTAGES: readonly Row[] = [
  [0.2, 200, 600e-6, 120, 300e-6],
  [2, 200, 600e-6, 120, 300e-6],
  [20, 200, 2.4e-3, 150, 1.5e-3],
];
const SMALLEST_CURRENT: Row = [1e-6, 350, 600e-12, 290, 300e-12];
const SMALL_CURRENTS: readonly Row[] = [
  [1e-5, 330, 2e-9, 270, 700e-12],
  [1e-4, 310, 20e-9, 250, 6e-9],
  [1e-3, 340, 200e-9, 270, 60e-9],
];
const TEN_MILLIAMPERE: Row = [1e-2, 450, 2e-6, 350, 600e-9];
const HUNDRED_MILLIAMPERE: Row = [0.1, 660, 20e-6, 550, 6e-6];
const ONE_AMPERE: Row = [1, 2700, 900e-6, 2200, 570e-6];
const ONE_AMPERE_STRONG: Row = [1, 670, 900e-6, 660, 570e-6];

const MODEL_2400: Profile = {
  model: '2400',
  voltageRanges: rows([...LOW_VOLTAGES, [200, 200, 24e-3, 150, 10e-3]]),
  currentRanges: rows([
    SMALLEST_CURRENT,
    ...SMALL_CURRENTS,
    TEN_MILLIAMPERE,
    HUNDRED_MILLIAMPERE,
    ONE_AMPERE,
  ]),
  voltageMaxV: 210,
  currentMaxA: 1.05,
  powerLimit: { aboveV: 20, currentMaxA: 0.1 },
  protectionsV: [20, 40, 60, 80, 100, 120, 160, 210],
  offMode: 'NORM',
};

export const PROFILES: Readonly<Record<string, Profile>> = {
  '2400': MODEL_2400,
  '2401': {
    ...MODEL_2400,
    model: '2401',
    voltageRanges: rows(LOW_VOLTAGES),
    voltageMaxV: 21,
    powerLimit: { aboveV: Number.POSITIVE_INFINITY, currentMaxA: 1 },
    protectionsV: [20, 21],
  },
  '2410': {
    ...MODEL_2400,
    model: '2410',
    voltageRanges: rows([...LOW_VOLTAGES, [1000, 200, 100e-3, 150, 50e-3]]),
    currentRanges: rows([
      SMALLEST_CURRENT,
      ...SMALL_CURRENTS,
      [2e-2, 450, 4e-6, 350, 1.2e-6],
      HUNDRED_MILLIAMPERE,
      ONE_AMPERE,
    ]),
    voltageMaxV: 1100,
    powerLimit: { aboveV: 20, currentMaxA: 0.02 },
    protectionsV: [20, 40, 100, 200, 300, 400, 500, 1100],
    offMode: 'GUAR',
  },
  '2420': {
    ...MODEL_2400,
    model: '2420',
    voltageRanges: rows([...LOW_VOLTAGES, [60, 200, 7.2e-3, 150, 3e-3]]),
    currentRanges: rows([
      ...SMALL_CURRENTS,
      TEN_MILLIAMPERE,
      HUNDRED_MILLIAMPERE,
      ONE_AMPERE_STRONG,
      [3, 590, 2.7e-3, 520, 1.71e-3],
    ]),
    voltageMaxV: 63,
    currentMaxA: 3.15,
    powerLimit: { aboveV: 20, currentMaxA: 1 },
    protectionsV: [6, 12, 18, 24, 30, 36, 48, 63],
  },
  '2440': {
    ...MODEL_2400,
    model: '2440',
    voltageRanges: rows([
      [0.2, 200, 600e-6, 120, 300e-6],
      [2, 200, 600e-6, 120, 300e-6],
      [10, 200, 1.2e-3, 150, 750e-6],
      [40, 200, 4.8e-3, 150, 3e-3],
    ]),
    currentRanges: rows([
      ...SMALL_CURRENTS,
      TEN_MILLIAMPERE,
      HUNDRED_MILLIAMPERE,
      ONE_AMPERE_STRONG,
      [5, 1000, 5.4e-3, 1000, 3.42e-3],
    ]),
    voltageMaxV: 42,
    currentMaxA: 5.25,
    powerLimit: { aboveV: 10, currentMaxA: 1 },
    protectionsV: [4, 8, 12, 16, 20, 24, 32, 42],
  },
};

/** Every range is good for 5 % more (p. 7-2). */
export const OVER_RANGE = 1.05;
/** So that 10.5 mA, however it was written, still fits the 10 mA range. */
const ROUNDING = 1 + 1e-9;

/** Index of the smallest range that holds `value`, over-range included; the largest where none does. */
export function rangeFor(ranges: readonly RangeAccuracy[], value: number): number {
  const fitting = ranges.findIndex(({ fullScale }) => Math.abs(value) <= fullScale * OVER_RANGE * ROUNDING);
  return fitting === -1 ? ranges.length - 1 : fitting;
}

export function fullScaleOf(ranges: readonly RangeAccuracy[], index: number): number {
  return ranges[index]?.fullScale ?? 0;
}
