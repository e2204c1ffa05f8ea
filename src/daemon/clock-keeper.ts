// The clock keeper: relates the run's time (device clock) to wall time, in `clock_sync` rows and nowhere
// else. Bounds the relation as Klipper does: the device's answer lies between sending and receiving.
import type { Clock, Timer } from '../base/clock.ts';
import type { Cycler } from '../device/cycler.ts';
import type { ClockSync } from '../store/run-store.ts';
import type { Journal } from './journal.ts';

export interface ClockKeeperOptions {
  readonly clock: Clock;
  readonly readClock: Cycler['readClock'];
  readonly journal: Journal;
  readonly timeScale: number;
  /** Device time to run time; null before the first sample. */
  readonly runTimeUs: (deviceUs: number) => number | null;
  /** Real time between two rows where wall time does not jump; null: only when asked (virtual time). */
  readonly everyMs: number | null;
  /** The latest row of an earlier daemon: wall time is all that bridges the time between; null: none. */
  readonly lastSync?: Pick<ClockSync, 'timeUs' | 'wallMs' | 'errorUs'> | null;
}

/** What two clocks may drift apart: Klipper's limit too (klippy/clocksync.py). */
const DRIFT_MAX_PPM = 100;
/**
 * A jump of wall time breaks what the latest row tells: how often it is looked for, and what counts as one.
 */
const LOOK_EVERY_MS = 1000;
const JUMP_MIN_MS = 250;

export class ClockKeeper {
  readonly #options: ClockKeeperOptions;
  /** Run time at a moment of the host's clock, as last read. */
  #anchor: { readonly timeUs: number; readonly atMs: number; readonly errorUs: number } | null = null;
  #timer: Timer | null = null;
  #isStarted = false;
  #nextRowMs = 0;
  #wallAheadMs = 0;

  constructor(options: ClockKeeperOptions) {
    this.#options = options;
    const { clock, lastSync = null } = options;
    if (lastSync === null) return;
    const { timeUs, wallMs, errorUs } = lastSync;
    const agoMs = Math.max(0, clock.wallMs() - wallMs);
    this.#anchor = { timeUs, errorUs, atMs: clock.nowMs() - agoMs };
  }

  /** Called with each report; does something at the first one, and at the first after `stop`. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#nextRowMs = Number.NEGATIVE_INFINITY;
    this.#beat();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#isStarted = false;
  }

  /**
   * Run time now, counted on from the last reading of the device's clock, also while the link is away; null
   * before the first. `errorUs` bounds its error.
   */
  runTimeNow(): { readonly timeUs: number; readonly errorUs: number } | null {
    if (this.#anchor === null) return null;
    const { timeUs, atMs, errorUs } = this.#anchor;
    const { clock, timeScale } = this.#options;
    const elapsedUs = (clock.nowMs() - atMs) * 1000 * timeScale;
    return {
      timeUs: Math.round(timeUs + elapsedUs),
      errorUs: Math.ceil(errorUs + (elapsedUs * DRIFT_MAX_PPM) / 1e6),
    };
  }

  #beat(): void {
    const { clock, everyMs } = this.#options;
    const wallAheadMs = clock.wallMs() - clock.nowMs();
    const hasJumped = Math.abs(wallAheadMs - this.#wallAheadMs) > JUMP_MIN_MS;
    this.#wallAheadMs = wallAheadMs;
    if (hasJumped || clock.nowMs() >= this.#nextRowMs) {
      this.sync();
      this.#nextRowMs = clock.nowMs() + (everyMs ?? 0);
    }
    if (everyMs !== null) this.#timer = clock.after(Math.min(LOOK_EVERY_MS, everyMs), () => this.#beat());
  }

  /** One row now, if the device answers. */
  sync(): void {
    const { clock, journal, readClock, runTimeUs, timeScale } = this.#options;
    readClock((result) => {
      if (!result.ok) {
        // The row is owed: the next beat asks again.
        this.#nextRowMs = Number.NEGATIVE_INFINITY;
        return;
      }
      const { deviceUs, sentMs, receivedMs } = result.value;
      const timeUs = runTimeUs(deviceUs);
      if (timeUs === null) return;
      const halfTripMs = (receivedMs - sentMs) / 2;
      const wallMs = Math.round(clock.wallMs() - (clock.nowMs() - receivedMs) - halfTripMs);
      const errorUs = Math.ceil(halfTripMs * 1000 * timeScale);
      this.#anchor = { timeUs, atMs: receivedMs - halfTripMs, errorUs };
      journal.clockSync({ timeUs, wallMs, source: 'host', errorUs });
    });
  }
}
