// One running step: its planned end and its record rule, from event to event.
// Samples are taken in one loop up to the tick asked for; what is taken never depends on when it was asked.
import { assert } from '../../src/base/assert.ts';
import type { ChannelBoard } from './channel-board.ts';
import { firstHeldTick } from './crossing.ts';
import { TICK_US } from './device-clock.ts';
import { FLAG_COMPLIANCE, FLAG_FIRST, FLAG_LAST, type SampleRing } from './sample-ring.ts';
import type { StepNode } from './step-node.ts';
import { type PlanContext, type PlannedEnd, planEnd } from './step-plan.ts';

/** The listener drains the ring at least this often, so that no burst can outrun it. */
const SAMPLES_PER_NOTICE = 512;

export interface StepExecutionOptions extends PlanContext {
  readonly ring: SampleRing;
  readonly onRecorded: () => void;
}

export class StepExecution {
  readonly node: StepNode;
  readonly startTick: number;
  readonly startNc: number;
  readonly planned: PlannedEnd;
  /** Regular samples are this far apart; at least one tick. */
  readonly periodTicks: number;
  readonly #board: ChannelBoard;
  readonly #ring: SampleRing;
  readonly #onRecorded: () => void;
  /** The tick of the next sample the record rule asks for, the step's end aside. */
  #nextTick: number;
  #lastTick: number;

  constructor(options: StepExecutionOptions) {
    this.node = options.node;
    this.startTick = options.startTick;
    this.startNc = options.startNc;
    this.#board = options.board;
    this.#ring = options.ring;
    this.#onRecorded = options.onRecorded;
    this.periodTicks = Math.max(1, Math.ceil(options.node.record.everyUs / TICK_US));
    this.planned = planEnd(options);
    this.#lastTick = options.startTick;
    this.#nextTick = options.startTick + 1;
  }

  /** The tick of the next sample if the step goes on as planned. */
  get nextSampleTick(): number {
    return Math.min(this.#nextTick, this.planned.tick);
  }

  /**
   * Takes every sample of the record rule up to and including `tick`, which lies before the end of the step.
   */
  recordThrough(tick: number): void {
    let sinceNotice = 0;
    while (this.#nextTick <= tick) {
      this.#record(this.#nextTick, 0);
      this.#planNext();
      sinceNotice += 1;
      if (sinceNotice % SAMPLES_PER_NOTICE === 0) this.#onRecorded();
    }
  }

  /** Takes the last sample, at the end tick. */
  recordLast(tick: number): void {
    assert(tick > this.#lastTick, `the end tick ${tick} must come after the last sample's ${this.#lastTick}`);
    this.#record(tick, FLAG_LAST);
  }

  #record(tick: number, endFlag: number): void {
    const board = this.#board;
    const n = this.#ring.next;
    const firstFlag = tick === this.startTick + 1 ? FLAG_FIRST : 0;
    this.#ring.push({
      stepNumber: this.node.stepNumber,
      timeUs: tick * TICK_US,
      voltageNv: board.voltageNv(board.meanVoltageNv(tick), 'sample', n),
      currentPa: board.currentPa('sample', n),
      netChargeNc: Math.round(board.counter.atTick(tick)) + 0,
      flags: endFlag | firstFlag | (board.isClamped ? FLAG_COMPLIANCE : 0),
    });
    this.#lastTick = tick;
  }

  #planNext(): void {
    const { everyUs, moveNv } = this.node.record;
    let period = Math.floor(((this.#lastTick - this.startTick) * TICK_US) / everyUs);
    let tick = this.#lastTick;
    while (tick <= this.#lastTick) {
      period += 1;
      // Between two ticks a sample waits for the later one.
      tick = this.startTick + Math.ceil((period * everyUs) / TICK_US);
    }
    // The mean current is constant within a step, so `movePa` cannot be reached; a model that bends it comes
    // here.
    this.#nextTick = moveNv === 0 ? tick : Math.min(tick, this.#moveTick(moveNv, tick));
  }

  /**
   * The first tick at which V has moved by `moveNv` since the last sample, if before the next regular one.
   */
  #moveTick(moveNv: number, regularTick: number): number {
    const board = this.#board;
    const referenceNv = board.meanVoltageNv(this.#lastTick);
    const untilTick = Math.min(regularTick, this.planned.tick) - 1;
    const span = { fromTick: this.#lastTick + 1, untilTick };
    const above = { lowNv: referenceNv + moveNv, highNv: Number.POSITIVE_INFINITY };
    const below = { lowNv: Number.NEGATIVE_INFINITY, highNv: referenceNv - moveNv };
    return Math.min(firstHeldTick(board, above, span, 0), firstHeldTick(board, below, span, 0));
  }
}
