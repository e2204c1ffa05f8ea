// Replays the recorded wire of one run through today's code, in virtual time: driver, channel, journal and
// store are the real ones, the instrument is the record. Writes into a file that is thrown away and compares
// it with the recorded one. Ends at the first difference, at a question the record cannot answer, or with
// the record.
import type { Clock } from '../../base/clock.ts';
import { findDialect } from '../../device/dialects.ts';
import { type CyclerSetup, parseCyclerSetup } from '../../device/tapped-cycler.ts';
import { parseWireLine } from '../../device/wire-entry.ts';
import type { Protocol } from '../../steps/protocol.ts';
import type { RunReader } from '../../store/readers.ts';
import { type Difference, sentenceOf } from './difference.ts';
import { type ReadLines, RecordedWire } from './recorded-wire.ts';
import { type ReplayEnd, ReplayedProcess } from './replayed-process.ts';
import { RunComparison } from './run-comparison.ts';
import type { HeldUp } from './wire-player.ts';

export interface ReplayOptions {
  readonly reader: RunReader;
  readonly protocols: readonly Protocol[];
  /** A file that is written anew and compared; the caller removes it. */
  readonly outPath: string;
  /** Real time, for letting the process breathe. */
  readonly clock: Clock;
  /** Told now and then; asked whether to stop. */
  readonly onProgress: (progress: { readonly replayedS: number }) => 'go on' | 'stop';
}

export interface ReplayResult {
  /** `refused`: there is nothing that could be replayed; `detail` says why. */
  readonly outcome: 'same' | 'different' | 'refused' | 'stopped';
  /** In words: the first difference, or how far the record goes. */
  readonly detail: string;
  readonly difference: Difference | null;
  /** Rows that are the same, by what they are. */
  readonly compared: Readonly<Record<string, number>>;
  /** Polls of today's code that were not recorded; no difference. */
  readonly pollsMadeUp: number;
  readonly replayedS: number;
}

const STEPS_PER_TURN = 2000;
/** Commits between two comparisons. */
const COMPARE_EVERY = 16;
/** After the last entry today's code may still store and seal. */
const RUN_ON_MS = 5000;

