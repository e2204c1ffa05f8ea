// The models of the family as data: identity, envelopes, ranges, errors. Range indices:
// MethodSCRIPT_Examples, palmsens/mscript.py; envelopes: MethodSCRIPT manual, appendix B, quoted by third
// parties. Compliance and errors are not in public sources: assumed, in one place, for hardware to correct.
import { type Instrument, INSTRUMENTS } from '../../board/instrument.ts';
import type { MeasuringRange, RangeTable } from './ranging.ts';
import { PICO_UART, type UartModel } from './receive-buffer.ts';

export const METHODSCRIPT_PROFILES = ['es4_lr', 'es4_hr', 'nexus1', 'espico'] as const;
export type ProfileName = (typeof METHODSCRIPT_PROFILES)[number];

export interface Profile {
  readonly name: ProfileName;
  /** What `t` answers behind the name. */
  readonly firmware: string;
  readonly serialPrefix: string;
  readonly voltageLowNv: number;
  readonly voltageHighNv: number;
  readonly currentMaxPa: number;
  /** Modes of `set_pgstat_mode`; 6 is the galvanostat. */
  readonly modes: readonly number[];
  /** By mode; what a mode has no table of its own for is measured by `otherwise`. */
  readonly currentRanges: { readonly otherwise: RangeTable } & Readonly<Record<number, RangeTable>>;
  /** null: the model measures potentials in one range. */
  readonly potentialRanges: RangeTable | null;
  /** Third item of metadata, sent by the EmStat4; its meaning is noise. */
  readonly noise: string | null;
  /** `cell_on ocp(x)`; PalmSens's EmStat4 port of its battery script says it is disabled there. */
  readonly hasCellOnAtOcp: boolean;
  /** Commands it answers 001B to, though its firmware knows them. */
  readonly lacks: readonly string[];
  /** null: USB, which loses nothing. */
  readonly uart: UartModel | null;
  readonly scriptBytesMax: number;
  readonly arrayElementsMax: number;
  readonly instrument: Instrument;
}

export const GALVANOSTAT_MODE = 6;

const [nA, uA, mA, A] = [1e3, 1e6, 1e9, 1e12];
const [mV, V] = [1e6, 1e9];

function table(rows: readonly (readonly [number, number])[], largest: number): RangeTable {
  const ranges: MeasuringRange[] = rows.map(([index, nominal]) => ({ index, nominal }));
  return { ranges, headroom: 2.1, overload: 2.92, warning: 2.46, underload: 0.123, largest };
}

/**
 * Assumed, typical of the class: 0.1 % each of source and meter, 0.05 % of the range, 0.6 mV; 16 bits over
 * three ranges both ways.
 */
const EMSTAT4_ERRORS = {
  ...INSTRUMENTS.ideal,
  sourceGainPpm: 1000,
  sourceOffsetPpmOfRange: 500,
  sourceLsbPpmOfRange: 92,
  meterGainPpm: 1000,
  meterGainMatchPpm: 50,
  nonLinearityPpmOfSpan: 20,
  voltageNoiseNv: 20_000,
  currentNoisePpmOfRange: 20,
  voltageLsbNv: 10_000,
  currentLsbPpmOfRange: 92,
  clockDriftPpm: 20,
};

const VOLTAGE_OFFSET_NV = 600_000;

const LOW_RANGES = [
  [3, nA],
  [6, 10 * nA],
] as const;
const EMSTAT4_RANGES = [
  [9, 100 * nA],
  [12, uA],
  [15, 10 * uA],
  [18, 100 * uA],
  [21, mA],
  [24, 10 * mA],
] as const;
const EMSTAT4_POTENTIALS = [
  [2, 50 * mV],
  [3, 100 * mV],
  [4, 200 * mV],
  [5, 500 * mV],
  [6, V],
] as const;
const NEXUS_POTENTIOSTAT = [
  [16, 0.1 * nA],
  [0, nA],
  [1, 10 * nA],
  [2, 100 * nA],
  [3, uA],
  [4, 10 * uA],
  [5, 100 * uA],
  [8, mA],
  [9, 10 * mA],
  [10, 100 * mA],
  [11, A],
] as const;
const NEXUS_GALVANOSTAT = [
  [32, nA],
  [33, 10 * nA],
  [34, 100 * nA],
  [35, uA],
  [36, 10 * uA],
  [37, 100 * uA],
  [40, mA],
  [41, 10 * mA],
  [42, 100 * mA],
  [43, A],
] as const;
const NEXUS_POTENTIALS = [
  [3, mV],
  [2, 10 * mV],
  [1, 100 * mV],
  [0, V],
] as const;
const PICO_LOW_SPEED = [0.1, 2, 4, 8, 16, 32, 63, 125, 250, 500, 1000, 5000].map(
  (microA, index) => [index, microA * uA] as const,
);
const PICO_HIGH_SPEED = [0.1, 1, 6, 13, 25, 50, 100, 200, 1000, 5000].map(
  (microA, index) => [128 + index, microA * uA] as const,
);

