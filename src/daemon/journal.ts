// The journal: gathers what happened and hands it to the store, one transaction at a time, in order. A commit
// that failed is offered again until the store takes it; what waits meanwhile is bounded, and what finds no
// room is recorded as absent. Never acts on a cell; `whenStored` is how others wait before they act.
import { messageOf } from '../base/errors.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { WireRecorder } from '../device/wire-recorder.ts';
import { type Sample, SampleBuffer } from '../samples/sample-buffer.ts';
import type { LookAheadTree } from '../steps/step.ts';
import type {
  AuxRow,
  Checkpoint,
  ClockSync,
  Commit,
  HalfCycle,
  ImpedanceRow,
  RunEvent,
  RunStateRow,
  RunStore,
  SampleGap,
  StepBegan,
  StepEnded,
  StoreResult,
} from '../store/run-store.ts';
import { emptyRows, isEmpty, lastSeqOf, wordsOf } from './journal-rows.ts';
import { type StoreTrouble, TroubleWatch } from './store-trouble.ts';

export interface JournalOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  /** Everything up to this `seq` is in the file. */
  readonly onStored: (storedSeq: number) => void;
  /** The store refuses, or says nothing. Called at each retry. */
  readonly onTrouble: (trouble: StoreTrouble) => void;
  /** Where the run stands now: goes with every transaction, so that it never contradicts the rows. */
  readonly checkpoint?: () => Checkpoint;
  /** Number of the latest command in the file; default 0: the run begins. */
  readonly commandNumber?: number;
  /** What goes over the wire, line by line; null: it is not recorded. */
  readonly wire?: WireRecorder | null;
}

interface Queued {
  readonly commit: Commit;
  readonly whenStored: (() => void)[];
}

const RETRY_MS = 1000;
/** An answer takes milliseconds, seconds on a slow disk. */
const ANSWER_MS = 5000;
/** Behind this many transactions nothing is handed over by the clock: it goes with what comes next. */
const QUEUE_LAGS = 4;
/**
 * 3.5 MB: what a device may give back at once after an outage, and the ten minutes before it. The run has
 * been held long before (store-trouble.ts).
 */
export const SAMPLES_WAITING_MAX = 72_000;
export const AUX_WAITING_MAX = 36_000;
const NO_ROOM = 'nothing could be stored, and memory was full';

