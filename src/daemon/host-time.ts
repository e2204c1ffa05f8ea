// What time does to this machine: each second the clocks of the host are compared. Wall time alone has moved:
// a clock step. Boot time alone has moved: the machine was suspended, and its instruments were without a
// host. Only tells; what it means for links and runs is decided by whoever listens.
import type { Clock, Timer } from '../base/clock.ts';
import type { HostReadings } from '../base/suspended-time.ts';

export interface HostTimeOptions {
  readonly clock: Clock;
  readonly read: () => HostReadings;
  /** Each second, with what has gone by since the last beat in waking time: the loop runs. */
  readonly onBeat: (sinceMs: number) => void;
  /** Signed: what wall time has jumped by, ms. */
  readonly onClockStep: (byMs: number) => void;
  readonly onSuspend: (forMs: number) => void;
}

const EVERY_MS = 1000;
/** Above what slewing does in a second (chrony: 83 ms at most) and below any step that matters. */
const JUMP_MIN_MS = 250;

export function watchHostTime(options: HostTimeOptions): { close(): void } {
  const { clock, read, onBeat, onClockStep, onSuspend } = options;
  let before = read();
  let timer: Timer;
  const beat = (): void => {
    timer = clock.after(EVERY_MS, beat);
    const now = read();
    const { sinceMs, suspendedMs, steppedMs } = compared(before, now);
    before = now;
    onBeat(sinceMs);
    if (suspendedMs > JUMP_MIN_MS) onSuspend(suspendedMs);
    if (Math.abs(steppedMs) > JUMP_MIN_MS) onClockStep(steppedMs);
  };
  timer = clock.after(EVERY_MS, beat);
  return { close: () => timer.cancel() };
}

/** Where the system tells no boot time a suspend looks like a clock step: wall time alone has moved. */
function compared(before: HostReadings, now: HostReadings) {
  const sinceMs = now.monotonicMs - before.monotonicMs;
  const isTold = before.bootMs !== null && now.bootMs !== null;
  const suspendedMs = isTold ? now.bootMs - before.bootMs - sinceMs : 0;
  const steppedMs = now.wallMs - before.wallMs - sinceMs - suspendedMs;
  return { sinceMs, suspendedMs, steppedMs };
}
