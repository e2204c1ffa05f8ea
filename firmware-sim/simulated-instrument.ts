// What every simulated instrument is to whoever attaches it, whatever language it speaks: lines by name,
// power that can be cut, and the truth about its cells. Must never say anything of the language itself.
import type { BytePort } from '../src/base/byte-port.ts';
import type { Clock } from '../src/base/clock.ts';
import type { InstrumentName } from './board/instrument.ts';
import type { CellModel } from './cell/cell-model.ts';
import type { CellDescription } from './cell/library/cell-description.ts';
import type { CellLog } from './cell-log.ts';
import type { Fault } from './faults/fault.ts';
import type { TruthLog } from './truth-log.ts';

/** A name of the cell library, or a cell described in full. */
export type CellChoice = string | CellDescription;

/** What one cell really went through, which no instrument can tell. */
export interface ChannelTruth {
  readonly plateChargeNc: number;
  readonly stripChargeNc: number;
  /** Strip minus plate. */
  readonly netChargeNc: number;
}

/** Where a line ends. */
export interface LineEnd {
  /** Connects a line; the one before it is closed. When the port closes, the instrument goes on. */
  attach(port: BytePort): void;
}

export interface SimulatedInstrument extends LineEnd {
  /** A second line of instruments that have one (Zahner's binary port); null where there is none. */
  readonly dataLine: LineEnd | null;
  /** True while a line is connected to the first port. */
  readonly isAttached: boolean;
  /** Cuts the power and gives it back: cells open, all volatile state lost; the lines stay. */
  restart(): void;
  truth(channel: number): ChannelTruth;
  /** Power off for good: cells open, ports closed, nothing left armed. */
  close(): void;
}

/** What the emulator of any single-channel laboratory instrument is made from. */
export interface InstrumentOptions {
  readonly clock: Clock;
  readonly seed: number;
  /** Seconds of cell time in a real second, an integer; default 1. */
  readonly scale?: number;
  /** Default: a healthy Zn||Zn cell. */
  readonly cell?: CellChoice | CellModel;
  /** Default: the errors of the instrument's own data sheet. `ideal`: none, on the same ranges. */
  readonly errors?: 'own' | 'ideal' | InstrumentName;
  /** A model of the family, e.g. `es4_lr`; each dialect has a default. */
  readonly profile?: string;
  readonly log?: CellLog;
  readonly truth?: TruthLog | null;
  /** What goes wrong, and when; a dialect refuses none that its list names. */
  readonly faults?: readonly Fault[];
}
