// The lease keeper: renews the device's dead-man while, and only while, its run is active.
// In virtual time a lease covers the steps that were loaded; on a bench it is short and renewed by the clock.
import type { Clock, Timer } from '../base/clock.ts';
import type { ChannelStatus, CyclerChannel, LeasePolicy } from '../device/cycler.ts';
import type { LookAheadTree } from '../steps/step.ts';

export type LeasePlan =
  | { readonly kind: 'renewed'; readonly durationMs: number; readonly policy: LeasePolicy }
  /** The maximum duration of what was loaded: for virtual time, where nobody can fall silent. */
  | { readonly kind: 'per-step'; readonly policy: LeasePolicy };

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly device: CyclerChannel;
  readonly plan: LeasePlan;
  readonly timeScale: number;
  readonly leaseMaxMs: number;
  /** Status read with each renewal on a bench. */
  readonly onStatus: (status: ChannelStatus) => void;
  /** Whether the run may be driven: a lease is never renewed for one that may not. */
  readonly isWanted: () => boolean;
}

export interface GrantedLease {
  readonly durationMs: number;
  readonly policy: LeasePolicy;
}

/** Three renewals fit into a lease, so two may be lost. */
const RENEWALS_PER_LEASE = 3;
const MARGIN_MS = 60_000;
/** Shortest lease that a device grants (GVN1 7). */
const LEASE_MIN_MS = 100;

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #timer: Timer | null = null;
  #renewedMs = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Makes sure that what is loaded next may start: renews for the length of the tree, or starts the beat. */
  renewFor(tree: LookAheadTree): void {
    const { isWanted, plan, timeScale } = this.#options;
    if (plan.kind === 'renewed') return this.start();
    if (!isWanted()) return;
    const longestUs = tree.nodes.reduce((sum, node) => sum + node.step.durationMaxUs, 0);
    this.#renew(longestUs / 1000 / timeScale + MARGIN_MS);
  }

  /**
   * Starts renewing; does nothing where it does already, unless the last lease that was granted must have run
   * out meanwhile.
   */
  start(): void {
    const { clock, leaseMaxMs, plan } = this.#options;
    if (plan.kind === 'per-step') return;
    const durationMs = Math.min(plan.durationMs, leaseMaxMs);
    const hasRunOut = clock.nowMs() - this.#renewedMs >= durationMs;
    if (this.#timer !== null && !hasRunOut) return;
    this.stop();
    this.#beat(durationMs);
  }

  /** A last lease for a host that leaves: the longest there is, under the policy of the run. */
  longest(): GrantedLease {
    return { durationMs: this.#options.leaseMaxMs, policy: this.#options.plan.policy };
  }

  /** A last lease that expires at once: the device then does by itself what `policy` says. */
  shortest(policy: LeasePolicy): GrantedLease {
    return { durationMs: LEASE_MIN_MS, policy };
  }

  /** Renewed now: a fault, or a device that was opened anew, has ended the lease before. */
  restart(): void {
    this.stop();
    this.start();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #beat(durationMs: number): void {
    const { clock, device, isWanted, onStatus } = this.#options;
    this.#timer = null;
    if (!isWanted()) return;
    this.#renew(durationMs);
    device.status((result) => {
      if (result.ok && this.#timer !== null) onStatus(result.value);
    });
    this.#timer = clock.after(durationMs / RENEWALS_PER_LEASE, () => this.#beat(durationMs));
  }

  #renew(durationMs: number): void {
    const { clock, device, leaseMaxMs, plan } = this.#options;
    const askedMs = clock.nowMs();
    const lease = { durationMs: Math.min(durationMs, leaseMaxMs), policy: plan.policy };
    // A refusal shows in what the device does next; a silence is the link's to report.
    device.renewLease(lease, (result) => {
      if (result.ok) this.#renewedMs = askedMs;
    });
  }
}
