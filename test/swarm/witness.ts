// Writes down what crosses the boundaries of a world, in one order, and digests it: two runs of one seed must
// give the same digest. Must never keep what depends on the machine: paths are cut out.
import { createHash } from 'node:crypto';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import type { TruthOfSwitch } from '../../firmware-sim/truth-log.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Commit } from '../../src/store/run-store.ts';
import type { Evidence, LineBytes, Moment } from '../checkers/evidence.ts';

type Kind = 'sent' | 'heard' | 'said' | 'cells' | 'hidden' | 'acknowledged' | 'states' | 'notes';
type Kept = { -readonly [Name in Kind]: Evidence[Name][number][] };
type Unplaced<Entry extends Moment> = Omit<Entry, keyof Moment>;

export class Witness {
  readonly #clock: Clock;
  readonly #dataPath: string;
  readonly #hash = createHash('sha256');
  #order = 0;
  readonly evidence: Kept = {
    ...{ sent: [], heard: [], said: [], cells: [] },
    ...{ hidden: [], acknowledged: [], states: [], notes: [] },
  };

  constructor(clock: Clock, dataPath: string) {
    this.#clock = clock;
    this.#dataPath = dataPath;
  }

  sent(entry: Unplaced<LineBytes>): void {
    this.evidence.sent.push({ ...entry, ...this.#next('sent', entry) });
  }

  heard(entry: Unplaced<LineBytes>): void {
    this.evidence.heard.push({ ...entry, ...this.#next('heard', entry) });
  }

  said(entry: Unplaced<LineBytes>): void {
    this.evidence.said.push({ ...entry, ...this.#next('said', entry) });
  }

  cell(instrument: string, entry: CellLogEntry): void {
    this.evidence.cells.push({ instrument, entry, ...this.#next('cell', { instrument, entry }) });
  }

  hidden(instrument: string, entry: TruthOfSwitch): void {
    this.evidence.hidden.push({ instrument, entry, ...this.#next('hidden', { instrument, entry }) });
  }

  acknowledged(entry: { readonly life: number; readonly run: string; readonly commit: Commit }): void {
    this.evidence.acknowledged.push({ ...entry, ...this.#next('acknowledged', entry) });
  }

  state(entry: Unplaced<Evidence['states'][number]>): void {
    this.evidence.states.push({ ...entry, ...this.#next('state', entry) });
  }

  note(life: number, what: string): void {
    this.evidence.notes.push({ life, what, ...this.#next('note', { life, what }) });
  }

  /** Of everything so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  #next(kind: string, entry: object): Moment {
    this.#order += 1;
    const moment = { order: this.#order, atMs: this.#clock.nowMs() };
    const text = JSON.stringify([kind, moment.atMs, entry]).replaceAll(this.#dataPath, '');
    this.#hash.update(text).update('\n');
    return moment;
  }
}
