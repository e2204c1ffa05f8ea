// The lease of a hosted channel: kept by the host, since the instrument knows none. It catches a daemon that
// has stopped wanting the current; it does not outlive the process, and capabilities say so.
import type { Clock, Timer } from '../../base/clock.ts';
import type { Lease, LeasePolicy } from '../cycler.ts';

/** The host grants itself any length: ten years, as a simulator in virtual time does. */
export const HOST_LEASE_MAX_MS = 315_360_000_000;

export class HostLease {
  readonly #clock: Clock;
  readonly #onExpired: (policy: LeasePolicy) => void;
  #timer: Timer | null = null;
  #isLive = false;
  #policy: LeasePolicy = 'off';

  constructor(clock: Clock, onExpired: (policy: LeasePolicy) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  get policy(): LeasePolicy {
    return this.#policy;
  }

  renew(lease: Lease): void {
    this.drop();
    this.#isLive = true;
    if (lease === 'waived') return;
    this.#policy = lease.policy;
    this.#timer = this.#clock.after(lease.durationMs, () => {
      this.drop();
      this.#onExpired(lease.policy);
    });
  }

  drop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#isLive = false;
  }
}