/** The Pico's ranges end near their nominal value (inferred: its packages show 58 uA in the 1 mA range). */
function picoTable(rows: readonly (readonly [number, number])[]): RangeTable {
  return { ...table(rows, 3 * mA), headroom: 1, overload: 1.1, warning: 1, underload: 0.02 };
}

const EMSTAT4 = {
  firmware: '1500#Mar 12 2026 14:28:01',
  modes: [0, 2, 3, 4, GALVANOSTAT_MODE],
  noise: '40',
  hasCellOnAtOcp: false,
  lacks: [],
  uart: null,
  scriptBytesMax: 16_384,
  // pypalmsens' fast-CV example fills two arrays of 24,300 on an EmStat4.
  arrayElementsMax: 50_000,
} as const;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  es4_lr: {
    ...EMSTAT4,
    name: 'es4_lr',
    serialPrefix: 'ES4LR',
    voltageLowNv: -3 * V,
    voltageHighNv: 3 * V,
    currentMaxPa: 30 * mA,
    currentRanges: { otherwise: table([...LOW_RANGES, ...EMSTAT4_RANGES], 30 * mA) },
    potentialRanges: table(EMSTAT4_POTENTIALS, 3 * V),
    instrument: instrumentOf([...LOW_RANGES, ...EMSTAT4_RANGES], { spanNv: 3 * V, complianceNv: 5 * V }),
  },
  es4_hr: {
    ...EMSTAT4,
    name: 'es4_hr',
    serialPrefix: 'ES4HR',
    voltageLowNv: -6 * V,
    voltageHighNv: 6 * V,
    currentMaxPa: 200 * mA,
    currentRanges: { otherwise: table([...EMSTAT4_RANGES, [27, 100 * mA]], 200 * mA) },
    potentialRanges: table(EMSTAT4_POTENTIALS, 6 * V),
    instrument: instrumentOf([...EMSTAT4_RANGES, [27, 100 * mA]], { spanNv: 6 * V, complianceNv: 8 * V }),
  },
  nexus1: {
    ...EMSTAT4,
    name: 'nexus1',
    serialPrefix: 'NEXUS',
    voltageLowNv: -10 * V,
    voltageHighNv: 10 * V,
    currentMaxPa: A,
    currentRanges: {
      otherwise: table(NEXUS_POTENTIOSTAT, 1.05 * A),
      [GALVANOSTAT_MODE]: table(NEXUS_GALVANOSTAT, 1.05 * A),
    },
    potentialRanges: table(NEXUS_POTENTIALS, 10 * V),
    hasCellOnAtOcp: true,
    instrument: instrumentOf(NEXUS_POTENTIOSTAT, { spanNv: 10 * V, complianceNv: 12 * V }),
  },
  espico: {
    ...EMSTAT4,
    name: 'espico',
    serialPrefix: 'ESPICO',
    voltageLowNv: -1.7 * V,
    voltageHighNv: 2 * V,
    currentMaxPa: 3 * mA,
    modes: [0, 2, 3, 4],
    currentRanges: { otherwise: picoTable(PICO_LOW_SPEED), 3: picoTable(PICO_HIGH_SPEED) },
    potentialRanges: null,
    noise: null,
    lacks: ['set_i', 'meas_loop_cp', 'meas_loop_lsp', 'meas_loop_geis', 'meas_loop_acv'],
    uart: PICO_UART,
    scriptBytesMax: 8192,
    arrayElementsMax: 5000,
    instrument: instrumentOf([...PICO_LOW_SPEED, ...PICO_HIGH_SPEED], {
      spanNv: 2 * V,
      complianceNv: 2.3 * V,
    }),
  },
};

function instrumentOf(
  rows: readonly (readonly [number, number])[],
  { spanNv, complianceNv }: { readonly spanNv: number; readonly complianceNv: number },
): Instrument {
  const rangesPa = [...new Set(rows.map(([, nominal]) => nominal))].toSorted((a, b) => a - b);
  const meterOffsetPpmOfSpan = (VOLTAGE_OFFSET_NV / spanNv) * 1e6;
  return { ...EMSTAT4_ERRORS, meterOffsetPpmOfSpan, rangesPa, voltageSpanNv: spanNv, complianceNv };
}

/** The instrument with the errors that were asked for; ranges and spans stay the model's. */
export function instrumentFor(profile: Profile, errors: 'own' | keyof typeof INSTRUMENTS): Instrument {
  if (errors === 'own') return profile.instrument;
  const { rangesPa, voltageSpanNv, complianceNv } = profile.instrument;
  return { ...INSTRUMENTS[errors], rangesPa, voltageSpanNv, complianceNv };
}
