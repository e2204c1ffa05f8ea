// The clock of one daemon process in a world of virtual time. The process can be stopped (SIGSTOP: what comes
// due runs on resumption), suspended with its machine (its timers stood still meanwhile, see SystemClock) and
// killed: nothing that it armed or deferred ever runs. Timers come before bytes, as in a real event loop.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { HostReadings } from '../../src/base/suspended-time.ts';

interface Armed {
  dueMs: number;
  readonly order: number;
  readonly run: () => void;
  timer: Timer | null;
}

export class HostClock implements Clock {
  readonly #base: Clock;
  readonly #armed = new Set<Armed>();
  #order = 0;
  #isDead = false;
  /** Since when it does not run, by the base clock; null: it runs. */
  #pausedAtMs: number | null = null;
  #stoodStillMs = 0;
  #deferred: (() => void)[] = [];
  #bytes: (() => void)[] = [];

  constructor(base: Clock) {
    this.#base = base;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#pausedAtMs !== null;
  }

  nowMs(): number {
    return this.#base.nowMs();
  }

  wallMs(): number {
    return this.#base.wallMs();
  }

  /** The clocks of its machine, for whoever watches them. */
  readings(): HostReadings {
    const bootMs = this.#base.nowMs();
    return { bootMs, monotonicMs: bootMs - this.#stoodStillMs, wallMs: this.wallMs() };
  }

  after(delayMs: number, run: () => void): Timer {
    const armed: Armed = { dueMs: this.nowMs() + delayMs, order: this.#order, run, timer: null };
    this.#order += 1;
    if (!this.#isDead) this.#arm(armed);
    return { cancel: () => this.#disarm(armed) };
  }

  defer(run: () => void): void {
    this.#base.defer(() => {
      if (this.isPaused) this.#deferred.push(run);
      else if (!this.#isDead) run();
    });
  }

  /** Hands over what came from outside: bytes, or the end of a line. */
  deliver(receive: () => void): void {
    if (this.isPaused) this.#bytes.push(receive);
    else if (!this.#isDead) receive();
  }

  pause(): void {
    this.#pausedAtMs ??= this.#base.nowMs();
  }

  /** `suspended`: its timers stood still meanwhile, as the monotonic time of its machine did. */
  resume(manner: 'stopped' | 'suspended'): void {
    if (this.#pausedAtMs === null) return;
    const pausedMs = this.#base.nowMs() - this.#pausedAtMs;
    this.#pausedAtMs = null;
    if (this.#isDead) return;
    if (manner === 'suspended') {
      this.#stoodStillMs += pausedMs;
      for (const armed of this.#armed) armed.dueMs += pausedMs;
    }
    const [deferred, bytes] = [this.#deferred, this.#bytes];
    this.#deferred = [];
    this.#bytes = [];
    for (const run of deferred) this.defer(run);
    const armed = [...this.#armed].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    for (const one of armed) {
      one.timer?.cancel();
      this.#arm(one);
    }
    for (const receive of bytes) this.#base.after(0, () => this.deliver(receive));
  }

  /** The process is gone. */
  kill(): void {
    this.#isDead = true;
    for (const armed of this.#armed) armed.timer?.cancel();
    this.#armed.clear();
    this.#deferred = [];
    this.#bytes = [];
  }

  #arm(armed: Armed): void {
    this.#armed.add(armed);
    armed.timer = this.#base.after(Math.max(0, armed.dueMs - this.nowMs()), () => {
      // What comes due during a pause stays armed: `resume` arms it anew.
      if (this.isPaused || this.#isDead) return;
      this.#armed.delete(armed);
      armed.run();
    });
  }

  #disarm(armed: Armed): void {
    armed.timer?.cancel();
    this.#armed.delete(armed);
  }
}
