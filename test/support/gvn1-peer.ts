// A cycler that speaks gvn1 by the script: driver tests are transcripts of lines out and in, in virtual time.
// Lines are written without their CRC, as on the page (GVN1.md §11); it is checked and added here.
import { crc32 } from 'node:zlib';
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { createMemoryPortPair } from './memory-port.ts';
import type { Cycler, DeviceReport, DeviceResult, LinkReport } from '../../src/device/cycler.ts';
import { createGvn1Cycler, type Gvn1Options } from '../../src/device/drivers/gvn1.ts';

export const HELLO_FIELDS =
  'proto=gvn1 v=1 dev=sim-7 model=gvn-sim fw=0.1.0 boot=2821094410 cause=power ch=2 scale=1 t_us=1200 ' +
  'tick_us=1000 ring=65536 log=4096 slots=16 ranges=1000000000,10000000000,100000000000 ' +
  'vspan_nv=5000000000 iacc_ppm=200 iofs_ppm=100 vacc_ppm=200 vofs_nv=1000000 lease_us=30000000';

export const GREETING = ['> @0 hello v=1 token=bench1', `< @0 ack ${HELLO_FIELDS}`];

export function withCrc(body: string): string {
  return `${body}*${crc32(body).toString(16).padStart(8, '0')}\n`;
}

/** The device's end of one connection. */
export class ScriptedPeer {
  /** Raw lines as they came, CRC and all. */
  readonly rawLines: string[] = [];
  /** The same without CRC; a wrong one is said. */
  readonly heard: string[] = [];
  /** What stood in the stream besides lines. */
  stopBytes = 0;
  isClosed = false;
  readonly #port: BytePort;
  #script: string[] = [];
  readonly unexpected: string[] = [];
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

  /** What the script still waits for. */
  get left(): readonly string[] {
    return this.#script;
  }

  say(body: string): void {
    this.sayRaw(withCrc(body));
  }

  sayRaw(text: string): void {
    this.#port.write(text);
  }

  hangUp(): void {
    this.#port.close();
  }

  #take(text: string): void {
    this.stopBytes += text.split('\u0018').length - 1;
    this.#begun += text.replaceAll('\u0018', '');
    const lines = this.#begun.split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const body = line.slice(0, -9);
    this.rawLines.push(`${line}\n`);
    this.heard.push(withCrc(body) === `${line}\n` ? body : `wrong CRC: ${line}`);
    if (this.#script[0] !== `> ${body}`) {
      this.unexpected.push(body);
      return;
    }
    this.#script.shift();
    this.#play();
  }

  #play(): void {
    while (this.#script[0]?.startsWith('< ') === true) this.say((this.#script.shift() ?? '').slice(2));
  }
}

export interface Gvn1Rig {
  readonly clock: VirtualClock;
  readonly cycler: Cycler;
  /** One for each connection, in order. */
  readonly peers: ScriptedPeer[];
  readonly links: LinkReport[];
  readonly reports: DeviceReport[];
  /** What the next connections find, in order; after the last: nothing said, nothing answered. */
  readonly peer: (connection: number) => ScriptedPeer;
  /** Collects what `done` gets; each entry is one call. */
  readonly results: DeviceResult<unknown>[];
  readonly done: (result: DeviceResult<unknown>) => void;
}

export interface RigOptions extends Partial<Gvn1Options> {
  /** Scripts by connection. */
  readonly scripts?: readonly (readonly string[])[];
}

/** A driver in virtual time, its port a memory pair with a scripted peer behind. */
export function gvn1Rig({ scripts = [], ...options }: RigOptions = {}): Gvn1Rig {
  const clock = new VirtualClock();
  const peers: ScriptedPeer[] = [];
  const openPort: OpenPort = (done) => {
    const [host, device] = createMemoryPortPair(clock);
    const peer = new ScriptedPeer(device);
    peers.push(peer);
    peer.follow(scripts[peers.length - 1] ?? []);
    done({ ok: true, port: host });
  };
  const cycler = createGvn1Cycler({ name: 'bench', clock, openPort, token: 'bench1', ...options });
  const links: LinkReport[] = [];
  const reports: DeviceReport[] = [];
  const results: DeviceResult<unknown>[] = [];
  cycler.onLink((report) => links.push(report));
  cycler.channel(1).onReport((report) => reports.push(report));
  const peer = (connection: number): ScriptedPeer => {
    const found = peers[connection];
    if (found === undefined) throw new Error(`there were ${peers.length} connections, not ${connection + 1}`);
    return found;
  };
  return { clock, cycler, peers, links, reports, peer, results, done: (result) => results.push(result) };
}

/** A rig whose first connection is up, its greeting behind it. */
export function gvn1RigUp(script: readonly string[] = [], options: RigOptions = {}): Gvn1Rig {
  const rig = gvn1Rig({
    keepAliveMs: null,
    ...options,
    scripts: [[...GREETING, ...script], ...(options.scripts ?? [])],
  });
  rig.cycler.start();
  rig.clock.advance(0);
  return rig;
}
