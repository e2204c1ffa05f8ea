// What a driver of the Keithley 2400 dialect meets in its tests: a source meter reduced to what it hears
// and says, on a line with a latency, in virtual time. Every message, byte and reply stands in one
// transcript. It is no emulator: it checks nothing, and says what the test tells it to say.
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { Cycler, DeviceReport, DeviceResult, LinkReport, RunSetup } from '../../src/device/cycler.ts';
import { createKeithley2400Cycler, type Keithley2400Options } from '../../src/device/drivers/keithley2400.ts';
import type { LookAheadTree } from '../../src/steps/step.ts';
import { createMemoryPortPair } from './memory-port.ts';

export const IDENTITY = 'KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30';

/** Bits of the status word while a current is sourced and both are measured. */
const MEASURING = 0x9800;

export interface Overrides {
  /** The reply to a query instead of the usual one; null: silence; undefined: the usual one. */
  readonly reply?: (message: string, peer: SourceMeterPeer) => string | null | undefined;
  readonly voltageV?: (currentA: number, sinceMs: number) => number;
  readonly identity?: string;
  /** Seconds that the clock shows at virtual time zero. */
  readonly clockS?: number;
  readonly wireMs?: number;
  readonly readingMs?: number;
  readonly terminator?: string;
}

export class SourceMeterPeer {
  /** `> message` and `< reply`; `> ^X` for a device clear. */
  readonly transcript: string[] = [];
  /** Level of the source with its time, whenever what flows has changed. */
  readonly flows: { readonly atMs: number; readonly currentA: number }[] = [];
  isOutputOn = false;
  levelA = 0;
  status = MEASURING;
  isClosed = false;
  readonly #port: BytePort;
  readonly #clock: VirtualClock;
  readonly #overrides: Overrides;
  #begun = '';
  /** Messages wait for the one before, as in an instrument; a device clear empties this. */
  #queue: string[] = [];
  #isBusy = false;
  #epoch = 0;
  #flowsSinceMs = 0;

  constructor(port: BytePort, clock: VirtualClock, overrides: Overrides) {
    this.#port = port;
    this.#clock = clock;
    this.#overrides = overrides;
    port.onBytes((text) => this.#later(() => this.#take(text)));
    port.onClosed(() => {
      this.isClosed = true;
    });
  }

  /** Messages heard, in order. */
  get heard(): readonly string[] {
    return this.transcript.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
  }

  sayRaw(text: string): void {
    this.#later(() => this.#port.write(text));
  }

  hangUp(): void {
    this.#port.close();
  }

  #later(run: () => void): void {
    const { wireMs = 0 } = this.#overrides;
    if (wireMs === 0) run();
    else this.#clock.after(wireMs, run);
  }

