// The output of the instrument: relay, coupling, shunt, and what an electronic load and a fault make of it.
// Every drive of the cell goes through here. Must never decide when a primitive ends.
import type { CellOffReason } from '../../cell-log.ts';
import type { SourceMeter } from '../../board/source-meter.ts';
import type { FaultPlan } from './faults.ts';
import { type Profile, rangeOfShunt } from './profiles.ts';
import type { Settings } from './settings.ts';

/** What is to be held: pA, nV. */
export type Setpoint =
  | { readonly coupling: 'gal'; readonly currentPa: number }
  | { readonly coupling: 'pot'; readonly voltageNv: number };

export interface OutputStageOptions {
  readonly source: SourceMeter;
  readonly profile: Profile;
  readonly faults: FaultPlan;
}

/** Autoranging goes to the next larger current above, to the next smaller one below this share of it. */
const RANGE_FULL_SHARE = 1;
const RANGE_EMPTY_SHARE = 0.8;

export class OutputStage {
  readonly source: SourceMeter;
  readonly #profile: Profile;
  readonly #faults: FaultPlan;
  #setpoint: Setpoint | null = null;
  #complianceNv: number;
  /** A load that can take no more: the cell gives no voltage, or would have to be charged. */
  #isLoadIdle = false;
  #rangeIndex: number;

  constructor({ source, profile, faults }: OutputStageOptions) {
    this.source = source;
    this.#profile = profile;
    this.#faults = faults;
    this.#complianceNv = profile.instrument.complianceNv;
    this.#rangeIndex = rangeOfShunt(profile, 0);
    source.selectRange(0, this.#rangeIndex);
  }

  get isOn(): boolean {
    return this.source.isOn;
  }

  selectRange(us: number, rangeIndex: number): void {
    if (rangeIndex === this.#rangeIndex) return;
    this.#rangeIndex = rangeIndex;
    this.source.selectRange(us, rangeIndex);
  }

  /** The range that was chosen by hand. */
  rangeOfSettings({ numbers }: Settings): number {
    return rangeOfShunt(this.#profile, numbers['SESO:CRNG:IDX']);
  }

  /** The smallest range for this current, within the shunts that autoranging may use. */
  rangeFor(currentPa: number, settings: Settings): number {
    const { rangesPa } = this.#profile.instrument;
    const { low, high } = this.#autoRanges(settings);
    for (let index = low; index < high; index += 1) {
      if (Math.abs(currentPa) <= (rangesPa[index] ?? 0) * RANGE_FULL_SHARE) return index;
    }
    return high;
  }

  /** Follows a current that is not set but found. */
  autorange(us: number, currentPa: number, settings: Settings): void {
    const { rangesPa } = this.#profile.instrument;
    const wanted = this.rangeFor(currentPa, settings);
    const isRoomy = Math.abs(currentPa) <= (rangesPa[wanted] ?? 0) * RANGE_EMPTY_SHARE;
    if (wanted > this.#rangeIndex || isRoomy) this.selectRange(us, wanted);
  }

  /** Closes the relay, or changes what is held. Nothing happens where nothing changes. */
  drive(us: number, setpoint: Setpoint): void {
    const complianceNv = this.#faults.complianceNv(us, this.#profile.instrument.complianceNv);
    const isSame = this.isOn && complianceNv === this.#complianceNv && isEqual(this.#setpoint, setpoint);
    if (isSame) return;
    this.#setpoint = setpoint;
    this.#complianceNv = complianceNv;
    this.#isLoadIdle = false;
    if (setpoint.coupling === 'gal') {
      this.source.set(us, { kind: 'current', currentPa: setpoint.currentPa, complianceNv });
    } else {
      const voltageNv = Math.max(-complianceNv, Math.min(complianceNv, setpoint.voltageNv));
      const complianceCurrentPa = this.#profile.currentMaxPa;
      this.source.set(us, { kind: 'voltage', voltageNv, complianceCurrentPa });
    }
    this.refresh(us);
  }

  /** Lets a fault that has come and the nature of a load take hold; to be called at every sample. */
  refresh(us: number): void {
    if (!this.isOn || this.#setpoint === null) return;
    const complianceNv = this.#faults.complianceNv(us, this.#profile.instrument.complianceNv);
    if (complianceNv !== this.#complianceNv) this.drive(us, this.#setpoint);
    if (this.#profile.isLoad && !this.#isLoadIdle) this.#refreshLoad(us, this.#setpoint);
  }

  off(us: number, why: CellOffReason): void {
    this.source.open(us, why);
    this.#setpoint = null;
  }

  /**
   * A load sinks: it holds no voltage below 0 V and never charges the cell [modelled, not documented]. Looked
   * at when a sample is taken, so a cell may be drawn below 0 V for as long as one period.
   */
  #refreshLoad(us: number, setpoint: Setpoint): void {
    const { voltageNv, currentPa } = this.source.mean(us);
    if (setpoint.coupling === 'gal' && setpoint.currentPa < 0 && voltageNv < 0) {
      const complianceCurrentPa = Math.abs(setpoint.currentPa);
      this.source.set(us, { kind: 'voltage', voltageNv: 0, complianceCurrentPa });
      this.#isLoadIdle = true;
      if (this.source.mean(us).currentPa > 0) this.#idle(us);
    } else if (setpoint.coupling === 'pot' && currentPa > 0) this.#idle(us);
  }

  #idle(us: number): void {
    this.#isLoadIdle = true;
    this.source.set(us, { kind: 'current', currentPa: 0, complianceNv: this.#complianceNv });
  }

  #autoRanges({ numbers }: Settings): { readonly low: number; readonly high: number } {
    const high = rangeOfShunt(this.#profile, numbers['SESO:CRNG:AUTO:LLIM']);
    const low = rangeOfShunt(this.#profile, numbers['SESO:CRNG:AUTO:ULIM']);
    return { low: Math.min(low, high), high };
  }
}

function isEqual(one: Setpoint | null, other: Setpoint): boolean {
  if (one === null) return false;
  if (one.coupling === 'gal') return other.coupling === 'gal' && one.currentPa === other.currentPa;
  return other.coupling === 'pot' && one.voltageNv === other.voltageNv;
}
