// When a step of a tree records: the rule that its author wrote, or the project's own where he wrote none.
// Pure; the edges of a step are recorded in any case.
import { type Dimension, formatQuantity } from '../base/quantity.ts';
import type { RecordRule } from '../steps/step.ts';
import type { Expression } from './expression.ts';
import type { SourceRecord } from './source-tree.ts';
import { complain, type Sheet, wholeOf } from './resolve-values.ts';

const LONGEST_US = 10_000_000;
const SHORTEST_US = 1000;
/** So many samples in a step at least (electrochem notes, section 1: min(10 s, half-cycle/360)). */
const SAMPLES = 360;

/** The rule for a step that is expected to take `expectedUs`; null where something of it is wrong. */
export function recordRule(sheet: Sheet, record: SourceRecord, expectedUs: number): RecordRule | null {
  const automaticUs = Math.min(LONGEST_US, Math.floor(expectedUs / (SAMPLES * 1000)) * 1000);
  const given = record.every === null ? automaticUs : notBelowZero(sheet, record.every, 'time');
  const voltageDeltaNv = record.voltage === null ? 0 : notBelowZero(sheet, record.voltage, 'voltage');
  const currentDeltaPa = record.current === null ? 0 : notBelowZero(sheet, record.current, 'current');
  const burst = record.burst === null ? undefined : burstOf(sheet, record.burst);
  if (given === null || voltageDeltaNv === null || currentDeltaPa === null || burst === null) return null;
  return {
    // A parameter of 0 s or 0 V is how a protocol says: the usual rule, or off.
    everyUs: Math.max(SHORTEST_US, given === 0 ? automaticUs : given),
    voltageDeltaNv: voltageDeltaNv > 0 ? voltageDeltaNv : null,
    currentDeltaPa: currentDeltaPa > 0 ? currentDeltaPa : null,
    ...(burst === undefined ? {} : { burst }),
  };
}

function burstOf(
  sheet: Sheet,
  { every, lasting }: NonNullable<SourceRecord['burst']>,
): RecordRule['burst'] | null {
  const everyUs = notBelowZero(sheet, every, 'time');
  const forUs = notBelowZero(sheet, lasting, 'time');
  if (everyUs === null || forUs === null) return null;
  return forUs > 0 ? { everyUs: Math.max(SHORTEST_US, everyUs), forUs } : undefined;
}

function notBelowZero(sheet: Sheet, value: Expression, dimension: Dimension): number | null {
  const found = wholeOf(sheet, value, dimension);
  if (found === null || found >= 0) return found;
  const advice = 'leave it out for the usual rule';
  complain(
    sheet,
    value.at,
    `what is recorded by is not below 0; found ${formatQuantity(found, dimension)}; ${advice}`,
  );
  return null;
}
