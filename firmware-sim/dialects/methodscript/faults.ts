// The faults of this dialect: what goes wrong inside the instrument, not on the line or in the cell.
import { assert } from '../../../src/base/assert.ts';
import type { Fault } from '../../faults/fault.ts';

/**
 * `overload-0032@T`: a critical overload at T; the script dies and the cell stays on. `late-z=MS`: `Z` is
 * acknowledged and obeyed late. `compliance=V`: the galvanostat gives up at this voltage.
 */
export const METHODSCRIPT_FAULTS: readonly string[] = ['overload-0032', 'late-z', 'compliance'];

const LATE_Z_MS = 1500;
const COMPLIANCE_V = 0.02;

export class OwnFaults {
  readonly #overloadsUs: number[];
  readonly #late: Fault | undefined;
  readonly #compliance: Fault | undefined;

  constructor(faults: readonly Fault[]) {
    for (const { name } of faults) {
      const known = METHODSCRIPT_FAULTS.join(', ');
      assert(METHODSCRIPT_FAULTS.includes(name), `unknown fault ${name}; known: ${known}`);
    }
    this.#overloadsUs = faults
      .filter(({ name }) => name === 'overload-0032')
      .map(atUs)
      .toSorted((a, b) => a - b);
    this.#late = faults.find(({ name }) => name === 'late-z');
    this.#compliance = faults.find(({ name }) => name === 'compliance');
  }

  /** The next critical overload, µs of the device clock; Infinity where none is left. */
  get overloadUs(): number {
    return this.#overloadsUs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** It has struck: it does not strike again. */
  takeOverload(): void {
    this.#overloadsUs.shift();
  }

  /** Real milliseconds by which `Z` is late. */
  abortDelayMs(us: number): number {
    const fault = this.#late;
    return fault === undefined || us < atUs(fault) ? 0 : (fault.value ?? LATE_Z_MS);
  }

  /** Compliance voltage now, where `complianceNv` is that of a sound instrument. */
  complianceNv(us: number, complianceNv: number): number {
    const fault = this.#compliance;
    if (fault === undefined || us < atUs(fault)) return complianceNv;
    return Math.min(complianceNv, Math.round((fault.value ?? COMPLIANCE_V) * 1e9));
  }
}

function atUs({ atS }: Fault): number {
  return (atS ?? 0) * 1e6;
}
