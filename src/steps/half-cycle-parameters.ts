// Parameters that the methods of plating and stripping have in common, with their bounds, and what follows
// from them. Pure tables; a protocol picks what it needs and adds its own.
import type { HalfCyclePlan } from './half-cycle.ts';
import { choice, quantity } from './parameters.ts';
import type { ShortFloorPlan } from './protocol.ts';

/** A current per area: 1 uA/cm2 … 200 mA/cm2. */
export function density(initial: string, about: string) {
  return quantity('currentDensity', initial, { within: ['1 uA/cm2', '200 mA/cm2'], about });
}

/** A charge per area: 1 uAh/cm2 … 200 mAh/cm2. */
export function arealCharge(initial: string, about: string) {
  return quantity('arealCharge', initial, { within: ['1 uAh/cm2', '200 mAh/cm2'], about });
}

export function time(initial: string, within: readonly [string, string], about: string) {
  return quantity('time', initial, { within, about });
}

export function voltage(initial: string, within: readonly [string, string], about: string) {
  return quantity('voltage', initial, { within, about });
}

/** Rest and record rules, alike in every method. */
export const RECORDING = {
  record_interval: time('0 s', ['0 s', '1 h'], 'samples while cycling; 0 s: min(10 s, half-cycle/360)'),
  record_voltage_delta: voltage('2 mV', ['0 V', '5 V'], 'also a sample when V has moved so far; 0 V: off'),
  wetting_record_interval: time('60 s', ['100 ms', '1 h'], 'samples while resting'),
} as const;

export const SHORT_FLOOR = {
  short_floor: quantity('ratio', '15 %', {
    within: ['0 %', '90 %'],
    about: 'plateau, of its baseline, below which two half-cycles are a hard short; 0 %: not watched',
  }),
  on_short_floor: choice('stop', ['stop', 'record'], 'then end the run, or go on and write it down'),
} as const;

/** In a row: one low plateau may be a bubble or a bad reading. */
const SHORT_FLOOR_HALF_CYCLES = 2;

export function shortFloorPlan(
  values: { readonly short_floor: number; readonly on_short_floor: 'stop' | 'record' },
  areaUcm2: number,
): ShortFloorPlan | null {
  const { short_floor: ratioPpm, on_short_floor: action } = values;
  if (ratioPpm === 0) return null;
  return { ratioPpm, halfCycles: SHORT_FLOOR_HALF_CYCLES, action, areaUcm2 };
}

const HALF_CYCLE_LONGEST_US = 60 * 86_400_000_000;
const HALF_CYCLE_SHORTEST_US = 100_000;

/** Why a half-cycle of this length is not planned; names the parameter. Empty: it is. */
export function durationProblems(name: string, { durationUs }: HalfCyclePlan): string[] {
  const advice = 'change it or the current density';
  if (durationUs > HALF_CYCLE_LONGEST_US)
    return [`"${name}": a half-cycle would take more than 60 d; ${advice}`];
  if (durationUs < HALF_CYCLE_SHORTEST_US)
    return [`"${name}": a half-cycle would take less than 0.1 s; ${advice}`];
  return [];
}
