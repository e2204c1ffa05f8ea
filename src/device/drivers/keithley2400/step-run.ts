// One step while it runs: readings by the host's schedule, and its end on the instrument's clock. The
// instrument ends nothing by itself, so the message that takes the current to zero is sent early by the
// time such a message takes, there and back, on this line: the clock of the channel is late by the way
// back, the message by the way there. When the current really ended, the instrument says.
//
//   began ─ reading ─ reading ─ … ─ clock asked ─ … ─ last reading ─ level 0 ─► ended
//
// Must never leave a step without an end: the last reading is one try, the end is not made to wait for it.
import type { Timer } from '../../../base/clock.ts';
import { COMMANDS, QUERIES } from '../../../frames/dialects/keithley2400/commands.ts';
import type { InstrumentReading } from '../../../frames/dialects/keithley2400/replies.ts';
import type { PlannedStep, StepListener } from '../../hosted/step-actuator.ts';
import { ReadingJudge, type ReadingFault } from './reading-judge.ts';
import type { Session } from './session.ts';

/** How long a message takes on this line; learnt, and kept from step to step. */
export interface RoundTrips {
  readingUs: number;
  zeroUs: number;
}

/** A first guess for 9600 baud: a query, two conversions and 56 bytes; 35 bytes and 15. */
export const FIRST_TRIPS: RoundTrips = { readingUs: 150_000, zeroUs: 60_000 };

export interface StepRunOptions {
  readonly session: Session;
  readonly listener: StepListener;
  readonly planned: PlannedStep;
  readonly startUs: number;
  readonly trips: RoundTrips;
  readonly onFault: (fault: ReadingFault) => void;
  readonly onAbsent: () => void;
}

/** The two clocks drift by up to 100 ppm: before the end of a long step they are compared once more. */
const COMPARE_BEFORE_END_US = 2_000_000;
const COMPARE_FROM_US = 10_000_000;
/** Jitter of a reading: the last one may not make the end late. */
const READING_SLACK_US = 20_000;

export class StepRun {
  readonly #options: StepRunOptions;
  readonly #judge: ReadingJudge;
  readonly #endUs: number;
  #timer: Timer | null = null;
  #isOver = false;
  #isCompared: boolean;

  constructor(options: StepRunOptions) {
    this.#options = options;
    const { session, planned, startUs } = options;
    this.#judge = new ReadingJudge(session.time, startUs);
    this.#endUs = startUs + planned.durationUs;
    this.#isCompared = planned.durationUs < COMPARE_FROM_US;
  }

  start(): void {
    this.#read(this.#lastReadingUs - this.#nowUs <= this.#options.trips.readingUs);
  }

  /** Something else takes over: no more readings, no end. */
  cancel(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  get #nowUs(): number {
    return this.#options.session.time.nowUs();
  }

  /** When the last reading is asked for. */
  get #lastReadingUs(): number {
    const { trips } = this.#options;
    return this.#endUs - trips.zeroUs - trips.readingUs - READING_SLACK_US;
  }

  #at(timeUs: number, run: () => void): void {
    const delayMs = Math.max(0, (timeUs - this.#nowUs) / 1000);
    this.#timer = this.#options.session.clock.after(delayMs, () => {
      if (!this.#isOver) run();
    });
  }

  #schedule(): void {
    const { trips } = this.#options;
    const dueUs = this.#dueUs();
    const lastUs = this.#lastReadingUs;
    // A reading that would still be under way when the last one is due makes room for it.
    const isLast = dueUs + trips.readingUs > lastUs;
    const nextUs = isLast ? lastUs : dueUs;
    const compareUs = this.#endUs - COMPARE_BEFORE_END_US;
    if (!this.#isCompared && nextUs >= compareUs) this.#at(compareUs, () => this.#compare());
    else this.#at(nextUs, () => this.#read(isLast));
  }

  /** On the grid of the step; while a burst lasts, on that of the burst, too. */
  #dueUs(): number {
    const { planned, startUs } = this.#options;
    const sinceUs = this.#nowUs - startUs;
    const nextOf = (everyUs: number): number => startUs + (Math.floor(sinceUs / everyUs) + 1) * everyUs;
    const steadyUs = nextOf(planned.readingEveryUs);
    const { burst } = planned;
    const burstUs = burst === undefined ? steadyUs : nextOf(burst.everyUs);
    return burst !== undefined && burstUs <= startUs + burst.forUs ? Math.min(steadyUs, burstUs) : steadyUs;
  }

  #compare(): void {
    this.#isCompared = true;
    this.#options.session.carryOut([], () => {
      if (!this.#isOver) this.#schedule();
    });
  }

  #read(isLast: boolean): void {
    const { session, trips } = this.#options;
    const sentMs = session.clock.nowMs();
    session.ask({ query: QUERIES.read }, (result) => {
      if (this.#isOver) return;
      if (result.ok) trips.readingUs = (session.clock.nowMs() - sentMs) * 1000;
      else if (result.reason !== 'nonsense') return this.cancel();
      const goesOn = this.#take(result.ok && result.value.kind === 'readings' ? result.value.readings : []);
      if (!goesOn) return;
      if (isLast) this.#at(this.#endUs - trips.zeroUs, () => this.#end());
      else this.#schedule();
    });
  }

  /** One reading as a rule; none where it was damaged. Returns false when something else has taken over. */
  #take(found: readonly InstrumentReading[]): boolean {
    const { listener, onAbsent, onFault } = this.#options;
    const judged = found.length === 0 ? [this.#judge.absent()] : found.map((one) => this.#judge.judge(one));
    for (const { reading, fault } of judged) {
      if (reading === null) onAbsent();
      else listener.reading(reading);
      // Whoever heard of it may have given another order.
      if (!this.#isOver && fault !== null) onFault(fault);
      if (this.#isOver) return false;
    }
    return true;
  }

  #end(): void {
    const { session, listener, planned, trips } = this.#options;
    session.carryOut([COMMANDS.levelZero], (result) => {
      if (this.#isOver) return;
      this.cancel();
      if (!result.ok) return;
      trips.zeroUs = result.value.roundTripUs;
      listener.ended({ reason: planned.timedEnd, endUs: result.value.atUs, hasGoneOn: false });
    });
  }
}
