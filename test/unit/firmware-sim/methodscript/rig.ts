// A bare host for tests of the MethodSCRIPT emulator: writes bytes, keeps every line, in virtual time. Its
// decoder is its own: it agrees with the emulator only if both follow the published packages.
import { createMemoryPair } from '../../../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../../../firmware-sim/cell-log.ts';
import * as methodscript from '../../../../firmware-sim/dialects/methodscript/methodscript-instrument.ts';
import type {
  InstrumentOptions,
  SimulatedInstrument,
} from '../../../../firmware-sim/simulated-instrument.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';

export interface Variable {
  readonly type: string;
  readonly value: number;
  readonly prefix: string;
  readonly metadata: readonly string[];
}

const EXPONENTS: Readonly<Record<string, number>> = {
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  m: -3,
  ' ': 0,
  i: 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** The variables of a `P` line. */
export function variablesOf(line: string): Variable[] {
  return line
    .slice(1)
    .split(';')
    .map((text) => {
      const [number = '', ...metadata] = text.split(',');
      const raw = Number.parseInt(number.slice(2, 9), 16) - 0x8000000;
      const prefix = number.slice(9, 10);
      return { type: number.slice(0, 2), value: raw * 10 ** (EXPONENTS[prefix] ?? 0), prefix, metadata };
    });
}

export class Rig {
  readonly clock = new VirtualClock();
  readonly cellLog: CellLogEntry[] = [];
  readonly instrument: SimulatedInstrument;
  /** Raw bytes received. */
  bytes = '';
  #write: (text: string) => void = () => undefined;
  #close: () => void = () => undefined;

  constructor(options: Partial<InstrumentOptions> = {}) {
    this.instrument = methodscript.createMethodscriptInstrument({
      clock: this.clock,
      seed: 7,
      errors: 'ideal',
      log: { write: (entry) => this.cellLog.push(entry), close: () => undefined },
      ...options,
    });
    this.connect();
  }

  connect(): void {
    const { host, device } = createMemoryPair(this.clock);
    host.onBytes((text) => {
      this.bytes += text;
    });
    host.onClosed(() => undefined);
    this.instrument.attach(device);
    this.#write = (text) => void host.write(text);
    this.#close = () => host.close();
  }

  disconnect(): void {
    this.#close();
    this.clock.advance(0);
  }

  /** Writes bytes and returns what comes back at the same instant. */
  raw(bytes: string): string {
    const before = this.bytes.length;
    this.#write(bytes);
    this.clock.advance(0);
    return this.bytes.slice(before);
  }

  /** One command line; returns the answer, and lets an error's deafness pass. */
  ask(line: string): string {
    const answered = this.raw(`${line}\n`);
    if (answered.includes('!')) this.clock.advance(150);
    return answered;
  }

  /** Loads and runs a script for so long; returns the lines behind the `e`. */
  run(script: string, runMs = 0): string[] {
    const before = this.bytes.length;
    this.raw(`e\n${trimmed(script)}\n\n`);
    this.clock.advance(runMs);
    return this.bytes.slice(before).split('\n').slice(0, -1);
  }

  /** The last entry of the cell log. */
  get cell(): string {
    return this.cellLog.at(-1)?.cell ?? 'off';
  }
}

/** A script as it stands in a test, without its indentation and outer empty lines. */
export function trimmed(script: string): string {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** The packages among these lines, decoded. */
export function packagesOf(lines: readonly string[]): Variable[][] {
  return lines.filter((line) => line.startsWith('P')).map((line) => variablesOf(line));
}
