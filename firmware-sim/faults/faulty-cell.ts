// A cell that is shorted, or falls out of its leads, at an instant of its life. Exact before that instant,
// and in closed form after it, so that nothing depends on who looks or when. Must never change what the cell
// inside does before the fault.
//
//   leads --+--[ inner cell ]--+      leads --x   [ inner cell ] at rest
//           +--[ conductance ]-+      (a short)        (open)
import { assert } from '../../src/base/assert.ts';
import type {
  CellEvent,
  CellModel,
  CellTruth,
  CurrentRange,
  Drive,
  VoltageRange,
} from '../cell/cell-model.ts';
import { rootOfRising } from '../cell/zinc/root.ts';
import { besideConductance, type Impedance, impedanceOf } from './impedance-of.ts';

export type CellFault =
  | { readonly kind: 'hard-short' | 'soft-short-began'; readonly resistanceOhm: number }
  | { readonly kind: 'open-circuit' };

export interface FaultyCellOptions {
  readonly inner: CellModel;
  readonly fault: CellFault;
  /** Seconds of the cell's life. */
  readonly atS: number;
  /** For the event in the truth log. */
  readonly areaCm2: number;
}

/** Between leads that touch nothing, as of the cell `open-leads`. */
const OPEN_OHM = 1e9;
const AT_REST: Drive = { kind: 'current', currentA: 0 };
/** V; a first guess for the root finder where the cell has no voltage of its own. */
const SMALL_V = 1e-6;

interface Charge {
  readonly plateC: number;
  readonly stripC: number;
}

/**
 * A held voltage is exact: the cell has it too, and the conductance adds its own current. Under a held
 * current the leads take at once the voltage at which cell and conductance carry it together, as the cell is
 * at the start of the segment, and the cell is held there until the drive changes: double layer and diffusion
 * do not follow. For a short far below the cell's resistance that is nearly exact; a soft short loses the
 * bends of the voltage, and a battery at rest does not run down within one rest. Where the fault strikes
 * during a segment, the hidden state stands still until the drive changes. The exact law of soft shorts is in
 * the zinc cell itself (cells `soft-shorting`, `hard-shorting`).
 */
export class FaultyCell implements CellModel {
  readonly #options: FaultyCellOptions;
  readonly #inner: CellModel;
  readonly #conductanceS: number;
  #drive: Drive = AT_REST;
  /** Where the leads are under the running current once the fault has struck; null: not asked for yet. */
  #settledV: number | null = null;
  /** The cell's age at the start of the running segment. */
  #ageS = 0;
  /** What went through the leads until then; up to the fault it is what went through the cell. */
  #charge: Charge = { plateC: 0, stripC: 0 };
  #polarity = 0;
  #halfCycle = 0;
  #event: CellEvent | null = null;

