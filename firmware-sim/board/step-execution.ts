// One running step: its planned end and its record rule, from event to event.
// Samples are taken in one loop up to the tick asked for; what is taken never depends on when it was asked.
import { assert } from '../../src/base/assert.ts';
import type { ChannelBoard } from './channel-board.ts';
import { type Band, type Curve, firstTickOutside } from './crossing.ts';
import { TICK_US } from './device-clock.ts';
import { RecordGrid } from './record-grid.ts';
import {
  FLAG_COMPLIANCE,
  FLAG_FIRST,
  FLAG_LAST,
  FLAG_RULE_NOT_KEPT,
  type SampleRing,
} from './sample-ring.ts';
import type { StepEnd, StepNode } from './step-node.ts';
import { type PlanContext, type PlannedEnd, planStep, type StepPlan } from './step-plan.ts';

/** The listener drains the ring at least this often, or each time it is full, so that no burst outruns it. */
const SAMPLES_PER_NOTICE = 512;

export interface StepExecutionOptions extends PlanContext {
  readonly ring: SampleRing;
  readonly onRecorded: () => void;
}

export class StepExecution {
  readonly node: StepNode;
  readonly startTick: number;
  readonly startNc: number;
  readonly #context: PlanContext;
  readonly #board: ChannelBoard;
  readonly #ring: SampleRing;
  readonly #onRecorded: () => void;
  readonly #grid: RecordGrid;
  readonly #samplesPerNotice: number;
  /** The tick of the next sample the record rule asks for, the step's end aside. */
  #nextTick: number;
  /** The tick of the last sample taken. */
  #lastTick: number;
  /** Mean readings at the last sample; of use where the record rule asks for moves. */
  #lastNv = 0;
  #lastPa = 0;
  #plan: StepPlan;
  /** A conversion has failed since the last sample. */
  #isRuleBroken = false;

  constructor(options: StepExecutionOptions) {
    this.node = options.node;
    this.startTick = options.startTick;
    this.startNc = options.startNc;
    this.#board = options.board;
    this.#ring = options.ring;
    this.#onRecorded = options.onRecorded;
    this.#grid = new RecordGrid(options.node.record, options.board.instrument.clockWrapUs);
    this.#samplesPerNotice = Math.min(SAMPLES_PER_NOTICE, options.ring.capacity);
    this.#context = options;
    this.#plan = planStep(options, options.startTick + 1);
    this.#lastTick = options.startTick;
    this.#nextTick = options.startTick + 1;
  }

  /** How it ends if nothing is sent; only a guess as long as its source has yet to change. */
  get planned(): PlannedEnd {
    return this.#plan.end;
  }

  /** When the source of a held voltage changes by itself before that; Infinity when it does not. */
  get sourceTick(): number {
    return this.#plan.sourceTick;
  }

  /** The tick of the next sample if the step goes on as planned. */
  get nextSampleTick(): number {
    return Math.min(this.#nextTick, this.planned.tick);
  }

  /** Regular samples are this far apart just now; at least one tick. */
  get periodTicks(): number {
    return this.#grid.periodTicksAt(this.#nextTick - this.startTick);
  }

  /**
   * Takes every sample of the record rule up to and including `tick`, which lies before the end of the step.
   */
  recordThrough(tick: number): void {
    let sinceNotice = 0;
    while (this.#nextTick <= tick) {
      const dueTick = this.#nextTick;
      const isFirst = dueTick === this.startTick + 1;
      if (isFirst) this.#record(dueTick, FLAG_FIRST);
      else if (this.#board.isMissed(dueTick)) this.#isRuleBroken = true;
      else this.#record(dueTick, 0);
      this.#planNext(dueTick);
      sinceNotice += 1;
      if (sinceNotice % this.#samplesPerNotice === 0) this.#onRecorded();
    }
  }

  /** Lives through the change of the source at `sourceTick`; everything after it is planned anew. */
  changeSource(): void {
    const tick = this.sourceTick;
    this.recordThrough(tick - 1);
    this.#board.changeSource(tick);
    this.#plan = planStep(this.#context, tick);
    // The first sample has its tick whatever moves.
    if (this.#lastTick !== this.startTick) this.#planNext(tick - 1);
  }

  /** Takes the last sample, at the end tick. */
  recordLast(tick: number): void {
    assert(tick > this.#lastTick, `the end tick ${tick} must come after the last sample's ${this.#lastTick}`);
    this.#record(tick, tick === this.startTick + 1 ? FLAG_FIRST | FLAG_LAST : FLAG_LAST);
  }

  /** What the step-end log says of it once its last sample is taken. */
  endBy(ending: PlannedEnd, nextNodeId: number): StepEnd {
    const lastSample = this.#ring.next - 1;
    const { netChargeNc, voltageNv, currentPa } = this.#ring.at(lastSample);
    return {
      stepNumber: this.node.stepNumber,
      nodeId: this.node.id,
      reason: ending.reason,
      startUs: this.startTick * TICK_US,
      endUs: ending.tick * TICK_US,
      startNc: Math.round(this.startNc) + 0,
      endNc: netChargeNc,
      voltageNv,
      currentPa,
      lastSample,
      nextNodeId,
    };
  }

  #record(tick: number, edgeFlags: number): void {
    const board = this.#board;
    const n = this.#ring.next;
    const meanNv = board.meanVoltageNv(board.apertureTick(tick, n));
    const complianceFlag = board.isAtCompliance(meanNv) ? FLAG_COMPLIANCE : 0;
    const ruleFlag = this.#isRuleBroken ? FLAG_RULE_NOT_KEPT : 0;
    this.#ring.push({
      stepNumber: this.node.stepNumber,
      timeUs: tick * TICK_US,
      voltageNv: board.voltageNv(meanNv, 'sample', n),
      currentPa: board.currentPa(tick, 'sample', n),
      netChargeNc: Math.round(board.counter.atTick(tick)) + 0,
      flags: edgeFlags | complianceFlag | ruleFlag,
    });
    this.#lastTick = tick;
    this.#isRuleBroken = false;
    const { moveNv, movePa } = this.node.record;
    if (moveNv !== 0) this.#lastNv = board.voltage.rangeBetween(tick, tick).low;
    if (movePa !== 0) this.#lastPa = board.current.rangeBetween(tick, tick).low;
  }

  /** What the rule asks for after `dueTick`, at which a sample was due and was taken or missed. */
  #planNext(dueTick: number): void {
    const { moveNv, movePa } = this.node.record;
    let tick = this.startTick + this.#grid.tickAfter(dueTick - this.startTick);
    const { voltage, current } = this.#board;
    if (moveNv !== 0) {
      const band = { low: this.#lastNv - moveNv, high: this.#lastNv + moveNv };
      tick = this.#moveTick(voltage, band, { afterTick: dueTick, tick });
    }
    if (movePa !== 0) {
      const band = { low: this.#lastPa - movePa, high: this.#lastPa + movePa };
      tick = this.#moveTick(current, band, { afterTick: dueTick, tick });
    }
    this.#nextTick = tick;
  }

  /** The first tick at which the mean reading leaves the band around that of the last sample; else `tick`. */
  #moveTick(curve: Curve, band: Band, due: { readonly afterTick: number; readonly tick: number }): number {
    const untilTick = Math.min(due.tick, this.planned.tick, this.sourceTick) - 1;
    return Math.min(due.tick, firstTickOutside(curve, band, { fromTick: due.afterTick + 1, untilTick }));
  }
}
