// What one wire language declares of itself to the rest of galvanode. A driver exports one of these, and
// dialects.ts lists it: that line, and files of its own, are all that a new instrument touches.
import type { OpenPort } from '../base/byte-port.ts';
import type { Clock } from '../base/clock.ts';
import type { Cycler } from './cycler.ts';
import type { ScriptProgram } from './script-program.ts';
import type { WireLanguage } from './wire-language.ts';

/** What every driver is made from; a dialect's own options are optional and have defaults. */
export interface CyclerOptions {
  readonly name: string;
  readonly openPort: OpenPort;
  /** The second port of dialects that have one. */
  readonly openDataPort?: OpenPort;
  readonly clock: Clock;
  /** Names this daemon to instruments that know sessions: 1 to 32 letters, digits and `._:,-`. */
  readonly token: string;
  /** Idle time after which the link is probed; null: never, for virtual time. */
  readonly keepAliveMs?: number | null;
  /** Measure the voltage at leads of its own, where the instrument has them (4-wire). */
  readonly isRemoteSensing?: boolean;
}

/** Who answered a probe; null: its answer does not tell. */
export interface ProbedInstrument {
  readonly model: string;
  readonly serial: string | null;
  readonly firmware: string | null;
}

/**
 * How to find out whether an instrument of this dialect listens. Must be harmless to whatever else does: it
 * may not move current on an instrument of any dialect, nor take a session away.
 */
export interface Probe {
  readonly ask: string;
  /** Silence after which nobody of this dialect is there, ms. */
  readonly waitMs: number;
  /** Of all that was heard since `ask`; null: not this dialect, or not complete yet. */
  readonly parse: (heard: string) => ProbedInstrument | null;
}

export interface UsbId {
  /** Four hex digits, lower case, as Linux and `lsusb` print them. */
  readonly vendorId: string;
  readonly productId: string | null;
  readonly product: string;
}

export interface Dialect {
  readonly name: string;
  /** The instruments, in one line. */
  readonly instruments: string;
  readonly create: (options: CyclerOptions) => Cycler;
  readonly hasDataPort: boolean;
  /** On a serial line, where the address names none. */
  readonly baudRate: number;
  readonly flowControl: 'none' | 'xon-xoff' | 'rts-cts';
  /** By which an instrument may be recognised before it is asked. */
  readonly usbIds: readonly UsbId[];
  /** null: nothing harmless is known. */
  readonly probe: Probe | null;
  /** For recording what goes over the wire, and for replaying it. */
  readonly wire: WireLanguage;
  /** A whole program as a script of the dialect, for people to load; left out: it has no scripts. */
  readonly writeScript?: (program: ScriptProgram) => string;
}
