// The data port: headers, live rows, and at the end of a primitive all of its rows again. A reader that does
// not read stalls the live rows, never the last packet; with nobody on the line everything is lost, as there
// is no measuring without a computer (control.py, class documentation). Must never touch the text port.
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { FaultPlan } from './faults.ts';
import {
  appendixPacket,
  bulkPacket,
  type HeaderState,
  headerPacket,
  type MeasurementType,
  ROW_COLUMNS,
  type Row,
  samplePacket,
  tracksPacket,
} from './packets.ts';

/** What a reader may leave standing before live rows are withheld. */
const STALL_BYTES = 65_536;
/**
 * What the instrument keeps of one primitive. A longer one ends with an appendix, of the rows that did not go
 * out live, in place of the bulk packet: how the two share the work is not public [inferred].
 */
export const KEPT_ROWS_MAX = 262_144;

interface Measurement {
  readonly type: MeasurementType;
  readonly name: string;
}

export class DataStream {
  readonly #faults: FaultPlan;
  #port: BytePort | null = null;
  #outbox = '';
  #measurement: Measurement | null = null;
  /** The reader knows the tracks of the measurement that runs. */
  #isIntroduced = false;
  #rows: number[] = [];
  #missing: number[] = [];
  #isLong = false;
  #liveRows = 0;

  constructor(faults: FaultPlan) {
    this.#faults = faults;
  }

  /** A line that is opened in the middle of a primitive is told about it with the next packet. */
  attach(port: BytePort | null): void {
    this.#port = port;
    this.#outbox = '';
    this.#isIntroduced = false;
  }

  /** A line of text, the answer to `*IDN?`. */
  sendLine(line: string): void {
    this.#send(`${line}\n`);
  }

  begin(measurement: Measurement): void {
    this.#measurement = measurement;
    this.#rows = [];
    this.#missing = [];
    this.#isLong = false;
    this.#send(this.#header('start') + tracksPacket() + this.#header('running'));
    this.#isIntroduced = this.#port !== null;
  }

  /** One row, at device time `us`. */
  add(row: Row, us: number): void {
    const index = this.#liveRows;
    this.#liveRows += 1;
    const isLive = this.#isReading && !this.#faults.dropsLive(us, index);
    if (isLive) this.#send(this.#introduction() + samplePacket(row));
    this.#keep(row, isLive);
  }

  /** All rows are there. Nothing of them is kept afterwards. */
  end(state: Extract<HeaderState, 'done' | 'aborted' | 'cancelled'>): void {
    const last = this.#isLong ? appendixPacket(this.#missing) : bulkPacket(this.#rows);
    this.#send(this.#introduction() + this.#header(state) + last + this.#header('finishing'));
    this.#rows = [];
    this.#missing = [];
    this.#measurement = null;
  }

  /** Writes once what has come together. */
  flush(): void {
    const text = this.#outbox;
    this.#outbox = '';
    if (text !== '') this.#port?.write(text);
  }

  get #isReading(): boolean {
    const port = this.#port;
    return port !== null && port.pendingBytes + this.#outbox.length <= STALL_BYTES;
  }

  #keep(row: Row, isLive: boolean): void {
    if (!isLive) this.#missing.push(...row);
    if (this.#isLong) {
      if (this.#missing.length > KEPT_ROWS_MAX * ROW_COLUMNS) this.#missing.splice(0, ROW_COLUMNS);
      return;
    }
    this.#rows.push(...row);
    if (this.#rows.length <= KEPT_ROWS_MAX * ROW_COLUMNS) return;
    this.#isLong = true;
    this.#rows = [];
  }

  #introduction(): string {
    if (this.#isIntroduced || this.#port === null) return '';
    this.#isIntroduced = true;
    return this.#header('running') + tracksPacket();
  }

  #header(state: HeaderState): string {
    return this.#measurement === null
      ? ''
      : headerPacket(this.#measurement.type, state, this.#measurement.name);
  }

  #send(text: string): void {
    if (this.#port !== null) this.#outbox += text;
  }
}
