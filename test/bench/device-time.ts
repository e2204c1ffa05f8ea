// Relates the simulated device's clock to the clock of this process, so that "device timestamp to client" is
// a difference on one clock. Method: `clock` exchanges over the wire before the daemon connects and after it
// has gone; of many, the one with the shortest round trip, read at its middle, is off by half of that trip at
// most. The two readings give offset and drift; between them the device's clock is a straight line. The
// stream counts from the start of each run: the device's own step-end log says when that was, to the
// microsecond.
import { SystemClock } from '../../src/base/clock.ts';
import { openPort, parsePortAddress } from '../../src/bytes/port-address.ts';
import type { Cycler } from '../../src/device/cycler.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';

const EXCHANGES = 200;
const CONNECT_LIMIT_MS = 20_000;
const FIRST_STEP = 1;

/** The device's clock at one instant of this process's monotonic clock. */
export interface ClockReading {
  readonly deviceUs: number;
  readonly atMs: number;
  /** Bound. */
  readonly errorMs: number;
}

/** Connects to a device nobody else is connected to, asks, and hangs up. */
export async function withDevice<T>(port: string, ask: (cycler: Cycler) => Promise<T>): Promise<T> {
  const parsed = parsePortAddress(port);
  if (!parsed.ok) throw new Error(parsed.detail);
  const clock = new SystemClock();
  const cycler = createGvn1Cycler({
    name: 'bench',
    openPort: openPort(parsed.address),
    clock,
    token: 'bench',
    // The daemon's lease may outlive it by some seconds; its cells are open by then.
    isForced: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = clock.after(CONNECT_LIMIT_MS, () => reject(new Error(`${port} does not answer`)));
      cycler.onLink((report) => {
        if (report.type !== 'up') return;
        limit.cancel();
        resolve();
      });
      cycler.start();
    });
    return await ask(cycler);
  } finally {
    cycler.close();
  }
}

export async function readDeviceClock(cycler: Cycler): Promise<ClockReading> {
  let best: ClockReading | null = null;
  for (let exchange = 0; exchange < EXCHANGES; exchange += 1) {
    // One at a time: a queue of them would not be round trips.
    // oxlint-disable-next-line no-await-in-loop
    const reading = await exchangeOnce(cycler);
    if (best === null || reading.errorMs < best.errorMs) best = reading;
  }
  if (best === null) throw new Error('no clock exchange was made');
  return best;
}

async function exchangeOnce(cycler: Cycler): Promise<ClockReading> {
  return new Promise((resolve, reject) => {
    cycler.readClock((result) => {
      if (!result.ok) return reject(new Error(`the device does not tell its time: ${result.detail}`));
      const { deviceUs, sentMs, receivedMs } = result.value;
      resolve({ deviceUs, atMs: (sentMs + receivedMs) / 2, errorMs: (receivedMs - sentMs) / 2 });
    });
  });
}

/** Device time at which the last run of a channel began: the zero of its stored and streamed times. */
export async function readRunStartUs(cycler: Cycler, channelNumber: number): Promise<number> {
  const channel = cycler.channel(channelNumber);
  return new Promise((resolve, reject) => {
    channel.onReport((report) => {
      if (report.type === 'stepEnded' && report.stepNumber === FIRST_STEP) resolve(report.startUs);
    });
    channel.replayStepEnds(FIRST_STEP, (result) => {
      // Its reports come first: with that of the first step among them the promise is settled already.
      const why = result.ok ? 'its first step is no longer in its log' : result.detail;
      reject(new Error(`channel ${channelNumber} does not tell when its run began: ${why}`));
    });
  });
}

export interface DeviceTimeline {
  readonly atMs: (deviceUs: number) => number;
  readonly errorMs: number;
}

/** On a line between two readings the error is that of the worse one, at most. */
export function timelineBetween(before: ClockReading, after: ClockReading): DeviceTimeline {
  const msPerUs = (after.atMs - before.atMs) / (after.deviceUs - before.deviceUs);
  return {
    atMs: (deviceUs) => before.atMs + (deviceUs - before.deviceUs) * msPerUs,
    errorMs: Math.max(before.errorMs, after.errorMs),
  };
}
