// What a step comes to in a language that ends it by time, by one voltage in the direction of its current,
// or by the current of a held voltage: charge becomes time, a bound becomes an end. Pure; what is lost is
// told.
import { assert } from '../../base/assert.ts';
import {
  charge,
  type ExchangeMode,
  type ExchangeStep,
  seconds,
  timeOfCharge,
  volts,
} from './exchange-tree.ts';

export interface ReducedStep {
  readonly mode: ExchangeMode;
  /** Never null in a rest. */
  readonly timeUs: number | null;
  /** The voltage that its current moves it to. */
  readonly untilNv: number | null;
  readonly currentBelowPa: number | null;
}

export interface ReduceOptions {
  /** A line is added for each loss. */
  readonly dropped: string[];
  /** The language knows an end at exactly 0 V. */
  readonly hasZeroVolts: boolean;
}

export function reduceStep(step: ExchangeStep, { dropped, hasZeroVolts }: ReduceOptions): ReducedStep {
  const drop = (what: string): void => void dropped.push(`${step.name}: ${what}`);
  const { mode, currentBelowPa } = step;
  const towards = mode.kind !== 'cc' ? null : mode.currentPa > 0 ? 'above' : 'below';
  let untilNv: number | null = null;
  for (const side of ['above', 'below'] as const) {
    const voltageNv = side === 'above' ? step.voltageAboveNv : step.voltageBelowNv;
    if (voltageNv === null) continue;
    const isZero = voltageNv === 0 && !hasZeroVolts;
    if (side === towards && !isZero) untilNv = voltageNv;
    else drop(`the end at a voltage ${side} ${volts(voltageNv)} is left out: ${isZero ? ZERO : AWAY}`);
  }
  const timeUs = endInTime(step, drop);
  assert(mode.kind !== 'rest' || timeUs !== null, 'a rest has an end in time');
  return { mode, timeUs, untilNv, currentBelowPa };
}

const ZERO = 'the language takes 0 for none';
const AWAY = 'the current does not move it there';

/** When the step ends at the latest: its own time, that of its charge, or its bound; null: nothing says. */
export function endInTime(step: ExchangeStep, drop: (what: string) => void): number | null {
  const aimUs = timeFromCharge(step, drop);
  if (aimUs !== null || step.atMostUs === null) return aimUs;
  drop(`the bound of ${seconds(step.atMostUs)} becomes an end`);
  return step.atMostUs;
}

/** The time that ends the step: its own, or what its charge takes at its current, whichever is shorter. */
function timeFromCharge(
  { mode, timeUs, chargeNc }: ExchangeStep,
  drop: (what: string) => void,
): number | null {
  if (chargeNc === null) return timeUs;
  if (mode.kind !== 'cc') {
    drop(`the end at a charge of ${charge(chargeNc)} is left out`);
    return timeUs;
  }
  const chargeUs = timeOfCharge(chargeNc, mode.currentPa);
  const shorterUs = Math.min(chargeUs, timeUs ?? chargeUs);
  drop(`the end at a charge of ${charge(chargeNc)} becomes one after ${seconds(shorterUs)}`);
  return shorterUs;
}
