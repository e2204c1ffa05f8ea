// A MethodSCRIPT instrument by the script: driver tests are transcripts of lines out and in, in virtual time.
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { Cycler, DeviceReport, DeviceResult, LinkReport } from '../../src/device/cycler.ts';
import { createMethodscriptCycler, type MethodscriptOptions } from '../../src/device/drivers/methodscript.ts';
import { createMemoryPortPair } from './memory-port.ts';

export const CC_LINE = 'CC000000000000000000000000000000000000002F0000003FFFFF98FF00000002';
export const CM_LINE = 'CM000000000000000000000000000003FFFFBFE8FFFFFFFFFFFFFFFFFFFFBFFFFE';
export const CELL_OFF = ['> e', '> cell_off', '> ', '< e', '< '];
export const IDLE = ['> Z', '< Z!0006', '> ', '< ', '> Z', '< Z!0006'];

/** What follows the abort in a greeting; each answer can be another one. */
export function introduction({
  firmware = 'tes4_hr1100#Jan 28 2022 11:04:43',
  cm = CM_LINE,
  cc = CC_LINE,
} = {}) {
  return [
    ...['> t', `< ${firmware}`, '< R*', '> v', '< v01.09.00', '> i', '< iES4HR21A0042'],
    ...['> CC', `< ${cc}`, '> CM', `< ${cm}`],
  ];
}

export const GREETING = [...IDLE, ...CELL_OFF, ...introduction()];

/** The device's end of one connection. */
export class MethodscriptPeer {
  readonly heard: string[] = [];
  readonly unexpected: string[] = [];
  isClosed = false;
  readonly #port: BytePort;
  #script: string[] = [];
  #begun = '';

  constructor(port: BytePort) {
    this.#port = port;
    port.onBytes((text) => this.#take(text));
    port.onClosed(() => {
      this.isClosed = true;
    });
  }

  /** `> line` is awaited from the host; `< line` is sent when all above it has happened. */
  follow(script: readonly string[]): void {
    this.#script.push(...script);
    this.#play();
  }

  get left(): readonly string[] {
    return this.#script;
  }

  say(...lines: readonly string[]): void {
    this.#port.write(lines.map((line) => `${line}\n`).join(''));
  }

  sayRaw(text: string): void {
    this.#port.write(text);
  }

  hangUp(): void {
    this.#port.close();
  }

  #take(text: string): void {
    this.#begun += text;
    const lines = this.#begun.split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) {
      this.heard.push(line);
      if (this.#script[0] === `> ${line}`) {
        this.#script.shift();
        this.#play();
      } else {
        this.unexpected.push(line);
      }
    }
  }

  #play(): void {
    while (this.#script[0]?.startsWith('< ') === true) this.say((this.#script.shift() ?? '').slice(2));
  }
}

export interface MethodscriptRig {
  readonly clock: VirtualClock;
  readonly cycler: Cycler;
  readonly links: LinkReport[];
  readonly reports: DeviceReport[];
  readonly results: DeviceResult<unknown>[];
  readonly done: (result: DeviceResult<unknown>) => void;
  /** One for each connection, in order. */
  peer(connection: number): MethodscriptPeer;
  readonly connections: () => number;
}

export interface MethodscriptRigOptions extends Partial<MethodscriptOptions> {
  /** Scripts by connection; behind the last: nothing said, nothing answered. */
  readonly scripts?: readonly (readonly string[])[];
}

export function methodscriptRig({ scripts = [], ...options }: MethodscriptRigOptions = {}): MethodscriptRig {
  const clock = new VirtualClock();
  const peers: MethodscriptPeer[] = [];
  const openPort: OpenPort = (done) => {
    const [host, device] = createMemoryPortPair(clock);
    const peer = new MethodscriptPeer(device);
    peer.follow(scripts[peers.length] ?? []);
    peers.push(peer);
    done({ ok: true, port: host });
  };
  const given = { name: 'bench', clock, openPort, token: 'bench1', keepAliveMs: null };
  const cycler = createMethodscriptCycler({ ...given, ...options });
  const links: LinkReport[] = [];
  const reports: DeviceReport[] = [];
  const results: DeviceResult<unknown>[] = [];
  cycler.onLink((report) => links.push(report));
  cycler.channel(1).onReport((report) => reports.push(report));
  const peer = (connection: number): MethodscriptPeer => {
    const found = peers[connection];
    if (found === undefined) throw new Error(`there were ${peers.length} connections, not ${connection + 1}`);
    return found;
  };
  const connections = (): number => peers.length;
  return {
    clock,
    cycler,
    links,
    reports,
    results,
    done: (result) => results.push(result),
    peer,
    connections,
  };
}

/** A rig whose first connection is up, its greeting behind it. */
export function methodscriptRigUp(options: MethodscriptRigOptions = {}): MethodscriptRig {
  const rig = methodscriptRig({ ...options, scripts: [GREETING, ...(options.scripts ?? [])] });
  rig.cycler.start();
  rig.clock.advance(1000);
  if (rig.links.at(-1)?.type !== 'up') throw new Error(`not up: ${JSON.stringify(rig.links)}`);
  return rig;
}

/** A time in us, as a device tells it: the finest prefix that holds it. */
export function timeWord(timeUs: number): string {
  return `eb${word(timeUs, ['u', 'm', ' '])}`;
}

/** A reading as a plan sends it: us, nV, pA. */
export function readingLine(timeUs: number, voltageNv: number, currentPa?: number): string {
  const current = currentPa === undefined ? '' : `;ba${word(currentPa, ['p', 'n', 'u'])},10,218`;
  return `P${timeWord(timeUs)};ab${word(voltageNv, ['n', 'u', 'm'])}${current}`;
}

function word(value: number, prefixes: readonly string[]): string {
  let count = value;
  for (const prefix of prefixes) {
    if (Math.abs(count) < 2 ** 27) {
      const hex = (count + 0x8000000).toString(16).toUpperCase().padStart(7, '0');
      return `${hex}${prefix}`;
    }
    count = Math.round(count / 1000);
  }
  throw new Error(`${value} does not fit`);
}