  #take(text: string): void {
    for (const character of text) {
      if (character === '\u0018') this.#clear();
      else if (character === '\r') this.#enqueue(this.#begun);
      else this.#begun += character;
    }
  }

  #clear(): void {
    this.transcript.push('> ^X');
    this.#begun = '';
    this.#queue = [];
    this.#isBusy = false;
    this.#epoch += 1;
  }

  #enqueue(message: string): void {
    this.#begun = '';
    this.transcript.push(`> ${message}`);
    this.#queue.push(message);
    this.#work();
  }

  #work(): void {
    const message = this.#isBusy ? undefined : this.#queue.shift();
    if (message === undefined) return;
    this.#isBusy = true;
    const epoch = this.#epoch;
    const { readingMs = 100 } = this.#overrides;
    const finish = (): void => {
      if (epoch !== this.#epoch) return;
      this.#execute(message);
      this.#isBusy = false;
      this.#work();
    };
    if (message === ':READ?') this.#clock.after(readingMs, finish);
    else finish();
  }

  #execute(message: string): void {
    const level = /^:SOUR:CURR:LEV (.*)$/.exec(message);
    if (level !== null) this.levelA = Number(level[1]);
    if (message === ':OUTP ON') this.isOutputOn = true;
    if (message === ':OUTP OFF') this.isOutputOn = false;
    this.#noteFlow();
    if (!message.endsWith('?')) return;
    const own = this.#overrides.reply?.(message, this);
    const reply = own === undefined ? this.#usual(message) : own;
    if (reply === null) return;
    this.transcript.push(`< ${reply}`);
    this.sayRaw(reply + (this.#overrides.terminator ?? '\r'));
  }

  #noteFlow(): void {
    const currentA = this.isOutputOn ? this.levelA : 0;
    if (currentA === (this.flows.at(-1)?.currentA ?? 0)) return;
    this.#flowsSinceMs = this.#clock.nowMs();
    this.flows.push({ atMs: this.#clock.nowMs(), currentA });
  }

  #usual(message: string): string {
    const { clockS = 100, voltageV = (currentA) => currentA * 40, identity = IDENTITY } = this.#overrides;
    const timeS = (clockS + this.#clock.nowMs() / 1000) % 100_000;
    if (message === '*IDN?') return identity;
    if (message === '*ESR?') return '0';
    if (message === ':OUTP?') return this.isOutputOn ? '1' : '0';
    if (message === ':SYST:ERR?') return '0,"No error"';
    if (message === ':SYST:TIME?') return timeS.toExponential(6);
    const currentA = this.isOutputOn ? this.levelA : 0;
    const voltage = voltageV(currentA, this.#clock.nowMs() - this.#flowsSinceMs);
    return [voltage, currentA, timeS, this.status].map((value) => value.toExponential(6)).join(',');
  }
}

export interface Keithley2400Rig {
  readonly clock: VirtualClock;
  readonly cycler: Cycler;
  readonly peers: SourceMeterPeer[];
  readonly links: LinkReport[];
  readonly reports: DeviceReport[];
  /** Of this connection, from 0; asserts that it was made. */
  readonly peer: (connection: number) => SourceMeterPeer;
  /** What each `done` got. */
  readonly results: DeviceResult<unknown>[];
  readonly done: (result: DeviceResult<unknown>) => void;
}

export const SETUP: RunSetup = {
  run: '01JA',
  rangeIndex: 4,
  limits: {
    voltageMaxNv: 2_000_000_000,
    voltageMinNv: -2_000_000_000,
    currentMaxPa: 5_000_000_000,
    netChargeMaxNc: 40_000_000_000,
  },
};

export function keithley2400Rig(
  overrides: Overrides = {},
  options: Partial<Keithley2400Options> = {},
): Keithley2400Rig {
  const clock = new VirtualClock();
  const peers: SourceMeterPeer[] = [];
  const openPort: OpenPort = (done) => {
    const [host, device] = createMemoryPortPair(clock);
    peers.push(new SourceMeterPeer(device, clock, overrides));
    done({ ok: true, port: host });
  };
  const cycler = createKeithley2400Cycler({
    name: 'bench',
    clock,
    openPort,
    token: 'bench1',
    keepAliveMs: null,
    ...options,
  });
  const links: LinkReport[] = [];
  const reports: DeviceReport[] = [];
  const results: DeviceResult<unknown>[] = [];
  cycler.onLink((report) => links.push(report));
  cycler.channel(1).onReport((report) => reports.push(report));
  const peer = (connection: number): SourceMeterPeer => {
    const found = peers[connection];
    if (found === undefined) throw new Error(`there were ${peers.length} connections, not ${connection + 1}`);
    return found;
  };
  return { clock, cycler, peers, links, reports, peer, results, done: (result) => results.push(result) };
}

/** A rig whose run is open, its transcript behind it, and which has been given this tree. */
export function keithley2400RigRunning(
  tree: LookAheadTree | null,
  overrides: Overrides = {},
  options: Partial<Keithley2400Options> = {},
): Keithley2400Rig {
  const rig = keithley2400Rig(overrides, options);
  rig.cycler.start();
  rig.clock.runUntil(() => rig.links.length > 0);
  const channel = rig.cycler.channel(1);
  channel.open(SETUP, rig.done);
  channel.renewLease('waived', () => undefined);
  rig.clock.runUntil(() => rig.results.length > 0);
  rig.peer(0).transcript.length = 0;
  rig.results.length = 0;
  if (tree !== null) channel.load(tree, rig.done);
  return rig;
}
