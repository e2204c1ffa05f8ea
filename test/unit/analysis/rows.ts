// Half-cycle rows made by hand, for the analysis: every field has a value that decides nothing unless a test
// says otherwise.
import type { AnalysedHalfCycle } from '../../../src/analysis/half-cycle-row.ts';

export const HOUR_US = 3_600_000_000;
/** 1 mAh at 1 mA. */
export const CHARGE_NC = 3_600_000_000;

/** Half-cycle `number` of back-to-back hours: odd ones plate, even ones strip. */
export function halfCycle(number: number, changes: Partial<AnalysedHalfCycle> = {}): AnalysedHalfCycle {
  const half = number % 2 === 1 ? 'plate' : 'strip';
  return {
    number,
    cycle: Math.ceil(number / 2),
    phase: 'cycling',
    half,
    startUs: (number - 1) * HOUR_US,
    endUs: number * HOUR_US,
    chargeNc: CHARGE_NC,
    reason: 'net-charge',
    plateauNv: 50_000_000,
    endNv: 50_000_000,
    isInterrupted: false,
    ...changes,
  };
}

/** Rows 1 … `count`. */
export function halfCycles(
  count: number,
  changes: (number: number) => Partial<AnalysedHalfCycle> = () => ({}),
): AnalysedHalfCycle[] {
  return Array.from({ length: count }, (_, index) => halfCycle(index + 1, changes(index + 1)));
}