/** Throws where the file is damaged or cannot be written. */
export async function replayRun(options: ReplayOptions): Promise<ReplayResult> {
  const wire = openWire(options.reader);
  if (wire !== null) return new Replay(options, wire).run();
  const none = { difference: null, compared: {}, pollsMadeUp: 0, replayedS: 0 };
  return { outcome: 'refused', detail: 'its wire was not recorded', ...none };
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #wire: RecordedWire;
  readonly #comparison: RunComparison;
  readonly #isComplete: boolean;
  readonly #survey: Survey;
  #process: ReplayedProcess;
  #processes = 0;
  #hasRun = false;
  #earlierS = 0;
  #earlierPolls = 0;
  #commits = 0;
  #difference: Difference | null = null;
  /** Why it goes no further; null: it does. */
  #end: ReplayEnd | null = null;

  constructor(options: ReplayOptions, { wire, setup, survey }: OpenWire) {
    const { outPath, reader } = options;
    this.#options = options;
    this.#wire = wire;
    this.#isComplete = reader.isSealed();
    this.#survey = survey;
    this.#comparison = new RunComparison({
      ...{ recordedPath: reader.path, todayPath: outPath, isComplete: this.#isComplete },
    });
    this.#process = this.#begin(setup);
  }

  async run(): Promise<ReplayResult> {
    const { clock, onProgress } = this.#options;
    while (this.#lives()) {
      await new Promise<void>((resolve) => clock.defer(resolve));
      if (onProgress({ replayedS: this.#replayedS }) === 'stop') return this.#result('stopped');
    }
    this.#finish();
    const isDifferent = this.#difference !== null || this.#end?.isDifference === true;
    return this.#result(isDifferent ? 'different' : 'same');
  }

  /** Some steps of it; false when it is over. */
  #lives(): boolean {
    for (let step = 0; step < STEPS_PER_TURN; step += 1) {
      if (this.#end !== null) return false;
      const { next } = this.#wire;
      if (next?.kind === 'cycler') this.#restart(parseCyclerSetup(next.text));
      else if (!this.#process.player.step()) return false;
    }
    return true;
  }

  #begin(setup: CyclerSetup): ReplayedProcess {
    const { outPath, protocols, reader } = this.#options;
    this.#wire.advance();
    const heldUp = this.#survey.heldUp[this.#processes] ?? [];
    this.#processes += 1;
    const isFollowed = this.#processes < this.#survey.heldUp.length;
    return new ReplayedProcess({
      ...{ setup, wire: this.#wire, protocols, outPath, meta: reader.meta(), heldUp },
      ...{ isFollowed, isCutOff: isFollowed || !this.#isComplete },
      onStored: () => this.#stored(),
      onEnd: (end) => this.#ended(end),
    });
  }

  /** Another process of the daemon goes on: with the file, and nothing else. */
  #restart(setup: CyclerSetup | null): void {
    if (setup === null) return this.#ended({ detail: 'the record is damaged here', isDifference: false });
    this.#leaveProcess();
    this.#process = this.#begin(setup);
  }

  #leaveProcess(): void {
    this.#process.end();
    this.#hasRun ||= this.#process.hasRun;
    this.#earlierS += this.#process.livedS;
    this.#earlierPolls += this.#process.player.pollsMadeUp;
  }

  get #replayedS(): number {
    return this.#earlierS + this.#process.livedS;
  }

  #stored(): void {
    this.#commits += 1;
    if (this.#commits % COMPARE_EVERY !== 0 || this.#difference !== null) return;
    this.#difference = this.#comparison.compare();
    if (this.#difference !== null) this.#end ??= { detail: '', isDifference: true };
  }

  #ended(end: ReplayEnd): void {
    this.#end ??= end;
  }

  #finish(): void {
    if (this.#end === null) this.#process.player.runOn(RUN_ON_MS);
    this.#hasRun ||= this.#process.hasRun;
    if (this.#hasRun) {
      const isWhole = this.#isComplete && this.#end === null;
      this.#difference ??= isWhole ? this.#comparison.finish() : this.#comparison.compare();
    } else this.#end ??= { detail: "today's code does not begin the run", isDifference: true };
    this.#process.end();
  }

  #result(outcome: ReplayResult['outcome']): ReplayResult {
    const { reader } = this.#options;
    const difference = this.#difference;
    const extent = this.#isComplete ? 'the whole run' : 'as far as the record goes: the run is not complete';
    const detail =
      difference === null
        ? (this.#end?.detail ?? extent)
        : sentenceOf(difference, (step) => placeOfStep(reader, step));
    return {
      ...{ outcome, detail, difference },
      compared: this.#hasRun ? this.#comparison.counts() : {},
      pollsMadeUp: this.#earlierPolls + this.#process.player.pollsMadeUp,
      replayedS: this.#replayedS,
    };
  }
}

interface OpenWire {
  readonly wire: RecordedWire;
  readonly setup: CyclerSetup;
  readonly survey: Survey;
}

/** What must be known of the record before it is played. */
interface Survey {
  /** For each process of the daemon that had the run: when it was held up. */
  readonly heldUp: readonly (readonly HeldUp[])[];
}

/** null: the record does not begin with a cycler, or there is none. */
function openWire(reader: RunReader): OpenWire | null {
  const [line] = linesOf(reader)() ?? [];
  const first = line === undefined ? null : parseWireLine(line);
  const setup = first?.kind === 'cycler' ? parseCyclerSetup(first.text) : null;
  if (setup === null) return null;
  const wire = new RecordedWire(linesOf(reader), findDialect(setup.dialect).wire);
  return { wire, setup, survey: surveyOf(linesOf(reader)) };
}

function linesOf(reader: RunReader): ReadLines {
  let afterId = 0;
  return () => {
    const found = reader.wire(afterId);
    afterId = found?.id ?? afterId;
    return found?.lines ?? null;
  };
}

function surveyOf(read: ReadLines): Survey {
  const heldUp: HeldUp[][] = [];
  for (let lines = read(); lines !== null; lines = read()) {
    // Most lines are frames: they are not worth parsing twice.
    for (const line of lines.filter((one) => /,"(?:cycler|late)",/.test(one))) {
      const entry = parseWireLine(line);
      if (entry?.kind === 'cycler') heldUp.push([]);
      if (entry?.kind === 'late') heldUp.at(-1)?.push({ sinceMs: Number(entry.text), untilMs: entry.atMs });
    }
  }
  return { heldUp };
}

function placeOfStep(reader: RunReader, step: number): string | null {
  const [row] = reader.steps(step, 1);
  if (row?.stepNumber !== step) return null;
  return `${row.half ?? row.mode} of cycle ${row.cycle}, ${(row.startUs / 3.6e9).toFixed(3)} h`;
}
