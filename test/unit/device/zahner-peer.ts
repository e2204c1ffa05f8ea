// A Zahner potentiostat by the script: answers the text port line by line as it is told, and says packets on
// the data port. Encodes packets by itself: nothing is shared with the driver's codec.
import type { BytePort, OpenPort } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { Cycler, DeviceReport, DeviceResult, LinkReport } from '../../../src/device/cycler.ts';
import { createZahnerCycler, type ZahnerOptions } from '../../../src/device/drivers/zahner.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

export const IDENTITY = 'ZAHNER-ELEKTRIK,XPOT2,33000,1.1.0';
const PRIMITIVES = [':MEAS:POGA?', ':MEAS:OCVS?'];

/** The text port's other end. Every line is answered at once, but primitives, which wait to be told. */
export class TextPeer {
  readonly heard: string[] = [];
  /** Instead of the usual answer; null: none; undefined: the usual one. */
  answer: (line: string) => string | null | undefined = () => undefined;
  isClosed = false;
  readonly #port: BytePort;
  #begun = '';

  constructor(port: BytePort) {
    this.#port = port;
    port.onBytes((text) => {
      const lines = (this.#begun + text).split('\n');
      this.#begun = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    port.onClosed(() => {
      this.isClosed = true;
    });
  }

  say(line: string): void {
    this.#port.write(`${line}\n`);
  }

  hangUp(): void {
    this.#port.close();
  }

  /** What was heard since the last call. */
  heardNow(): readonly string[] {
    return this.heard.splice(0);
  }

  #take(line: string): void {
    this.heard.push(line);
    const told = this.answer(line);
    const answer = told === undefined ? usualAnswer(line) : told;
    if (answer !== null) this.say(answer);
  }
}

/** Nothing is plugged in at the back: its words are not published, but for `error`. */
function usualAnswer(line: string): string | null {
  if (line === '*IDN?') return IDENTITY;
  if (line === ':MEAS:TEMP?') return 'error 42: no temperature sensor connected';
  return PRIMITIVES.includes(line) ? null : 'ok';
}

/** The data port's other end. */
export class DataPeer {
  greeting: string | null = `${IDENTITY} binary\n`;
  readonly #port: BytePort;

  constructor(port: BytePort, greeting: string | null) {
    this.greeting = greeting;
    this.#port = port;
    port.onBytes((text) => {
      if (text === '*IDN?\n' && this.greeting !== null) port.write(this.greeting);
    });
  }

  say(bytes: Buffer): void {
    this.#port.write(bytes.toString('latin1'));
  }

  hangUp(): void {
    this.#port.close();
  }

  /** What precedes the samples of a primitive. */
  start(): void {
    this.say(Buffer.concat([headerPacket(1), TRACKS_PACKET, headerPacket(2)]));
  }
}

const TYPES = {
  tracks: 0xadddf00d11111111n,
  sample: 0xfeedda7a22222222n,
  bulk: 0xfeedda7a44444444n,
  appendix: 0xfeedda7a77777777n,
  header: 0xb007f00d11111111n,
};

