// What goes wrong inside this instrument when a fault was asked for; what happens to lines and cells is made
// outside of it. Questions by real instants: faults go on through a loss of power.
import { assert } from '../../../src/base/assert.ts';
import type { Fault } from '../../faults/fault.ts';

/**
 * `clock-wrap`: the timestamp of each power-up begins at so many seconds. `compliance`: from its time on a
 * current source gives up at so many volts, whatever limit is set.
 */
export const KEITHLEY2400_FAULTS: readonly string[] = ['clock-wrap', 'compliance'];

const DEFAULT_TIMESTAMP_S = 99_990;
const DEFAULT_COMPLIANCE_V = 0.02;

export class OwnFaults {
  readonly #compliances: readonly { readonly atMs: number; readonly limitV: number }[];
  /** Timestamp at power-up. */
  readonly timestampS: number;

  constructor(faults: readonly Fault[], time: { readonly startMs: number; readonly scale: number }) {
    for (const { name } of faults) assert(KEITHLEY2400_FAULTS.includes(name), `unknown fault ${name}`);
    const wrap = faults.find(({ name }) => name === 'clock-wrap');
    this.timestampS = wrap === undefined ? 0 : (wrap.value ?? DEFAULT_TIMESTAMP_S);
    this.#compliances = faults
      .filter(({ name }) => name === 'compliance')
      .map(({ value, atS }) => ({
        atMs: time.startMs + ((atS ?? 0) * 1000) / time.scale,
        limitV: value ?? DEFAULT_COMPLIANCE_V,
      }));
  }

  /** The voltage at which a current source gives up by now; Infinity without a fault. */
  limitV(nowMs: number): number {
    const begun = this.#compliances.filter(({ atMs }) => atMs <= nowMs);
    return begun.at(-1)?.limitV ?? Number.POSITIVE_INFINITY;
  }

  /** The next instant after `nowMs` at which the answer changes. */
  nextMs(nowMs: number): number {
    return this.#compliances.reduce(
      (next, { atMs }) => (atMs > nowMs ? Math.min(next, atMs) : next),
      Number.POSITIVE_INFINITY,
    );
  }
}
