// How long the operator's stop takes: from `RunChannel.stop` to the opening of the cell, as the emulator's
// cell log tells it, in real time over loopback TCP. Many instruments of all dialects run side by side in
// this process, and each is stopped at random instants of its first half-cycles; what they cost each other is
// in the figures. Baseline: a message over a bare loopback TCP connection within this process, meanwhile.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { DIALECT_NAMES, type DialectName } from '../../src/config/dialect-names.ts';
import { median, quantile, rounded } from './statistics.ts';
import { createStopInstrument, HALF_CYCLE_MS, type StopInstrument, type StopTrial } from './stop-rig.ts';

const SEED = 7;
const INSTRUMENTS = 34;
const WAVES = 3;
/** Stops lie in the first two half-cycles: plating and stripping alike. */
const SPAN_MS = 2 * HALF_CYCLE_MS;
const ECHO_EVERY_MS = 23;

/** What no host can be faster than on this instrument, in words and as its longest, beside the line. */
const FLOORS: Readonly<Record<DialectName, { readonly floor: string; readonly floorMaxMs: number }>> = {
  gvn1: { floor: 'none: `off` is carried out as it arrives', floorMaxMs: 0 },
  methodscript: {
    floor: '`Z` takes hold at the end of the interval, here 1 s: evenly from 0 to that',
    floorMaxMs: 1000,
  },
  keithley2400: {
    floor: 'none: a device clear cuts a reading short; at 9600 baud the line adds 13 ms, which TCP does not',
    floorMaxMs: 0,
  },
  zahner: { floor: 'none: `ABOR` is carried out while a primitive runs', floorMaxMs: 0 },
};

interface Numbered {
  readonly dialect: DialectName;
  readonly number: number;
  readonly instrument: StopInstrument;
}

/** Stops by dialect. */
export async function measureStops(folder: string, say: (text: string) => void) {
  const startMs = performance.now();
  say(`stop: ${INSTRUMENTS} instruments of each dialect, ${WAVES} stops each`);
  const instruments = await Promise.all(
    DIALECT_NAMES.flatMap((dialect, group) =>
      Array.from({ length: INSTRUMENTS }, async (_, index): Promise<Numbered> => {
        const number = group * INSTRUMENTS + index + 1;
        const instrument = await createStopInstrument({ dialect, number, folder });
        return { dialect, number, instrument };
      }),
    ),
  );
  const echo = await startTcpEcho();
  const trials: (StopTrial & { readonly dialect: DialectName })[] = [];
  for (let wave = 0; wave < WAVES; wave += 1) {
    // All of one wave have ended before the next begins, so that no start falls into a stop.
    // oxlint-disable-next-line no-await-in-loop -- one wave after the other
    trials.push(...(await Promise.all(instruments.map((each) => stopAtRandom(each, wave)))));
  }
  echo.close();
  await Promise.all(instruments.map(({ instrument }) => instrument.close()));
  const figures = DIALECT_NAMES.map((name) => {
    const own = trials.filter(({ dialect }) => dialect === name);
    return [name, { ...figuresOf(own), ...FLOORS[name] }] as const;
  });
  return {
    ...Object.fromEntries(figures),
    rawTcpP50Ms: rounded(median(echo.tripsMs), 3),
    rawTcpP99Ms: rounded(quantile(echo.tripsMs, 0.99), 3),
    instruments: instruments.length,
    wallS: rounded((performance.now() - startMs) / 1000, 1),
  };
}

async function stopAtRandom({ dialect, number, instrument }: Numbered, wave: number) {
  const intoMs = SPAN_MS * uniformAt(randomKey(SEED, 'bench-stop', number), wave);
  return { dialect, ...(await instrument.stopOnce(intoMs)) };
}

function figuresOf(trials: readonly StopTrial[]) {
  const openMs = trials.map((trial) => trial.openMs);
  return {
    trials: trials.length,
    p50Ms: rounded(median(openMs), 2),
    p99Ms: rounded(quantile(openMs, 0.99), 2),
    maxMs: rounded(quantile(openMs, 1), 2),
    // Between two steps the cell may be open when it is stopped; such a stop took no time.
    openAlready: trials.filter(({ wasOpen }) => wasOpen).length,
  };
}

interface TcpEcho {
  /** One-way times, ms. */
  readonly tripsMs: readonly number[];
  close(): void;
}

async function startTcpEcho(): Promise<TcpEcho> {
  const tripsMs: number[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('latin1').on('data', (text) => {
      tripsMs.push(performance.now() - Number.parseFloat(String(text)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const timer = setInterval(() => socket.write(`${performance.now()}\n`), ECHO_EVERY_MS);
  return {
    tripsMs,
    close: () => {
      clearInterval(timer);
      socket.destroy();
      server.close();
    },
  };
}
