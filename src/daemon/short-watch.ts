// Asks the short floor after each half-cycle, writes down what it finds, and says whether the run ends by it.
// Never opens a cell: the channel does.
import {
  judgeHalfCycle,
  SHORT_EVENT,
  SHORT_FLOOR_START,
  shortDetail,
  type ShortFinding,
} from '../analysis/short-floor.ts';
import type { LifecycleEvent } from '../steps/lifecycle.ts';
import type { ShortFloorPlan } from '../steps/protocol.ts';
import type { HalfCycle } from '../store/run-store.ts';
import { endOfShort, shortReason } from './endings.ts';
import type { Journal } from './journal.ts';

export interface ShortWatchOptions {
  /** null: not watched. */
  readonly plan: ShortFloorPlan | null;
  readonly journal: Pick<Journal, 'event'>;
  readonly alarm: (code: string, message: string) => void;
  /** Half-cycles that an earlier daemon has recorded, and told of. */
  readonly history: readonly HalfCycle[];
}

export class ShortWatch {
  readonly #options: ShortWatchOptions;
  #state = SHORT_FLOOR_START;
  #toldOnsetUs: number | null = null;
  #end: LifecycleEvent | null = null;

  constructor(options: ShortWatchOptions) {
    this.#options = options;
    for (const row of options.history) this.#judge(row);
  }

  /** How the run must end because of a short; null while it need not. Stays, until the run could be ended. */
  get end(): LifecycleEvent | null {
    return this.#end;
  }

  halfCycleEnded(row: HalfCycle): void {
    const { plan } = this.#options;
    const toldOnsetUs = this.#toldOnsetUs;
    const finding = this.#judge(row);
    if (plan !== null && finding !== null && finding.onsetUs !== toldOnsetUs) this.#tell(finding, row, plan);
  }

  #judge(row: HalfCycle): ShortFinding | null {
    const { plan } = this.#options;
    if (plan === null) return null;
    const { state, finding } = judgeHalfCycle(this.#state, row, plan);
    this.#state = state;
    if (finding === null) return null;
    if (plan.action === 'stop') this.#end ??= endOfShort(finding);
    this.#toldOnsetUs = finding.onsetUs;
    return finding;
  }

  #tell(finding: ShortFinding, row: HalfCycle, plan: ShortFloorPlan): void {
    const { journal, alarm } = this.#options;
    journal.event({ timeUs: row.endUs, kind: SHORT_EVENT, detail: shortDetail(finding, plan) });
    alarm('SHORT_FLOOR', shortReason(finding));
  }
}