  constructor(options: FaultyCellOptions) {
    const { inner, fault, atS, areaCm2 } = options;
    assert(atS >= 0 && areaCm2 > 0, `a fault needs atS >= 0 and an area > 0, found ${atS} and ${areaCm2}`);
    const isOpen = fault.kind === 'open-circuit';
    assert(isOpen || fault.resistanceOhm > 0, 'a short must have a resistance > 0');
    this.#options = options;
    this.#inner = inner;
    this.#conductanceS = isOpen ? 0 : 1 / fault.resistanceOhm;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    const charge = this.#chargeAt(elapsedS);
    if (this.#hasStruck(elapsedS)) this.#event = this.#strikeEvent();
    this.#endSegment(elapsedS, drive);
    this.#charge = charge;
    this.#drive = drive;
    this.#settledV = null;
    this.#ageS += elapsedS;
    // The cell has begun the segment as if it were alone: what it is held at follows from its state now.
    if (this.#hasStruck(0) && !this.#isOpen) this.#inner.switchTo(0, this.#innerDrive(drive));
    const polarity = Math.sign(this.currentA(0));
    if (polarity !== 0 && polarity !== this.#polarity) {
      this.#polarity = polarity;
      this.#halfCycle += 1;
    }
  }

  voltageV(elapsedS: number): number {
    if (!this.#hasStruck(elapsedS)) return this.#inner.voltageV(elapsedS);
    return this.#drive.kind === 'voltage' ? this.#drive.voltageV : this.#settledAtV(this.#drive.currentA);
  }

  currentA(elapsedS: number): number {
    if (this.#drive.kind === 'current') return this.#drive.currentA;
    if (!this.#hasStruck(elapsedS)) return this.#inner.currentA(elapsedS);
    const { voltageV } = this.#drive;
    if (this.#isOpen) return voltageV / OPEN_OHM;
    return this.#inner.currentA(elapsedS) + voltageV * this.#conductanceS;
  }

  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    if (!this.#hasStruck(untilS)) return this.#inner.voltageRangeV(fromS, untilS);
    const afterV = this.voltageV(untilS);
    if (this.#hasStruck(fromS)) return { lowV: afterV, highV: afterV };
    const before = this.#inner.voltageRangeV(fromS, this.#strikeS);
    return { lowV: Math.min(before.lowV, afterV), highV: Math.max(before.highV, afterV) };
  }

  currentRangeA(fromS: number, untilS: number): CurrentRange {
    if (this.#drive.kind === 'current') return { lowA: this.#drive.currentA, highA: this.#drive.currentA };
    const inner = this.#inner.currentRangeA(fromS, untilS);
    if (!this.#hasStruck(untilS)) return inner;
    const besideA = this.#drive.voltageV * this.#conductanceS;
    const openA = this.currentA(untilS);
    const after = this.#isOpen
      ? { lowA: openA, highA: openA }
      : { lowA: inner.lowA + besideA, highA: inner.highA + besideA };
    if (this.#hasStruck(fromS)) return after;
    return { lowA: Math.min(inner.lowA, after.lowA), highA: Math.max(inner.highA, after.highA) };
  }

  /** By the cell as it was at the start of the running segment: a fault that struck since is not in it. */
  steadyVoltageV(currentA: number): number {
    return this.#hasStruck(0) ? this.#faultyVoltageV(currentA) : this.#inner.steadyVoltageV(currentA);
  }

  currentAtVoltageA(voltageV: number): number {
    if (!this.#hasStruck(0)) return this.#inner.currentAtVoltageA(voltageV);
    return this.#isOpen ? voltageV / OPEN_OHM : this.#sharedCurrentA(voltageV);
  }

  impedanceOhm(elapsedS: number, frequencyHz: number): Impedance {
    const hasStruck = this.#hasStruck(elapsedS);
    if (hasStruck && this.#isOpen) return { real: OPEN_OHM, imaginary: 0 };
    const inner = impedanceOf(this.#inner, this.#innerS(elapsedS), frequencyHz);
    return hasStruck ? besideConductance(inner, this.#conductanceS) : inner;
  }

  truth(elapsedS: number): CellTruth {
    const { plateC, stripC } = this.#chargeAt(elapsedS);
    const { hidden } = this.#inner.truth(this.#innerS(elapsedS));
    const hasStruck = this.#hasStruck(elapsedS);
    const fault = {
      faultConductanceS: hasStruck ? this.#conductanceS : 0,
      faultOpenLeads: hasStruck && this.#isOpen ? 1 : 0,
    };
    return { plateChargeC: plateC, stripChargeC: stripC, hidden: { ...hidden, ...fault } };
  }

  /** The cell's own with that of the fault between them. */
  events(elapsedS: number): readonly CellEvent[] {
    const own = this.#event ?? (this.#hasStruck(elapsedS) ? this.#strikeEvent() : null);
    const inner = this.#inner.events(this.#innerS(elapsedS));
    if (own === null) return inner;
    const before = inner.filter(({ lifeS }) => lifeS <= own.lifeS);
    return [...before, own, ...inner.slice(before.length)];
  }

  get #isOpen(): boolean {
    return this.#options.fault.kind === 'open-circuit';
  }

  /** The fault, counted from the start of the running segment; not after 0 once it has struck. */
  get #strikeS(): number {
    return this.#options.atS - this.#ageS;
  }

  #hasStruck(elapsedS: number): boolean {
    return elapsedS >= this.#strikeS;
  }

  /** Inside the segment of the strike the drive of the cell changes with it, unless it is held by voltage. */
  get #isInnerTurnedByStrike(): boolean {
    return this.#strikeS > 0 && (this.#isOpen || this.#drive.kind === 'current');
  }

  /** Up to when the inner cell's own segment tells what happens to it. */
  #innerS(elapsedS: number): number {
    return this.#isInnerTurnedByStrike ? Math.min(elapsedS, this.#strikeS) : elapsedS;
  }

  #endSegment(elapsedS: number, drive: Drive): void {
    const next = this.#hasStruck(elapsedS) && this.#isOpen ? AT_REST : drive;
    const innerS = this.#innerS(elapsedS);
    if (innerS < elapsedS) this.#inner.switchTo(innerS, this.#innerDrive(this.#drive));
    this.#inner.switchTo(innerS < elapsedS ? elapsedS - innerS : elapsedS, next);
  }

  /** What is left to the cell of a drive of the leads. */
  #innerDrive(drive: Drive): Drive {
    if (this.#isOpen) return AT_REST;
    return drive.kind === 'voltage' ? drive : { kind: 'voltage', voltageV: this.#settledAtV(drive.currentA) };
  }

  #settledAtV(currentA: number): number {
    this.#settledV ??= this.#faultyVoltageV(currentA);
    return this.#settledV;
  }

  /** The voltage at which cell and fault carry the current together. */
  #faultyVoltageV(currentA: number): number {
    if (this.#isOpen) return currentA * OPEN_OHM;
    const aloneV = Math.abs(this.#inner.steadyVoltageV(currentA));
    const scaleV = Math.min(aloneV, Math.abs(currentA) / this.#conductanceS);
    const missA = (voltageV: number): number => this.#sharedCurrentA(voltageV) - currentA;
    return rootOfRising(missA, 0, Math.max(scaleV, SMALL_V));
  }

  #sharedCurrentA(voltageV: number): number {
    return this.#inner.currentAtVoltageA(voltageV) + voltageV * this.#conductanceS;
  }

  /** Where the current turns round under a held voltage, the stretch goes to the polarity of its sum. */
  #chargeAt(elapsedS: number): Charge {
    if (!this.#hasStruck(elapsedS)) return chargeOf(this.#inner.truth(elapsedS));
    const strikeS = Math.max(0, this.#strikeS);
    const start = this.#strikeS > 0 ? chargeOf(this.#inner.truth(strikeS)) : this.#charge;
    const netC = this.#netSinceC(strikeS, elapsedS);
    return { plateC: start.plateC + Math.max(0, -netC), stripC: start.stripC + Math.max(0, netC) };
  }

  #netSinceC(strikeS: number, elapsedS: number): number {
    const sinceS = elapsedS - strikeS;
    if (this.#drive.kind === 'current') return this.#drive.currentA * sinceS;
    if (this.#isOpen) return (this.#drive.voltageV / OPEN_OHM) * sinceS;
    const innerC = netOf(this.#inner.truth(elapsedS)) - netOf(this.#inner.truth(strikeS));
    return innerC + this.#drive.voltageV * this.#conductanceS * sinceS;
  }

  #strikeEvent(): CellEvent {
    if (this.#event !== null) return this.#event;
    const { fault, atS, areaCm2 } = this.#options;
    const { plateC, stripC } = this.#chargeAt(Math.max(0, this.#strikeS));
    return {
      kind: fault.kind,
      lifeS: atS,
      throughputCPerCm2: (plateC + stripC) / areaCm2,
      halfCycle: this.#halfCycle,
      detail: fault.kind === 'open-circuit' ? {} : { resistanceOhm: fault.resistanceOhm },
    };
  }
}

function chargeOf({ plateChargeC, stripChargeC }: CellTruth): Charge {
  return { plateC: plateChargeC, stripC: stripChargeC };
}

function netOf({ plateChargeC, stripChargeC }: CellTruth): number {
  return stripChargeC - plateChargeC;
}
