// A host's clock that can be frozen as SIGSTOP freezes a process: nothing runs while it is paused, monotonic
// time goes on, and on resumption everything that came due runs at once, in order of its deadline, before any
// byte is read.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';

export class PausableClock implements Clock {
  readonly #clock: VirtualClock;
  #waiting: (() => void)[] = [];
  #isPaused = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  after(delayMs: number, run: () => void): Timer {
    let isCancelled = false;
    const timer = this.#clock.after(delayMs, () =>
      this.#whenRunning(() => {
        if (!isCancelled) run();
      }),
    );
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  defer(run: () => void): void {
    this.#clock.defer(() => this.#whenRunning(run));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.#clock.defer(run);
  }

  #whenRunning(run: () => void): void {
    if (this.#isPaused) this.#waiting.push(run);
    else run();
  }
}
