// What the settings and the output state come to at the leads. The drive is derived from them anew after each
// change and put on the cell only where it differs, so no command has to know what it does to the cell.
// Must never open or close the relay for any other reason.
import type { SourceMeter, SourceSetting } from '../../board/source-meter.ts';
import type { Accuracy } from './accuracy.ts';
import { fullScaleOf, OVER_RANGE, type Profile, rangeFor } from './profiles.ts';
import type { Settings } from './settings.ts';

/** Resistance of both leads together, seen in 2-wire connection only. */
const LEAD_OHM = 0.1;
/** "Compliance is set to 0.5 % full scale of the present range" (p. 13-9). */
const OFF_SHARE = 0.005;

export interface OutputReading {
  readonly voltageV: number;
  readonly currentA: number;
  /** At the programmed limit. */
  readonly isAtCompliance: boolean;
  /** At the end of a fixed measurement range that is narrower than the programmed limit (p. 6-3). */
  readonly isAtRangeCompliance: boolean;
  /** At the over-voltage protection. */
  readonly isProtected: boolean;
}

interface Limit {
  readonly value: number;
  readonly by: 'compliance' | 'range' | 'protection';
}

export interface OutputStageOptions {
  readonly meter: SourceMeter;
  readonly accuracy: Accuracy;
  readonly profile: Profile;
}

export class OutputStage {
  readonly #meter: SourceMeter;
  readonly #accuracy: Accuracy;
  readonly #profile: Profile;
  #applied: SourceSetting = { kind: 'open' };
  #appliedRange = 0;
  isOn = false;
  /** The relay stays open after power-up, whatever the output-off state is (p. 13-11). */
  isHeldOpen = true;
  /** The level of a sweep, list or memory point; null: the fixed level. */
  sweepLevel: number | null = null;
  /** A fault: a current source gives up here, whatever limit is set. */
  faultLimitV = Number.POSITIVE_INFINITY;

  constructor({ meter, accuracy, profile }: OutputStageOptions) {
    this.#meter = meter;
    this.#accuracy = accuracy;
    this.#profile = profile;
  }

  /** Puts on the cell what the settings ask for. */
  apply(us: number, settings: Settings): void {
    const range = this.currentRange(settings);
    if (range !== this.#appliedRange) {
      this.#appliedRange = range;
      this.#meter.selectRange(us, range);
    }
    const wanted = this.isOn ? this.#onDrive(settings) : this.#offDrive(settings);
    if (isSame(wanted, this.#applied)) return;
    this.#applied = wanted;
    if (wanted.kind === 'open') this.#meter.open(us);
    else this.#meter.set(us, wanted);
  }

  /** Loses power: everything falls open. */
  powerDown(us: number): void {
    this.#meter.powerDown(us);
    this.#applied = { kind: 'open' };
  }

  /** Of the source when it is a current, of the meter otherwise; an index. */
  currentRange(settings: Settings): number {
    const { numbers, switches } = settings;
    const { currentRanges } = this.#profile;
    if (isCurrentSource(settings)) {
      if (!switches.isCurrentSourceAutoRange) return numbers.currentSourceRange;
      return rangeFor(currentRanges, this.levelOf(settings));
    }
    if (!switches.isCurrentAutoRange) return numbers.currentSenseRange;
    return rangeFor(currentRanges, numbers.currentComplianceA);
  }

  voltageRange(settings: Settings): number {
    const { numbers, switches } = settings;
    const { voltageRanges } = this.#profile;
    if (!isCurrentSource(settings)) {
      if (!switches.isVoltageSourceAutoRange) return numbers.voltageSourceRange;
      return rangeFor(voltageRanges, this.levelOf(settings));
    }
    if (!switches.isVoltageAutoRange) return numbers.voltageSenseRange;
    return rangeFor(voltageRanges, numbers.voltageComplianceV);
  }

  /** Level of the selected source, A or V. */
  levelOf(settings: Settings): number {
    const { numbers } = settings;
    return this.sweepLevel ?? (isCurrentSource(settings) ? numbers.currentLevelA : numbers.voltageLevelV);
  }

  /** True values at the leads, as this instrument's terminals see them; errors of the meter come later. */
  reading(us: number, settings: Settings): OutputReading {
    const { voltageNv, currentPa, isAtCompliance } = this.#meter.reading(us);
    const currentA = currentPa * 1e-12;
    const leadV = settings.switches.isFourWire ? 0 : currentA * LEAD_OHM;
    return {
      voltageV: voltageNv * 1e-9 + leadV,
      currentA,
      ...this.#limitState(settings, this.isOn && isAtCompliance),
    };
  }

  /** Is the limit holding the leads right now? */
  isLimited(us: number): boolean {
    return this.isOn && this.#meter.mean(us).isAtCompliance;
  }

  /** Resistance of what is between the leads; how auto-ohms finds its range. */
  loadOhm(us: number): number {
    return Math.abs(this.#meter.impedanceOhm(us, 1).real);
  }

  #limitState(
    settings: Settings,
    isLimited: boolean,
  ): Pick<OutputReading, 'isAtCompliance' | 'isAtRangeCompliance' | 'isProtected'> {
    const { by } = isCurrentSource(settings) ? this.#voltageLimit(settings) : this.#currentLimit(settings);
    const isClipped = !isCurrentSource(settings) && this.#isVoltageClipped(settings);
    return {
      isAtCompliance: isLimited && by === 'compliance',
      isAtRangeCompliance: isLimited && by === 'range',
      isProtected: this.isOn && ((isLimited && by === 'protection') || isClipped),
    };
  }

  #onDrive(settings: Settings): SourceSetting {
    return isCurrentSource(settings) ? this.#currentDrive(settings) : this.#voltageDrive(settings);
  }

  #currentDrive(settings: Settings): SourceSetting {
    const currentA = this.#accuracy.sourcedA(this.levelOf(settings), this.currentRange(settings));
    const leadV = settings.switches.isFourWire ? 0 : Math.abs(currentA) * LEAD_OHM;
    const limitV = Math.max(0, this.#voltageLimit(settings).value - leadV);
    return { kind: 'current', currentPa: currentA * 1e12, complianceNv: limitV * 1e9 };
  }

  #voltageDrive(settings: Settings): SourceSetting {
    const levelV = this.levelOf(settings);
    const limitV = this.#protectionV(settings);
    const clippedV = Math.max(-limitV, Math.min(limitV, levelV));
    const voltageV = this.#accuracy.sourcedV(clippedV, this.voltageRange(settings));
    const limitA = this.#currentLimit(settings).value;
    return { kind: 'voltage', voltageNv: voltageV * 1e9, complianceCurrentPa: limitA * 1e12 };
  }