function u64(...values: readonly (bigint | number)[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

function f64(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, 8 * index);
  return bytes;
}

export function packetOf(type: keyof typeof TYPES, body: Buffer): Buffer {
  return Buffer.concat([u64(TYPES[type], body.length), body]);
}

const strings = (...texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\0`).join(''));

export const TRACKS_PACKET = packetOf(
  'tracks',
  Buffer.concat([
    u64(3),
    ...[
      [13, 'time', 's'],
      [11, 'voltage', 'V'],
      [12, 'current', 'A'],
    ].map(([id, name, unit]) => Buffer.concat([u64(Number(id)), strings(String(name), String(unit), '')])),
  ]),
);

export function headerPacket(state: number): Buffer {
  return packetOf('header', Buffer.concat([u64(21, state), strings('', 'POGA')]));
}

/** Seconds, volts, amperes. */
export type SiRow = readonly [number, number, number];

export function samplePacket(row: SiRow): Buffer {
  return packetOf('sample', f64(row));
}

export function bulkPacket(rows: readonly SiRow[], start = 0): Buffer {
  return packetOf('bulk', Buffer.concat([u64(start), f64(rows.flat())]));
}

export function appendixPacket(rows: readonly SiRow[], words: readonly number[] = [13]): Buffer {
  return packetOf('appendix', Buffer.concat([u64(...words), f64(rows.flat())]));
}

/** Rows at one a second, all alike. */
export function rowsUpTo(seconds: number, voltageV = -0.05, currentA = -0.00113): SiRow[] {
  return Array.from({ length: seconds }, (_row, index) => [index + 1, voltageV, currentA] as const);
}

export interface ZahnerRig {
  readonly clock: VirtualClock;
  readonly cycler: Cycler;
  readonly texts: TextPeer[];
  readonly datas: DataPeer[];
  readonly links: LinkReport[];
  readonly reports: DeviceReport[];
  readonly results: DeviceResult<unknown>[];
  readonly done: (result: DeviceResult<unknown>) => void;
  /** Of the latest connection. */
  readonly text: () => TextPeer;
  readonly data: () => DataPeer;
  readonly settle: () => void;
}

export interface ZahnerRigOptions extends Partial<ZahnerOptions> {
  readonly greeting?: string | null;
  readonly hasDataPort?: boolean;
  /** For each connection, before its first line. */
  readonly onText?: (peer: TextPeer, connection: number) => void;
}

export function zahnerRig({
  greeting = `${IDENTITY} binary\n`,
  hasDataPort = true,
  onText,
  ...options
}: ZahnerRigOptions = {}): ZahnerRig {
  const clock = new VirtualClock();
  const [texts, datas]: [TextPeer[], DataPeer[]] = [[], []];
  const openPort: OpenPort = (done) => {
    const [host, device] = createMemoryPortPair(clock);
    const peer = new TextPeer(device);
    onText?.(peer, texts.length);
    texts.push(peer);
    done({ ok: true, port: host });
  };
  const openDataPort: OpenPort = (done) => {
    const [host, device] = createMemoryPortPair(clock);
    datas.push(new DataPeer(device, greeting));
    done({ ok: true, port: host });
  };
  const cycler = createZahnerCycler({
    name: 'bench',
    clock,
    openPort,
    ...(hasDataPort ? { openDataPort } : {}),
    token: 'bench1',
    keepAliveMs: null,
    ...options,
  });
  const links: LinkReport[] = [];
  const reports: DeviceReport[] = [];
  const results: DeviceResult<unknown>[] = [];
  cycler.onLink((report) => links.push(report));
  cycler.channel(1).onReport((report) => reports.push(report));
  const last = <T>(list: readonly T[]): T => {
    const found = list.at(-1);
    if (found === undefined) throw new Error('there was no such connection');
    return found;
  };
  return {
    clock,
    cycler,
    texts,
    datas,
    links,
    reports,
    results,
    done: (result) => results.push(result),
    text: () => last(texts),
    data: () => last(datas),
    settle: () => clock.advance(0),
  };
}

export const HARD_LIMITS = {
  voltageMaxNv: 2_000_000_000,
  voltageMinNv: -2_000_000_000,
  currentMaxPa: 5_000_000_000,
  netChargeMaxNc: 40_000_000_000,
};

/** Up, its greeting behind it. */
export function zahnerRigUp(options: ZahnerRigOptions = {}): ZahnerRig {
  const rig = zahnerRig(options);
  rig.cycler.start();
  rig.settle();
  rig.text().heardNow();
  return rig;
}

/** Up, with a run open and leased. */
export function zahnerRigOpen(options: ZahnerRigOptions = {}): ZahnerRig {
  const rig = zahnerRigUp(options);
  rig.cycler.channel(1).open({ run: '01JA', rangeIndex: 2, limits: HARD_LIMITS }, rig.done);
  rig.settle();
  rig.cycler.channel(1).renewLease('waived', rig.done);
  rig.text().heardNow();
  rig.results.splice(0);
  return rig;
}
