// What a primitive is going to do, fixed at its start from the settings: setpoints on a grid of samples,
// limits, breaks. All primitives are one shape: levels of samples; a polarisation has one level, a staircase
// several. Must never touch the output.
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { Limits } from './limit-watch.ts';
import { MEASUREMENT_TYPES, type MeasurementType } from './packets.ts';
import type { Profile } from './profiles.ts';
import type { Coupling, Settings } from './settings.ts';

export const PRIMITIVES = ['POGA', 'OCVS', 'RMPT', 'RMPS', 'RMPV', 'IESC'] as const;
export type PrimitiveName = (typeof PRIMITIVES)[number];

export interface PrimitivePlan {
  readonly name: PrimitiveName;
  readonly type: MeasurementType;
  readonly coupling: Coupling | 'open';
  readonly samplingHz: number;
  readonly levels: number;
  /** The longest that a level lasts. */
  readonly samplesPerLevel: number;
  /** Changes of the setpoint in a sampling period: 1 where it stands still. */
  readonly stepsPerSample: number;
  /** Only the last sample of a level is recorded. */
  readonly isRowPerLevel: boolean;
  /** A or V; `samples` since the start of the level, fractions allowed. */
  readonly setpointAt: (level: number, samples: number) => number;
  readonly soft: Limits;
  readonly hard: Limits;
  readonly charge: { readonly minNc: number; readonly maxNc: number } | null;
  readonly tolerance: Tolerance | null;
}

/** Ends a level once its complementary quantity, in nV or pA, changes by less than this in a second. */
export interface Tolerance {
  readonly absolutePerS: number;
  /** Of the value at the first sample. */
  readonly relativePerS: number;
  readonly minSamples: number;
}

export interface PlanContext {
  readonly settings: Settings;
  readonly profile: Profile;
  /** Open-circuit voltage measured last, V. */
  readonly ocvV: number;
  /** Where a ramp or a staircase begins: A or V of the present coupling. */
  readonly presentValue: number;
}

/** The course of the setpoint, without what ends it early. */
type Course = Pick<
  PrimitivePlan,
  'type' | 'levels' | 'samplesPerLevel' | 'stepsPerSample' | 'isRowPerLevel' | 'setpointAt'
> & {
  /** The largest and smallest setpoints that come. */
  readonly extremes: readonly number[];
};

const US_PER_S = 1e6;
/** Smaller steps than these two make of a ramp are not visible in a sample. */
const RAMP_STEPS_MAX = 10;
const RAMP_STEP_MIN_S = 0.001;
/** "Used for all primitives except IE stairs" (control.py, setSamplingFrequency): theirs is inferred. */
const STAIRS_HZ = 50;
/** A staircase of more levels is refused. */
const LEVELS_MAX = 100_000;

/** The plan, or the code of what is wrong with the settings. */
export function planPrimitive(name: PrimitiveName, context: PlanContext): PrimitivePlan | ErrorCode {
  const { settings, profile } = context;
  const samplingHz = name === 'IESC' ? STAIRS_HZ : settings.numbers['SESO:SFRQ'];
  const course = courseOf(name, context, samplingHz);
  if (course === null) return ERROR_CODES.outOfRange;
  const coupling = name === 'OCVS' ? 'open' : settings.coupling;
  if (coupling !== 'open') {
    const code = setpointError(course.extremes, { settings, profile });
    if (code !== null) return code;
  }
  const { extremes: _, ...rest } = course;
  return { name, coupling, samplingHz, ...rest, ...endsOf(name, { coupling, settings, samplingHz }) };
}

/** Where a voltage of the parameters is counted from. */
export function parameterTarget({ settings, ocvV }: Pick<PlanContext, 'settings' | 'ocvV'>): number {
  const { numbers, coupling, isParameterVoltageToOcv } = settings;
  if (coupling === 'gal') return numbers['PARA:IVAL'];
  return numbers['PARA:UVAL'] + (isParameterVoltageToOcv ? ocvV : 0);
}

/**
 * 100 where the model cannot drive the setpoint; 1004, "out of limited range", where the global limits or the
 * shunts in use forbid it [inferred].
 */
export function setpointError(
  values: readonly number[],
  { settings, profile }: Pick<PlanContext, 'settings' | 'profile'>,
): ErrorCode | null {
  const { numbers, switches, coupling } = settings;
  const isGal = coupling === 'gal';
  const { complianceNv, rangesPa } = profile.instrument;
  const most = isGal ? profile.currentMaxPa * 1e-12 : complianceNv * 1e-9;
  const isForbidden = (value: number): boolean => profile.isLoad && isGal && value > 0;
  if (values.some((value) => Math.abs(value) > most * (1 + 1e-12) || isForbidden(value))) {
    return ERROR_CODES.outOfRange;
  }
  const limit = isGal ? 'SESO:ILIM' : 'SESO:ULIM';
  const isLimited = switches[`${limit}:STAT`];
  const [low, high] = [numbers[`${limit}:MIN`], numbers[`${limit}:MAX`]];
  if (isLimited && values.some((value) => value < low || value > high)) return ERROR_CODES.outOfLimitedRange;
  if (!isGal) return null;
  const shunt = switches['SESO:CRNG:AUTO'] ? numbers['SESO:CRNG:AUTO:LLIM'] : numbers['SESO:CRNG:IDX'];
  const rangeA = (rangesPa[rangesPa.length - 1 - shunt] ?? 0) * 1e-12;
  const isTooLarge = values.some((value) => Math.abs(value) > rangeA * (1 + 1e-12));
  return isTooLarge ? ERROR_CODES.outOfLimitedRange : null;
}

