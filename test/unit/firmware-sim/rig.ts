// A bare host for tests of the simulator: speaks gvn1 by hand over a memory port in virtual time.
// Its CRC is node:zlib's, so it agrees with the emulator only if both follow the page.
import { crc32 } from 'node:zlib';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import {
  createSimulatedCycler,
  type SimulatedCycler,
  type SimulatedCyclerOptions,
} from '../../../firmware-sim/sim.ts';

export interface Sample {
  readonly n: number;
  readonly step: number;
  readonly tUs: number;
  readonly vNv: number;
  readonly iPa: number;
  readonly qNc: number;
  readonly flags: number;
}

export interface NodeFields {
  readonly id: number;
  readonly n: number;
  readonly mode?: 'cc' | 'rest' | 'cv';
  readonly i_pa?: number;
  readonly t_us?: number;
  readonly rest?: string;
  readonly rec?: string;
  readonly on?: string;
}

const hex = (text: string): string => (crc32(text) >>> 0).toString(16).padStart(8, '0');

/** A frame as it goes on the wire. */
export function wire(seq: number, text: string): string {
  const body = `@${seq} ${text}`;
  return `${body}*${hex(body)}\n`;
}

/** The text of a node, from `id=` on. */
export function nodeText(node: NodeFields): string {
  const current = node.i_pa === undefined ? '' : ` i_pa=${node.i_pa}`;
  const mode = node.mode ?? (node.i_pa === undefined ? 'rest' : 'cc');
  const extra = node.rest === undefined ? '' : ` ${node.rest}`;
  const tail = `rec=${node.rec ?? '10000000,0,0'} on=${node.on ?? '-'}`;
  const durationUs = node.t_us ?? 3_960_000_000;
  return `id=${node.id} n=${node.n} mode=${mode}${current} t_us=${durationUs}${extra} ${tail}`;
}

export function jobId(nodes: readonly NodeFields[]): string {
  return hex(nodes.map((node) => `${nodeText(node)}\n`).join(''));
}

export class Rig {
  readonly clock = new VirtualClock();
  readonly cellLog: CellLogEntry[] = [];
  readonly simulator: SimulatedCycler;
  /** Every line received, without CRC, in order. */
  readonly lines: string[] = [];
  /** The raw bytes received. */
  bytes = '';
  #write: (text: string) => void = () => undefined;
  #seq = 0;

  constructor(options: Partial<SimulatedCyclerOptions> = {}) {
    this.simulator = createSimulatedCycler({
      clock: this.clock,
      seed: 7,
      channels: 1,
      instrument: 'ideal',
      leaseLongestUs: 4e15,
      log: { write: (entry) => this.cellLog.push(entry), close: () => undefined },
      ...options,
    });
    this.connect();
  }

  /** Opens a new line to the simulator. */
  connect(): { close: () => void } {
    const { host, device } = createMemoryPair(this.clock);
    host.onBytes((text) => this.#receive(text));
    host.onClosed(() => undefined);
    this.simulator.attach(device);
    this.#write = (text) => void host.write(text);
    return { close: () => host.close() };
  }

  /** Raw bytes to the device, delivered at once. */
  raw(bytes: string): void {
    this.#write(bytes);
    this.clock.advance(0);
  }

  /** Sends a command and returns its answer without `@seq`: `ack …` or `nak …`. */
  ask(text: string): string {
    this.#seq = (this.#seq + 1) % 65_536;
    return this.askAs(this.#seq, text);
  }

  askAs(seq: number, text: string): string {
    const before = this.lines.length;
    this.raw(wire(seq, text));
    const prefix = new RegExp(`^@${seq} (ack|nak)`);
    const answer = this.lines.slice(before).find((line) => prefix.test(line));
    return answer === undefined ? '(none)' : answer.slice(answer.indexOf(' ') + 1);
  }

  /** hello, open, lease: a channel that accepts a job. */
  start(
    options: { ch?: number; leaseUs?: number; policy?: string; range?: number; limits?: string } = {},
  ): void {
    const ch = options.ch ?? 1;
    this.ask('hello v=1 token=rig');
    const limits =
      options.limits ?? 'vhi_nv=2000000000 vlo_nv=-2000000000 ihi_pa=9000000000 qhi_nc=40000000000';
    this.ask(`open ch=${ch} run=R${ch} range=${options.range ?? 1} ${limits} token=rig`);
    this.lease(options.leaseUs ?? 4e15, options.policy ?? 'off', ch);
  }

  lease(leaseUs: number, policy = 'off', ch = 1): string {
    return this.ask(`lease ch=${ch} token=rig t_us=${leaseUs} policy=${policy}`);
  }

  /** Stages and commits a job; returns the answer to `commit`. */
  load(nodes: readonly NodeFields[], ch = 1): string {
    const id = jobId(nodes);
    const answers = [this.ask(`job ch=${ch} job=${id} nodes=${nodes.length}`)];
    for (const node of nodes) answers.push(this.ask(`node ch=${ch} job=${id} ${nodeText(node)}`));
    answers.push(this.ask(`commit ch=${ch} job=${id} token=rig`));
    return answers.find((answer) => answer !== 'ack') ?? 'ack';
  }

  runMs(ms: number): void {
    this.clock.advance(ms);
  }

  /** One key of `stat`. */
  stat(key: string, ch = 1): string {
    return field(this.ask(`stat ch=${ch}`), key);
  }

  /** Payloads of the frames of this type, channel number first. */
  frames(type: string): string[] {
    const pattern = new RegExp(`^@\\d+ ${type} `);
    return this.lines.filter((line) => pattern.test(line)).map((line) => line.replace(pattern, ''));
  }

  /** All samples of a channel out of frames of this type. */
  samples(type: 's' | 'r' = 's', ch = 1): Sample[] {
    return this.frames(type).flatMap((payload) => samplesOf(payload, ch));
  }

  #receive(text: string): void {
    this.bytes += text;
    for (const line of text.split('\n').slice(0, -1)) {
      const star = line.lastIndexOf('*');
      if (hex(line.slice(0, star)) !== line.slice(star + 1))
        throw new Error(`bad CRC from the device: ${line}`);
      this.lines.push(line.slice(0, star));
    }
  }
}

/** The value of `key` in a payload. */
export function field(payload: string, key: string): string {
  return new RegExp(`(?:^| )${key}=(\\S+)`).exec(payload)?.[1] ?? '(none)';
}

function samplesOf(payload: string, ch: number): Sample[] {
  const [channel, first, step, list = ''] = payload.split(' ');
  if (Number(channel) !== ch) return [];
  return list.split(';').map((text, index) => {
    const [tUs = 0, vNv = 0, iPa = 0, qNc = 0, flags = 0] = text.split(',').map(Number);
    return { n: Number(first) + index, step: Number(step), tUs, vNv, iPa, qNc, flags };
  });
}
