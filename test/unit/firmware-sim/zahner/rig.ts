// A bare host for tests of the simulated Zahner instrument, written from the vendor's client: it speaks by
// hand over two memory ports in virtual time, and reads packets with a decoder of its own.
import {
  type CellEvent,
  type CellModel,
  type CellTruth,
  ChargeLedger,
  type Drive,
} from '../../../../firmware-sim/cell/cell-model.ts';
import { createMemoryPair } from '../../../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../../../firmware-sim/cell-log.ts';
import { createZahnerInstrument } from '../../../../firmware-sim/dialects/zahner/zahner-instrument.ts';
import type {
  InstrumentOptions,
  SimulatedInstrument,
} from '../../../../firmware-sim/simulated-instrument.ts';
import type { BytePort } from '../../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';

export type Packet =
  | { readonly kind: 'tracks'; readonly ids: readonly number[] }
  | { readonly kind: 'sample'; readonly row: readonly number[] }
  | { readonly kind: 'bulk'; readonly rows: readonly (readonly number[])[] }
  | { readonly kind: 'appendix'; readonly sortBy: number; readonly rows: readonly (readonly number[])[] }
  | { readonly kind: 'header'; readonly type: number; readonly state: number; readonly name: string };

export const STATES = { start: 1, running: 2, done: 3, finishing: 4, aborted: 5, cancelled: 6 } as const;

const LONGEST_MS = 1e9;

export class ZahnerRig {
  readonly clock = new VirtualClock();
  readonly cellLog: CellLogEntry[] = [];
  readonly instrument: SimulatedInstrument;
  /** Every line of the text port, in order. */
  readonly lines: string[] = [];
  data = '';
  hasLostText = false;
  text: BytePort | null = null;
  binary: BytePort | null = null;
  #rest = '';

  constructor(options: Partial<InstrumentOptions> = {}) {
    this.instrument = createZahnerInstrument({
      clock: this.clock,
      seed: 7,
      errors: 'ideal',
      log: { write: (entry) => this.cellLog.push(entry), close: () => undefined },
      ...options,
    });
  }

  connect(): this {
    const pair = createMemoryPair(this.clock);
    pair.host.onBytes((text) => this.#take(text));
    pair.host.onClosed(() => {
      this.hasLostText = true;
    });
    this.instrument.attach(pair.device);
    this.text = pair.host;
    this.#rest = '';
    return this;
  }

  connectData(): this {
    const pair = createMemoryPair(this.clock);
    pair.host.onBytes((text) => {
      this.data += text;
    });
    pair.host.onClosed(() => undefined);
    this.instrument.dataLine?.attach(pair.device);
    this.binary = pair.host;
    return this;
  }

  /** Sends a line and lets it arrive. */
  send(line: string): void {
    this.text?.write(`${line}\n`);
    this.clock.advance(0);
  }

  /** Sends each line and waits for its answer; the last answer. */
  ask(...commands: readonly string[]): string {
    for (const command of commands) {
      const before = this.lines.length;
      this.send(command);
      const endMs = this.clock.nowMs() + LONGEST_MS;
      this.clock.runUntil(() => this.lines.length > before || this.clock.nowMs() > endMs);
    }
    return this.lines.at(-1) ?? '';
  }

  /** Settings that must all be taken. */
  set(...commands: readonly string[]): this {
    for (const command of commands) {
      const answer = this.ask(command);
      if (answer !== 'ok') throw new Error(`${command}: ${answer}`);
    }
    return this;
  }

  advanceS(durationS: number): void {
    this.clock.advance(durationS * 1000);
  }

  /** What came on the data port since this was asked last. */
  packets(): Packet[] {
    const packets = decodePackets(this.data);
    this.data = '';
    return packets;
  }

  /** The rows of the last bulk packet that came since. */
  bulk(): readonly (readonly number[])[] {
    const found = this.packets().findLast((packet) => packet.kind === 'bulk');
    return found?.kind === 'bulk' ? found.rows : [];
  }

  get truth(): ReturnType<SimulatedInstrument['truth']> {
    return this.instrument.truth(1);
  }

  #take(text: string): void {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = pieces.pop() ?? '';
    this.lines.push(...pieces);
  }
}

/** A rig with both ports connected. */
export function rig(options: Partial<InstrumentOptions> = {}): ZahnerRig {
  return new ZahnerRig(options).connect().connectData();
}

/** Throws where the stream is not what the vendor's client could read. */
export function decodePackets(data: string): Packet[] {
  const bytes = Buffer.from(data, 'latin1');
  const packets: Packet[] = [];
  let tracks = 0;
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readBigUInt64LE(at).toString(16);
    const length = Number(bytes.readBigUInt64LE(at + 8));
    const body = bytes.subarray(at + 16, at + 16 + length);
    if (body.length !== length) throw new Error(`packet ${type} is cut off`);
    const packet = decodeBody(type, body, tracks);
    if (packet.kind === 'tracks') tracks = packet.ids.length;
    packets.push(packet);
    at += 16 + length;
  }
  return packets;
}

