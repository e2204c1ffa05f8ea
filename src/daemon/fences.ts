// The fences of a bench: one around each driver, and one around what listens to auxiliary inputs. Together
// they hold every port that is open, so that after a suspend all connections can be made anew.
import type { OpenPort } from '../base/byte-port.ts';
import type { Clock } from '../base/clock.ts';
import { Fence, type FenceOptions } from './fence.ts';

/** What a driver is given of the outside world. */
export interface Fenced {
  readonly clock: Clock;
  readonly around: (open: OpenPort) => OpenPort;
}

export class Fences {
  readonly #common: Omit<FenceOptions, 'name'>;
  readonly #fences: Fence[] = [];

  constructor(common: Omit<FenceOptions, 'name'>) {
    this.#common = common;
  }

  /** `name`: of the instrument or input, for the log. */
  make(name: string): Fenced {
    const fence = new Fence({ ...this.#common, name });
    this.#fences.push(fence);
    return { clock: fence.clock, around: (open) => fence.around(open) };
  }

  dropAll(reason: string): void {
    for (const fence of this.#fences) fence.drop(reason);
  }
}