export class Journal {
  readonly #options: JournalOptions;
  readonly #buffer = new SampleBuffer();
  readonly #trouble: TroubleWatch;
  #queue: Queued[] = [];
  #pending = emptyRows();
  #state: RunStateRow | null = null;
  #isCommitting = false;
  #isEnded = false;
  /** A flush was put off because the store lags. */
  #isFlushOwed = false;
  /** The record contradicts the file and cannot go on: only words are stored from here on. */
  #isBroken = false;
  /** For the next try of a commit that was refused. */
  #isWaiting = false;
  #deadline: Timer | null = null;
  #samplesWaiting = 0;
  #auxLeftOut = 0;
  #commandNumber: number;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#commandNumber = options.commandNumber ?? 0;
    this.#trouble = new TroubleWatch(options.clock);
  }

  sample(sample: Sample): void {
    this.#trouble.sampled(sample.timeUs);
    if (this.#samplesWaiting >= SAMPLES_WAITING_MAX) return this.#leaveOut(sample.seq);
    this.#samplesWaiting += 1;
    this.#buffer.push(sample);
    if (this.#buffer.isFull) this.#enqueue([]);
  }

  stepBegan(row: StepBegan): void {
    this.#pending.stepsBegan.push(row);
  }

  stepEnded(row: StepEnded): void {
    this.#pending.stepsEnded.push(row);
  }

  halfCycle(row: HalfCycle): void {
    this.#pending.halfCycles.push(row);
  }

  event(row: RunEvent): void {
    this.#pending.events.push(row);
  }

  clockSync(row: ClockSync): void {
    this.#pending.clockSyncs.push(row);
  }

  impedance(row: ImpedanceRow): void {
    this.#pending.impedance.push(row);
  }

  /** Thermometers go on while a run is held for days: beyond a bound they are counted only. */
  aux(row: AuxRow): void {
    if (this.#pending.aux.length < AUX_WAITING_MAX) this.#pending.aux.push(row);
    else this.#auxLeftOut += 1;
  }

  gap(row: SampleGap): void {
    this.#beginGap();
    this.#pending.gaps.push(row);
    this.flush();
  }

  /** Writes down what is about to be sent; returns its number. Send only once it is stored. */
  intendLoad(tree: LookAheadTree): number {
    this.#commandNumber += 1;
    this.#pending.commands.push({ type: 'intent', number: this.#commandNumber, command: 'load', tree });
    return this.#commandNumber;
  }

  intend(command: 'off' | 'open' | 'release' | 'clear'): number {
    this.#commandNumber += 1;
    this.#pending.commands.push({ type: 'intent', number: this.#commandNumber, command, tree: null });
    return this.#commandNumber;
  }

  result(number: number, result: string): void {
    this.#pending.commands.push({ type: 'result', number, result });
  }

  state(row: RunStateRow): void {
    this.#state = row;
  }

  /** Hands over the last of it; `whenStored` runs after its acknowledgement. What comes later is dropped. */
  end(whenStored: () => void): void {
    if (this.#isEnded) return this.#options.clock.defer(whenStored);
    this.flush(whenStored);
    this.#isEnded = true;
    this.#options.wire?.close();
  }

  /**
   * Hands everything gathered to the store as one transaction; `whenStored` runs after its acknowledgement.
   * While the store lags and nobody waits for it, it is left to the next transaction: what waits stays small.
   */
  flush(whenStored?: () => void): void {
    if (this.#isEnded) return;
    if (whenStored !== undefined) return this.#enqueue([whenStored]);
    this.#isFlushOwed = this.#queue.length >= QUEUE_LAGS;
    if (!this.#isFlushOwed) this.#enqueue([]);
  }

  #enqueue(callbacks: (() => void)[]): void {
    const gathered: Commit = {
      samples: this.#buffer.take(),
      ...this.#pending,
      checkpoint: null,
      state: this.#state,
    };
    const commit = this.#isBroken ? wordsOf(gathered) : this.#withWire(this.#withCheckpoint(gathered));
    if (this.#isBroken) this.#samplesWaiting = 0;
    this.#pending = emptyRows();
    this.#state = null;
    this.#isFlushOwed = false;
    const last = this.#queue.at(-1);
    if (!isEmpty(commit) || commit.wire !== undefined) this.#queue.push({ commit, whenStored: callbacks });
    else if (last !== undefined) last.whenStored.push(...callbacks);
    else for (const whenStored of callbacks) this.#options.clock.defer(whenStored);
    this.#commitNext();
  }

  #withCheckpoint(commit: Commit): Commit {
    const { checkpoint } = this.#options;
    return checkpoint === undefined || isEmpty(commit) ? commit : { ...commit, checkpoint: checkpoint() };
  }

  /** It goes with what else there is to store; by itself only when it has become long. */
  #withWire(commit: Commit): Commit {
    const wire = this.#options.wire ?? null;
    const isDue = wire !== null && (wire.isLong || !isEmpty(commit));
    const lines = isDue ? wire.take() : [];
    return lines.length === 0 ? commit : { ...commit, wire: lines };
  }

  /** Samples of one commit have no hole: those before a gap are handed over first. */
  #beginGap(): void {
    if (this.#buffer.count > 0) this.#enqueue([]);
  }

  #leaveOut(seq: number): void {
    const { gaps } = this.#pending;
    const last = gaps.at(-1);
    if (this.#buffer.count === 0 && last?.reason === NO_ROOM && last.firstSeq + last.count === seq) {
      gaps[gaps.length - 1] = { ...last, count: last.count + 1 };
      return;
    }
    this.#beginGap();
    this.#pending.gaps.push({ firstSeq: seq, count: 1, reason: NO_ROOM });
  }

  #commitNext(): void {
    const next = this.#queue[0];
    if (next === undefined || this.#isCommitting || this.#isWaiting) return;
    const { clock, store } = this.#options;
    this.#isCommitting = true;
    this.#watch(clock.nowMs());
    try {
      store.commit(next.commit, (result) => this.#answered(next, result));
    } catch (thrown) {
      const detail = `internal error: ${messageOf(thrown)}`;
      clock.defer(() => this.#answered(next, { ok: false, code: 'STORE_FAILED', detail, isFinal: true }));
    }
  }

  /** A store that says nothing is in trouble too: a hung disk, a stopped writer. */
  #watch(sinceMs: number): void {
    this.#deadline = this.#options.clock.after(ANSWER_MS, () => {
      const detail = 'the store does not answer: a hung disk, or a stopped writer';
      this.#tell({ code: 'STORE_FAILED', detail, isFinal: false }, sinceMs);
      this.#watch(sinceMs);
    });
  }

  #tell(failure: Pick<StoreTrouble, 'code' | 'detail' | 'isFinal'>, sinceMs: number): void {
    this.#options.onTrouble(this.#trouble.failed(failure, { sinceMs, samplesWaiting: this.#samplesWaiting }));
  }

  #answered(queued: Queued, result: StoreResult): void {
    const { clock, onStored } = this.#options;
    this.#isCommitting = false;
    this.#deadline?.cancel();
    if (!result.ok) {
      const isFinal = result.isFinal === true;
      if (isFinal) this.#breakOff();
      else this.#retryLater();
      this.#tell({ ...result, isFinal }, clock.nowMs());
      this.#commitNext();
      return;
    }
    this.#queue.shift();
    this.#samplesWaiting -= queued.commit.samples?.count ?? 0;
    const storedSeq = lastSeqOf(queued.commit);
    if (storedSeq !== null) onStored(storedSeq);
    this.#recovered();
    for (const whenStored of queued.whenStored) whenStored();
    if (this.#isFlushOwed) this.flush();
    this.#commitNext();
  }

  #retryLater(): void {
    this.#isWaiting = true;
    this.#options.clock.after(RETRY_MS, () => {
      this.#isWaiting = false;
      this.#commitNext();
    });
  }

  /** The record says what was late: where nothing was stored for longer than a slow disk takes. */
  #recovered(): void {
    const over = this.#trouble.recovered();
    if (over === null || over.lastedMs < ANSWER_MS) return;
    const { sinceUs, ...detail } = over;
    this.event({
      timeUs: sinceUs,
      kind: 'store-trouble',
      detail: { ...detail, auxLeftOut: this.#auxLeftOut },
    });
    this.#auxLeftOut = 0;
    this.#isFlushOwed = true;
  }

  /**
   * No retry will help, and everything behind would be refused as well: what happened is still told in words,
   * and whoever waits is not left waiting.
   */
  #breakOff(): void {
    if (this.#isBroken) this.#queue.shift();
    this.#isBroken = true;
    const words = this.#queue.map(({ commit, whenStored }) => ({ commit: wordsOf(commit), whenStored }));
    this.#queue = words.filter(({ commit, whenStored }) => !isEmpty(commit) || whenStored.length > 0);
    this.#samplesWaiting = this.#buffer.count;
  }
}
