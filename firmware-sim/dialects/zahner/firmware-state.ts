// What the firmware remembers between two commands: volatile but for the two things a battery keeps. Must
// never speak.
import type { Clock } from '../../../src/base/clock.ts';
import { randomKey, uniformAt } from '../../../src/base/prng.ts';
import type { DataStream } from './data-stream.ts';
import type { ErrorCode } from './error-codes.ts';
import type { FaultPlan } from './faults.ts';
import type { OutputStage, Setpoint } from './output-stage.ts';
import type { Profile } from './profiles.ts';
import type { Coupling, Settings } from './settings.ts';

/** Survives the loss of power. */
export interface PermanentMemory {
  /** `:SYST:LINF`, Hz. */
  lineFrequencyHz: number;
  /** What `:SYST:TIME` differs by from the wall clock. */
  timeOffsetMs: number;
}

export interface FirmwareState {
  readonly clock: Clock;
  readonly seed: number;
  readonly profile: Profile;
  readonly stage: OutputStage;
  readonly stream: DataStream;
  readonly faults: FaultPlan;
  readonly settings: Settings;
  readonly memory: PermanentMemory;
  /** 1003 or 1005 until `*CLS`. */
  latched: ErrorCode | null;
  /** Measured by `:MEAS:OCV?`; voltages may be counted from it. */
  ocvV: number;
  /** Where the last primitive of each coupling ended, A or V; null: the session's own value holds. */
  readonly finals: Record<Coupling, number | null>;
  /** Draws of dead and settling times made so far. */
  draws: number;
}

/** A/V that the output holds, or would hold, while no primitive runs. */
export function presentValue({ settings, finals, ocvV }: FirmwareState): number {
  const { numbers, coupling, isSessionVoltageToOcv } = settings;
  const final = finals[coupling];
  if (final !== null) return final;
  if (coupling === 'gal') return numbers['SESO:IVAL'];
  return numbers['SESO:UVAL'] + (isSessionVoltageToOcv ? ocvV : 0);
}

export function presentSetpoint(state: FirmwareState): Setpoint {
  const value = presentValue(state);
  return state.settings.coupling === 'gal'
    ? { coupling: 'gal', currentPa: Math.round(value * 1e12) }
    : { coupling: 'pot', voltageNv: Math.round(value * 1e9) };
}

/** A time between two bounds, the next one of this seed. */
export function drawnUs(
  state: FirmwareState,
  bounds: { readonly leastUs: number; readonly mostUs: number },
): number {
  const { leastUs, mostUs } = bounds;
  const share = uniformAt(randomKey(state.seed, 'zahner-times'), state.draws);
  state.draws += 1;
  return Math.round(leastUs + share * (mostUs - leastUs));
}
