// What goes wrong inside the instrument when a fault was asked for; line faults are made outside of it. Plain
// questions by device time. Must never touch the output itself.
import { assert } from '../../../src/base/assert.ts';
import { randomKey, uniformAt } from '../../../src/base/prng.ts';
import type { Fault } from '../../faults/fault.ts';

/**
 * `abor-order`: 0 answers ABOR before the primitive that it ends, 1 after it; without the fault the seed
 * decides each time. `drop-live`: share of live samples that never leave, 0 to 1. `hard-limit`: a global
 * limit trips once. `compliance`: from then on the output has this many volts left.
 */
export const ZAHNER_FAULTS: readonly string[] = ['abor-order', 'drop-live', 'hard-limit', 'compliance'];

const DEFAULT_DROP_SHARE = 0.2;
const DEFAULT_COMPLIANCE_V = 0.02;
const US_PER_S = 1e6;

export class FaultPlan {
  readonly #faults: readonly Fault[];
  readonly #orderKey: number;
  readonly #dropKey: number;
  #orders = 0;
  #isHardLimitSpent = false;

  constructor(faults: readonly Fault[], seed: number) {
    for (const { name } of faults) {
      assert(ZAHNER_FAULTS.includes(name), `unknown fault ${name}; known: ${ZAHNER_FAULTS.join(', ')}`);
    }
    this.#faults = faults;
    this.#orderKey = randomKey(seed, 'zahner-abor-order');
    this.#dropKey = randomKey(seed, 'zahner-drop-live');
  }

  /** Whether the primitive's line comes before the `ok` of the command that ends it. */
  drawsErrorFirst(us: number): boolean {
    const fault = this.#active('abor-order', us);
    this.#orders += 1;
    if (fault !== null) return fault.value === 1;
    return uniformAt(this.#orderKey, this.#orders) < 0.5;
  }

  /** Whether live sample number `index` since power-up is lost on its way. */
  dropsLive(us: number, index: number): boolean {
    const fault = this.#active('drop-live', us);
    return fault !== null && uniformAt(this.#dropKey, index) < (fault.value ?? DEFAULT_DROP_SHARE);
  }

  /** True once, for the first measurement after its time. */
  takesHardLimit(us: number): boolean {
    if (this.#isHardLimitSpent || this.#active('hard-limit', us) === null) return false;
    this.#isHardLimitSpent = true;
    return true;
  }

  /** What is left of the compliance voltage. */
  complianceNv(us: number, healthyNv: number): number {
    const fault = this.#active('compliance', us);
    return fault === null ? healthyNv : Math.min(healthyNv, (fault.value ?? DEFAULT_COMPLIANCE_V) * 1e9);
  }

  #active(name: string, us: number): Fault | null {
    return this.#faults.find((fault) => fault.name === name && (fault.atS ?? 0) * US_PER_S <= us) ?? null;
  }
}
