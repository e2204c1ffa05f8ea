// What no instrument can tell, on its way to the truth log: the hidden state of a cell at each switch of its
// drive, before the switch takes effect, and what happened inside it since the last one.
import type { CellModel } from '../cell/cell-model.ts';
import type { TruthLog } from '../truth-log.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';

export interface TruthWriterOptions {
  readonly channel: number;
  readonly cell: CellModel;
  readonly clock: DeviceClock;
  readonly truth: TruthLog | null;
}

export interface CellSwitchInstant {
  /** When the drive is changed, as a tick with its fraction. */
  readonly tick: number;
  /** Start of the segment of the cell that ends; a rise of the source puts it after the change before. */
  readonly segmentTick: number;
  /** How long that segment has lasted. */
  readonly elapsedS: number;
}

export class TruthWriter {
  readonly #options: TruthWriterOptions;
  /** The cell's age at the start of the running segment. */
  #segmentLifeS = 0;
  #eventsWritten = 0;

  constructor(options: TruthWriterOptions) {
    this.#options = options;
  }

  /** To be called before every switch of the cell, with a log or without. */
  beforeSwitch({ tick, segmentTick, elapsedS }: CellSwitchInstant): void {
    const { truth } = this.#options;
    const lifeS = this.#segmentLifeS;
    this.#segmentLifeS += elapsedS;
    if (truth === null) return;
    this.#writeEvents(truth, { segmentTick, elapsedS, lifeS });
    const { plateChargeC, stripChargeC, hidden } = this.#options.cell.truth(elapsedS);
    truth.write({
      truth: 'switch',
      ...this.#times(tick),
      ch: this.#options.channel,
      life_s: lifeS + elapsedS,
      plate_c: plateChargeC,
      strip_c: stripChargeC,
      hidden,
    });
  }

  #writeEvents(
    truth: TruthLog,
    segment: { readonly segmentTick: number; readonly elapsedS: number; readonly lifeS: number },
  ): void {
    const { cell, channel, clock } = this.#options;
    const events = cell.events(segment.elapsedS);
    for (const event of events.slice(this.#eventsWritten)) {
      const sinceS = event.lifeS - segment.lifeS;
      truth.write({
        truth: 'event',
        ...this.#times(segment.segmentTick + sinceS / clock.cellSeconds(1)),
        ch: channel,
        life_s: event.lifeS,
        kind: event.kind,
        throughput_c_per_cm2: event.throughputCPerCm2,
        half_cycle: event.halfCycle,
        detail: event.detail,
      });
    }
    this.#eventsWritten = events.length;
  }

  #times(tick: number): { readonly t_us: number; readonly real_ms: number } {
    const realMs = Math.round(this.#options.clock.wallMsAtTick(tick) * 1000) / 1000;
    return { t_us: tick * TICK_US, real_ms: realMs };
  }
}
