// The journal: gathers what happened and hands it to the store, one transaction at a time, in order.
// Nothing it was given is dropped: a commit that failed is offered again until the store takes it.
// Never acts on a cell; `whenStored` is how others wait before they act.
import type { Clock, Timer } from '../base/clock.ts';
import { type Sample, SampleBuffer } from '../samples/sample-buffer.ts';
import type { LookAheadTree } from '../steps/step.ts';
import type {
  AuxRow,
  Checkpoint,
  ClockSync,
  CommandRow,
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

export interface JournalOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  /** Everything up to this `seq` is in the file. */
  readonly onStored: (storedSeq: number) => void;
  /** The store refuses: for how long already, and why. Called at each retry. */
  readonly onTrouble: (trouble: StoreTrouble) => void;
}

export interface StoreTrouble {
  readonly code: string;
  readonly detail: string;
  readonly sinceMs: number;
  /** The first word of this trouble. */
  readonly isNew: boolean;
}

interface Queued {
  readonly commit: Commit;
  readonly whenStored: (() => void)[];
}

const RETRY_MS = 1000;
/** An answer takes milliseconds, seconds on a slow disk. */
const ANSWER_MS = 5000;

export class Journal {
  readonly #options: JournalOptions;
  readonly #buffer = new SampleBuffer();
  readonly #queue: Queued[] = [];
  #pending = emptyLists();
  #checkpoint: Checkpoint | null = null;
  #state: RunStateRow | null = null;
  #isCommitting = false;
  #isEnded = false;
  /** For the next try of a commit that was refused. */
  #isWaiting = false;
  #deadline: Timer | null = null;
  #troubleSinceMs: number | null = null;
  #commandNumber = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  sample(sample: Sample): void {
    this.#buffer.push(sample);
    if (this.#buffer.isFull) this.flush();
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

  aux(row: AuxRow): void {
    this.#pending.aux.push(row);
  }

  /** Everything before the gap is committed first: a commit's samples have no hole. */
  gap(row: SampleGap): void {
    this.flush();
    this.#pending.gaps.push(row);
    this.flush();
  }

  /** Writes down what is about to be sent; returns its number. Send only once it is stored. */
  intendLoad(tree: LookAheadTree): number {
    this.#commandNumber += 1;
    this.#pending.commands.push({ type: 'intent', number: this.#commandNumber, command: 'load', tree });
    return this.#commandNumber;
  }

  intend(command: 'off' | 'open' | 'release'): number {
    this.#commandNumber += 1;
    this.#pending.commands.push({ type: 'intent', number: this.#commandNumber, command, tree: null });
    return this.#commandNumber;
  }

  result(number: number, result: string): void {
    this.#pending.commands.push({ type: 'result', number, result });
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
  }

  state(row: RunStateRow): void {
    this.#state = row;
  }

  /** Hands over the last of it; `whenStored` runs after its acknowledgement. What comes later is dropped. */
  end(whenStored: () => void): void {
    if (this.#isEnded) return this.#options.clock.defer(whenStored);
    this.flush(whenStored);
    this.#isEnded = true;
  }

  /**
   * Hands everything gathered to the store as one transaction; `whenStored` runs after its acknowledgement.
   */
  flush(whenStored?: () => void): void {
    if (this.#isEnded) return;
    const commit: Commit = {
      samples: this.#buffer.take(),
      ...this.#pending,
      checkpoint: this.#checkpoint,
      state: this.#state,
    };
    this.#pending = emptyLists();
    this.#checkpoint = null;
    this.#state = null;
    const callbacks = whenStored === undefined ? [] : [whenStored];
    const last = this.#queue.at(-1);
    if (!isEmpty(commit)) this.#queue.push({ commit, whenStored: callbacks });
    else if (last !== undefined) last.whenStored.push(...callbacks);
    else if (whenStored !== undefined) this.#options.clock.defer(whenStored);
    this.#commitNext();
  }

  #commitNext(): void {
    const next = this.#queue[0];
    if (next === undefined || this.#isCommitting || this.#isWaiting) return;
    this.#isCommitting = true;
    this.#watch(this.#options.clock.nowMs());
    try {
      this.#options.store.commit(next.commit, (result) => this.#answered(next, result));
    } catch (thrown) {
      // A contradiction in our own rows: it would be refused for ever, and everything behind it with it.
      this.#isCommitting = false;
      this.#deadline?.cancel();
      this.#queue.shift();
      throw thrown;
    }
  }

  /** A store that says nothing is in trouble too: a hung disk, a stopped writer. */
  #watch(sinceMs: number): void {
    this.#deadline = this.#options.clock.after(ANSWER_MS, () => {
      this.#trouble('STORE_FAILED', {
        sinceMs,
        detail: 'the store does not answer: a hung disk, or a stopped writer',
      });
      this.#watch(sinceMs);
    });
  }

  #trouble(code: string, { sinceMs, detail }: { readonly sinceMs: number; readonly detail: string }): void {
    const { clock, onTrouble } = this.#options;
    const isNew = this.#troubleSinceMs === null;
    this.#troubleSinceMs ??= sinceMs;
    onTrouble({ code, detail, sinceMs: clock.nowMs() - this.#troubleSinceMs, isNew });
  }

  #answered(queued: Queued, result: StoreResult): void {
    this.#isCommitting = false;
    this.#deadline?.cancel();
    if (!result.ok) {
      const { clock } = this.#options;
      this.#trouble(result.code, { sinceMs: clock.nowMs(), detail: result.detail });
      this.#isWaiting = true;
      clock.after(RETRY_MS, () => {
        this.#isWaiting = false;
        this.#commitNext();
      });
      return;
    }
    this.#troubleSinceMs = null;
    this.#queue.shift();
    const storedSeq = lastSeqOf(queued.commit);
    if (storedSeq !== null) this.#options.onStored(storedSeq);
    for (const whenStored of queued.whenStored) whenStored();
    this.#commitNext();
  }
}

/** The last number that a commit settles, by a sample or by a gap; null where it has neither. */
function lastSeqOf({ samples, gaps }: Commit): number | null {
  const ranges = samples === null ? gaps : [...gaps, samples];
  if (ranges.length === 0) return null;
  return Math.max(...ranges.map(({ firstSeq, count }) => firstSeq + count - 1));
}

interface Lists {
  readonly stepsBegan: StepBegan[];
  readonly stepsEnded: StepEnded[];
  readonly halfCycles: HalfCycle[];
  readonly events: RunEvent[];
  readonly commands: CommandRow[];
  readonly clockSyncs: ClockSync[];
  readonly aux: AuxRow[];
  readonly impedance: ImpedanceRow[];
  readonly gaps: SampleGap[];
}

function emptyLists(): Lists {
  return {
    stepsBegan: [],
    stepsEnded: [],
    halfCycles: [],
    events: [],
    commands: [],
    clockSyncs: [],
    aux: [],
    impedance: [],
    gaps: [],
  };
}

function isEmpty(commit: Commit): boolean {
  const { samples, checkpoint, state, ...lists } = commit;
  return (
    samples === null &&
    checkpoint === null &&
    state === null &&
    Object.values(lists).every((list) => list.length === 0)
  );
}
