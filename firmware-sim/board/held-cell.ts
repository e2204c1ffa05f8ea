// A cell behind the leads of one channel: its segments on the device clock, what the source's rise does to
// it, its voltage as far as the source can follow, and its hidden truth on its way to the truth log. Must
// never be driven by anything but the board.
import type { CellModel, CellTruth, CurrentRange, Drive, VoltageRange } from '../cell/cell-model.ts';
import type { TruthLog } from '../truth-log.ts';
import type { DeviceClock } from './device-clock.ts';
import { RelaxingRamp } from './relaxing-ramp.ts';
import { TruthWriter } from './truth-writer.ts';

export interface HeldCellOptions {
  readonly channel: number;
  readonly cell: CellModel;
  readonly clock: DeviceClock;
  /** Leads never go beyond this, whatever the cell would need. */
  readonly complianceV: number;
  readonly truth: TruthLog | null;
}

const NO_LEAD = RelaxingRamp.level(0);

/**
 * A source that rises by I (1 - exp(-t/T)) withholds the charge I T. The cell gets exactly that: its new
 * segment begins T late, the old one lasts T longer, and since both are closed forms that is done at once, at
 * the change, so that the end of the step can be planned. Meanwhile the part of the voltage that jumps with
 * the current (ohmic) is let in as the current rises: V = V_cell(t - T) - jump exp(-t/T). What is neglected:
 * the double layer answers T late instead of gradually, and a relay that opens t after a change finds cell
 * and counter apart by I T exp(-t/T), by I T/e at most.
 */
export class HeldCell {
  readonly model: CellModel;
  readonly #clock: DeviceClock;
  readonly #complianceV: number;
  readonly #truth: TruthWriter;
  /** Start of the running segment of the cell, as a tick with its fraction; may lie ahead during a rise. */
  #segmentTick = 0;
  /** What the rising current has yet to add to the voltage, in V. */
  #lead = NO_LEAD;

  constructor({ channel, cell, clock, complianceV, truth }: HeldCellOptions) {
    this.model = cell;
    this.#clock = clock;
    this.#complianceV = complianceV;
    this.#truth = new TruthWriter({ channel, cell, clock, truth });
  }

  /** Changes the drive at `tick`; `riseTicks` is the time constant of the source's rise, 0 for none. */
  switchTo(tick: number, drive: Drive, riseTicks: number): void {
    const beforeV = riseTicks === 0 ? 0 : this.#freeVoltageV(tick);
    const startTick = Math.max(this.#segmentTick, tick + riseTicks);
    const elapsedS = this.#clock.cellSeconds(startTick - this.#segmentTick);
    this.#truth.beforeSwitch({ tick, segmentTick: this.#segmentTick, elapsedS });
    this.model.switchTo(elapsedS, drive);
    this.#segmentTick = startTick;
    if (riseTicks === 0) {
      this.#lead = NO_LEAD;
      return;
    }
    const jumpV = this.model.voltageV(0) - beforeV;
    this.#lead = RelaxingRamp.between({ startTick: tick, from: -jumpV, to: 0, timeTicks: riseTicks });
  }

  /** What was `tick` is tick 0 from here on. */
  restartClock(tick: number): void {
    this.#segmentTick -= tick;
  }

  /** At the leads. */
  voltageV(tick: number): number {
    return this.#clamped(this.#freeVoltageV(tick));
  }

  /** Encloses what `voltageV` gives between the two ticks, as the model encloses its own. */
  voltageRangeV(fromTick: number, untilTick: number): VoltageRange {
    const cell = this.model.voltageRangeV(this.#elapsedS(fromTick), this.#elapsedS(untilTick));
    const lead = this.#lead.rangeBetween(fromTick, untilTick);
    return { lowV: this.#clamped(cell.lowV + lead.low), highV: this.#clamped(cell.highV + lead.high) };
  }

  /** Through the leads, in A. */
  currentA(tick: number): number {
    return this.model.currentA(this.#elapsedS(tick));
  }

  currentRangeA(fromTick: number, untilTick: number): CurrentRange {
    return this.model.currentRangeA(this.#elapsedS(fromTick), this.#elapsedS(untilTick));
  }

  truthAt(tick: number): CellTruth {
    return this.model.truth(this.#elapsedS(tick));
  }

  #freeVoltageV(tick: number): number {
    return this.model.voltageV(this.#elapsedS(tick)) + this.#lead.at(tick);
  }

  #clamped(voltageV: number): number {
    return Math.max(-this.#complianceV, Math.min(this.#complianceV, voltageV));
  }

  #elapsedS(tick: number): number {
    return this.#clock.cellSeconds(Math.max(0, tick - this.#segmentTick));
  }
}