  /** Output-off states (p. 13-9 to 13-11, 18-57). */
  #offDrive(settings: Settings): SourceSetting {
    const { offMode } = settings.words;
    if (this.isHeldOpen || offMode === 'HIMP') return { kind: 'open' };
    if (offMode === 'GUAR') {
      const currentA = this.#accuracy.sourcedA(0, this.currentRange(settings));
      const fullV = fullScaleOf(this.#profile.voltageRanges, this.voltageRange(settings));
      return { kind: 'current', currentPa: currentA * 1e12, complianceNv: fullV * OFF_SHARE * 1e9 };
    }
    const smallA = fullScaleOf(this.#profile.currentRanges, this.currentRange(settings)) * OFF_SHARE;
    const limitA = offMode === 'ZERO' ? this.#zeroLimitA(settings, smallA) : smallA;
    const voltageV = this.#accuracy.sourcedV(0, this.voltageRange(settings));
    return { kind: 'voltage', voltageNv: voltageV * 1e9, complianceCurrentPa: limitA * 1e12 };
  }

  #zeroLimitA(settings: Settings, smallA: number): number {
    if (!isCurrentSource(settings)) return this.#currentLimit(settings).value;
    return Math.max(Math.abs(this.levelOf(settings)), smallA);
  }

  #voltageLimit(settings: Settings): Limit {
    const { numbers, switches } = settings;
    const range = fullScaleOf(this.#profile.voltageRanges, numbers.voltageSenseRange) * OVER_RANGE;
    const compliance = Math.min(numbers.voltageComplianceV, this.faultLimitV);
    const limits: Limit[] = [{ value: compliance, by: 'compliance' }];
    if (!switches.isVoltageAutoRange) limits.push({ value: range, by: 'range' });
    limits.push({ value: this.#protectionV(settings), by: 'protection' });
    return smallestOf(limits);
  }

  #currentLimit(settings: Settings): Limit {
    const { numbers, switches } = settings;
    const range = fullScaleOf(this.#profile.currentRanges, numbers.currentSenseRange) * OVER_RANGE;
    const limits: Limit[] = [{ value: numbers.currentComplianceA, by: 'compliance' }];
    if (!switches.isCurrentAutoRange) limits.push({ value: range, by: 'range' });
    return smallestOf(limits);
  }

  #protectionV({ numbers }: Settings): number {
    return Math.min(numbers.voltageProtectionV, this.#profile.voltageMaxV);
  }

  #isVoltageClipped(settings: Settings): boolean {
    return Math.abs(this.levelOf(settings)) > this.#protectionV(settings);
  }
}

export function isCurrentSource({ words }: Settings): boolean {
  return words.sourceFunction === 'CURR';
}

/** The first of equal ones: a limit that is programmed counts before one that follows. */
function smallestOf(limits: readonly Limit[]): Limit {
  return limits.reduce((least, limit) => (limit.value < least.value ? limit : least));
}

function isSame(a: SourceSetting, b: SourceSetting): boolean {
  if (a.kind === 'current' && b.kind === 'current')
    return a.currentPa === b.currentPa && a.complianceNv === b.complianceNv;
  if (a.kind === 'voltage' && b.kind === 'voltage')
    return a.voltageNv === b.voltageNv && a.complianceCurrentPa === b.complianceCurrentPa;
  return a.kind === 'open' && b.kind === 'open';
}
