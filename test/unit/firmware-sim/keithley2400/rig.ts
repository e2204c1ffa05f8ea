// A bare host for tests of the simulated SourceMeter: types SCPI by hand over a memory port in virtual time.
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import { createMemoryPair } from '../../../../firmware-sim/attach/memory.ts';
import { ResistiveCell } from '../../../../firmware-sim/cell/resistive-cell.ts';
import type { CellLogEntry } from '../../../../firmware-sim/cell-log.ts';
import {
  createKeithley2400Instrument,
  type Keithley2400Options,
} from '../../../../firmware-sim/dialects/keithley2400/keithley2400-instrument.ts';
import type { SimulatedInstrument } from '../../../../firmware-sim/simulated-instrument.ts';

/** 100 ohm: 1 mA makes 0.1 V. */
export const LOAD_OHM = 100;

export function load(resistanceOhm = LOAD_OHM, openCircuitV = 0): ResistiveCell {
  return new ResistiveCell({ openCircuitV, resistanceOhm });
}

/** A usual galvanostat: 4-wire, 10 mA range, 1 V limit, 2 V range. */
export const GALVANOSTAT = [
  ':SYST:RSEN 1',
  ':SOUR:FUNC CURR',
  ':SOUR:CURR:RANG 0.01',
  ":SENS:FUNC 'VOLT'",
  ':SENS:VOLT:PROT 1',
  ':SENS:VOLT:RANG 2',
  ':OUTP:SMOD HIMP',
].join(';');

export class Rig {
  readonly clock = new VirtualClock();
  readonly cellLog: CellLogEntry[] = [];
  readonly instrument: SimulatedInstrument;
  /** Everything that came, as it came. */
  bytes = '';
  #write: (text: string) => void = () => undefined;

  constructor(options: Partial<Keithley2400Options> = {}) {
    this.instrument = createKeithley2400Instrument({
      clock: this.clock,
      seed: 7,
      errors: 'ideal',
      cell: load(),
      log: { write: (entry) => this.cellLog.push(entry), close: () => undefined },
      ...options,
    });
    this.connect();
  }

  connect(): { close: () => void } {
    const { host, device } = createMemoryPair(this.clock);
    host.onBytes((text) => {
      this.bytes += text;
    });
    host.onClosed(() => undefined);
    this.instrument.attach(device);
    this.#write = (text) => void host.write(text);
    return { close: () => host.close() };
  }

  /** Raw bytes to the instrument, delivered at once. */
  raw(bytes: string): void {
    this.#write(bytes);
    this.clock.advance(0);
  }

  send(...messages: readonly string[]): void {
    for (const message of messages) this.raw(`${message}\n`);
  }

  /** Sends a query and waits for its line; `(none)` where nothing comes within `patienceMs`. */
  ask(message: string, patienceMs = 10_000): string {
    const before = this.bytes.length;
    this.send(message);
    const endMs = this.clock.nowMs() + patienceMs;
    while (!this.bytes.slice(before).includes('\n') && this.clock.nowMs() < endMs) this.clock.advance(1);
    const text = this.bytes.slice(before);
    return text.includes('\n') ? text.trimEnd() : '(none)';
  }

  numbers(message: string, patienceMs?: number): number[] {
    return this.ask(message, patienceMs).split(',').map(Number);
  }

  /** How many milliseconds a query takes. */
  msOf(message: string): number {
    const startMs = this.clock.nowMs();
    this.ask(message);
    return this.clock.nowMs() - startMs;
  }

  /** The number of the next error, 0 where there is none. */
  error(): number {
    return Number(this.ask(':SYST:ERR?').split(',')[0]);
  }

  /** The error that a message raises; the queue is empty before and after. */
  errorOf(message: string): number {
    this.send('*CLS', message);
    const code = this.error();
    this.send('*CLS');
    return code;
  }

  get lastSwitch(): CellLogEntry | undefined {
    return this.cellLog.at(-1);
  }
}