function courseOf(name: PrimitiveName, context: PlanContext, samplingHz: number): Course | null {
  const { numbers } = context.settings;
  const samplesIn = (durationS: number): number => Math.max(1, Math.round(durationS * samplingHz));
  const start = context.presentValue;
  const target = parameterTarget(context);
  const rate = numbers['PARA:SCRA'];
  const timeS = numbers['PARA:TIME'];
  switch (name) {
    case 'POGA':
    case 'OCVS':
      return flat(target, samplesIn(numbers['PARA:TMAX']));
    case 'RMPT':
      return ramp({ start, target, samples: samplesIn(timeS), samplingHz });
    case 'RMPS': {
      const durationS = Math.abs(target - start) / Math.abs(rate);
      if (!Number.isFinite(durationS)) return target === start ? flat(target, 1) : null;
      return ramp({ start, target, samples: samplesIn(durationS), samplingHz });
    }
    case 'RMPV':
      return ramp({ start, target: start + rate * timeS, samples: samplesIn(timeS), samplingHz });
    case 'IESC':
      return stairs({ start, target, step: numbers['PARA:STEP'], samples: samplesIn(numbers['PARA:TMAX']) });
  }
}

function flat(value: number, samples: number): Course {
  return {
    type: MEASUREMENT_TYPES.timeSeries,
    levels: 1,
    samplesPerLevel: samples,
    stepsPerSample: 1,
    isRowPerLevel: false,
    setpointAt: () => value,
    extremes: [value],
  };
}

function ramp(options: {
  readonly start: number;
  readonly target: number;
  readonly samples: number;
  readonly samplingHz: number;
}): Course {
  const { start, target, samples, samplingHz } = options;
  const steps = Math.floor(1 / (samplingHz * RAMP_STEP_MIN_S));
  return {
    ...flat(start, samples),
    stepsPerSample: Math.max(1, Math.min(RAMP_STEPS_MAX, steps)),
    setpointAt: (_level, done) => start + (target - start) * Math.min(1, done / samples),
    extremes: [start, target],
  };
}

/** From the present value to the target, both included; the last step may be smaller. */
function stairs(options: {
  readonly start: number;
  readonly target: number;
  readonly step: number;
  readonly samples: number;
}): Course | null {
  const { start, target, step, samples } = options;
  const span = Math.abs(target - start);
  const steps = span === 0 ? 0 : Math.ceil(span / step - 1e-9);
  if (!(steps < LEVELS_MAX)) return null;
  const direction = Math.sign(target - start);
  return {
    ...flat(start, samples),
    type: MEASUREMENT_TYPES.stairs,
    levels: steps + 1,
    isRowPerLevel: true,
    setpointAt: (level) => (level >= steps ? target : start + direction * step * level),
    extremes: [start, target],
  };
}

type Ends = Pick<PrimitivePlan, 'soft' | 'hard' | 'charge' | 'tolerance'>;

/**
 * Soft limits watch what is not set: the voltage of a galvanostat and of an open cell, the current of a
 * potentiostat. Global ones watch both. Charge ends POGA only; ramps have no tolerance break (control.py).
 */
function endsOf(
  name: PrimitiveName,
  options: {
    readonly coupling: Coupling | 'open';
    readonly settings: Settings;
    readonly samplingHz: number;
  },
): Ends {
  const { coupling, settings, samplingHz } = options;
  const { numbers, switches } = settings;
  const isRamp = name.startsWith('RMP');
  const hasCharge = name === 'POGA' && switches['PARA:CHAR:STAT'];
  const softVoltage = coupling === 'pot' ? null : bandOf(settings, 'PARA:ULIM', 1e9);
  const softCurrent = coupling === 'pot' ? bandOf(settings, 'PARA:ILIM', 1e12) : null;
  return {
    soft: { voltage: softVoltage, current: softCurrent, toleranceUs: numbers['PARA:UILT'] * US_PER_S },
    hard: {
      voltage: bandOf(settings, 'SESO:ULIM', 1e9),
      current: bandOf(settings, 'SESO:ILIM', 1e12),
      toleranceUs: numbers['SESO:UILT'] * US_PER_S,
    },
    charge: hasCharge
      ? { minNc: numbers['PARA:CHAR:MIN'] * 1e9, maxNc: numbers['PARA:CHAR:MAX'] * 1e9 }
      : null,
    tolerance: switches['PARA:TOL:STAT'] && !isRamp ? toleranceOf(settings, coupling, samplingHz) : null,
  };
}

function bandOf(
  { numbers, switches }: Settings,
  header: 'PARA:ULIM' | 'PARA:ILIM' | 'SESO:ULIM' | 'SESO:ILIM',
  unitsPerSi: number,
): { readonly low: number; readonly high: number } | null {
  if (!switches[`${header}:STAT`]) return null;
  return { low: numbers[`${header}:MIN`] * unitsPerSi, high: numbers[`${header}:MAX`] * unitsPerSi };
}

function toleranceOf({ numbers }: Settings, coupling: Coupling | 'open', samplingHz: number): Tolerance {
  const unitsPerSi = coupling === 'pot' ? 1e12 : 1e9;
  return {
    absolutePerS: numbers['PARA:TOL:ABS'] * unitsPerSi,
    relativePerS: numbers['PARA:TOL:REL'],
    minSamples: Math.ceil(numbers['PARA:TMIN'] * samplingHz),
  };
}