function decodeBody(type: string, body: Buffer, tracks: number): Packet {
  switch (type) {
    case 'adddf00d11111111':
      return { kind: 'tracks', ids: trackIds(body) };
    case 'feedda7a22222222': {
      const [row = []] = rowsOf(body, tracks);
      if (body.length !== tracks * 8) throw new Error('a sample must be one row');
      return { kind: 'sample', row };
    }
    case 'feedda7a44444444':
      return { kind: 'bulk', rows: rowsOf(body.subarray(8), tracks) };
    case 'feedda7a77777777':
      return {
        kind: 'appendix',
        sortBy: Number(body.readBigUInt64LE(0)),
        rows: rowsOf(body.subarray(8), tracks),
      };
    case 'b007f00d11111111': {
      const [, name = ''] = body.subarray(16).toString('latin1').split('\0');
      const [kind, state] = [Number(body.readBigUInt64LE(0)), Number(body.readBigUInt64LE(8))];
      return { kind: 'header', type: kind, state, name };
    }
    default:
      throw new Error(`unknown packet ${type}`);
  }
}

function trackIds(body: Buffer): number[] {
  const ids: number[] = [];
  let at = 8;
  for (let left = Number(body.readBigUInt64LE(0)); left > 0; left -= 1) {
    ids.push(Number(body.readBigUInt64LE(at)));
    at += 8;
    for (let text = 0; text < 3; text += 1) at = body.indexOf(0, at) + 1;
  }
  return ids;
}

function rowsOf(body: Buffer, tracks: number): number[][] {
  if (tracks === 0 || body.length % (tracks * 8) !== 0) throw new Error('rows do not fit the tracks');
  return Array.from({ length: body.length / (tracks * 8) }, (_row, row) =>
    Array.from({ length: tracks }, (_track, track) => body.readDoubleLE((row * tracks + track) * 8)),
  );
}

/** A capacitor with a resistor before it: its voltage follows the charge, so limits have exact instants. */
export class CapacitorCell implements CellModel {
  readonly #ledger = new ChargeLedger();
  readonly #capacityF: number;
  readonly #resistanceOhm: number;
  readonly #startV: number;
  #segmentC = 0;
  #heldV: number | null = null;

  constructor(options: {
    readonly capacityF: number;
    readonly resistanceOhm?: number;
    readonly startV?: number;
  }) {
    this.#capacityF = options.capacityF;
    this.#resistanceOhm = options.resistanceOhm ?? 0.001;
    this.#startV = options.startV ?? 0;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    this.#segmentC = this.#chargeC(elapsedS);
    this.#heldV = drive.kind === 'voltage' ? drive.voltageV : null;
    const currentA = drive.kind === 'current' ? drive.currentA : this.currentAtVoltageA(drive.voltageV);
    this.#ledger.switchTo(elapsedS, currentA);
  }

  voltageV(elapsedS: number): number {
    return this.#heldV ?? this.#openV(elapsedS) + this.#ledger.currentA * this.#resistanceOhm;
  }

  /** Under a held voltage the current of the start flows on: good enough for what is tested here. */
  currentA(): number {
    return this.#ledger.currentA;
  }

  voltageRangeV(fromS: number, untilS: number): { readonly lowV: number; readonly highV: number } {
    const [oneV, otherV] = [this.voltageV(fromS), this.voltageV(untilS)];
    return { lowV: Math.min(oneV, otherV), highV: Math.max(oneV, otherV) };
  }

  currentRangeA(): { readonly lowA: number; readonly highA: number } {
    const currentA = this.currentA();
    return { lowA: currentA, highA: currentA };
  }

  steadyVoltageV(currentA: number): number {
    return this.#startV + this.#segmentC / this.#capacityF + currentA * this.#resistanceOhm;
  }

  currentAtVoltageA(voltageV: number): number {
    return (voltageV - this.#startV - this.#segmentC / this.#capacityF) / this.#resistanceOhm;
  }

  truth(elapsedS: number): CellTruth {
    return { ...this.#ledger.charge(elapsedS), hidden: {} };
  }

  events(): readonly CellEvent[] {
    return [];
  }

  #chargeC(elapsedS: number): number {
    const { plateChargeC, stripChargeC } = this.#ledger.charge(elapsedS);
    return stripChargeC - plateChargeC;
  }

  #openV(elapsedS: number): number {
    return this.#startV + this.#chargeC(elapsedS) / this.#capacityF;
  }
}
