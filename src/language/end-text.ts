// The ends of a step in words: for drawings, explanations and messages. Pure.
import { formatQuantity } from '../base/quantity.ts';
import { possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';

/** `voltage at or above 0.5 V for 1 s`; of an end that the step can come to. */
export function endText({ limits, durationMaxUs, mode }: Step, reason: ProgramEndReason): string {
  const { voltageDebounceUs, shortFloorDebounceUs } = limits;
  switch (reason) {
    case 'voltage-max':
      return `voltage at or above ${shown(limits.voltageMaxNv, 'voltage')}${lasting(voltageDebounceUs)}`;
    case 'voltage-min':
      return `voltage at or below ${shown(limits.voltageMinNv, 'voltage')}${lasting(voltageDebounceUs)}`;
    case 'short-floor':
      return `|voltage| below ${shown(limits.shortFloorNv, 'voltage')}${lasting(shortFloorDebounceUs)}`;
    case 'net-charge':
      return `net charge of the run ${shown(limits.netChargeNc, 'charge')}`;
    case 'step-charge':
      return `charge ${shown(limits.stepChargeNc, 'charge')}`;
    case 'last-step-charge':
      return `charge ${shown(limits.lastStepChargePpm, 'ratio')} of the step before`;
    case 'current-min':
      return `|current| below ${shown(limits.currentMinPa ?? null, 'current')}`;
    case 'duration':
      return mode.kind === 'sweep' || mode.kind === 'eis' ? 'done' : `time ${timeText(durationMaxUs)}`;
  }
}

/** All ends in the order in which they win. */
export function endTexts(step: Step): string[] {
  return possibleEnds(step).map((reason) => endText(step, reason));
}

function lasting(debounceUs: number): string {
  return debounceUs === 0 ? '' : ` for ${timeText(debounceUs)}`;
}

function shown(value: number | null, dimension: 'voltage' | 'charge' | 'ratio' | 'current'): string {
  return value === null ? '-' : formatQuantity(value, dimension);
}

/** From the largest, with its microseconds. */
export const TIME_UNITS = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
] as const;

/** A duration in the largest unit that leaves at most three decimals, e.g. `1.5 h`, `83.333 d`. */
export function timeText(us: number): string {
  const found = TIME_UNITS.find(([, factor]) => Math.abs(us) >= factor);
  if (found === undefined) return `${us} us`;
  const [unit, factor] = found;
  return `${Number((us / factor).toFixed(3))} ${unit}`;
}
