// A zinc battery: open-circuit curve, resistance, kinetics, and a surface that runs ahead of the mean charge;
// for protocols of constant current and constant voltage. Positive current charges, for the cathode is the
// working electrode. Must never depend on how often it is looked at.
import { assert } from '../../src/base/assert.ts';
import type { CellEvent, CellModel, CellTruth, CurrentRange, Drive, VoltageRange } from './cell-model.ts';
import { type FullCellLaw, HeldVoltage, polarisationV, shareRatePerS } from './full-cell-hold.ts';
import { thermalSlopeV } from './physics/constants.ts';
import {
  assertRising,
  type OpenCircuitPoint,
  openCircuitV,
  ZINC_MANGANESE_CURVE,
} from './physics/open-circuit-curve.ts';
import { rootOfRising } from './zinc/root.ts';

export interface FullCellParameters {
  readonly areaCm2: number;
  /** Of the electrode that limits, between share 0 and 1. */
  readonly capacityCPerCm2: number;
  readonly curve: readonly OpenCircuitPoint[];
  readonly resistanceOhmCm2: number;
  /** Of each electrode, alpha 1/2. */
  readonly exchangeAPerCm2: number;
  /** Time constant by which the surface runs ahead of the mean share. */
  readonly diffusionS: number;
  /** Share of the charging current that is stored; discharge yields all that was. */
  readonly coulombicEfficiency: number;
  readonly temperatureK: number;
  readonly initialShare: number;
}

/** 1 mAh/cm2 of MnO2 on a 12 mm disc against zinc, discharged; estimates throughout. */
export const FULL_CELL_DEFAULTS: FullCellParameters = {
  areaCm2: 1.13,
  capacityCPerCm2: 3.6,
  curve: ZINC_MANGANESE_CURVE,
  resistanceOhmCm2: 8,
  exchangeAPerCm2: 1e-3,
  diffusionS: 300,
  coulombicEfficiency: 0.995,
  temperatureK: 298.15,
  initialShare: 0,
};

/** A stretch of constant current, or what a held voltage has made of it. */
interface CurrentStretch {
  readonly kind: 'current';
  readonly density: number;
}

/**
 * With s the mean share of charge and l the lead of the surface: s' = r, l' = r - l/tau, V = U(s + l) + j R +
 * 2 b asinh(j/(2 j0)); r = j/Q in discharge, times the coulombic efficiency in charge. Exact under constant
 * current; a held voltage is solved on a grid of its own, see `HeldVoltage`.
 */
export class FullCell implements CellModel {
  readonly #parameters: FullCellParameters;
  readonly #law: FullCellLaw;
  #stretch: CurrentStretch | HeldVoltage = { kind: 'current', density: 0 };
  #startShare: number;
  #startLead = 0;
  #plateCPerCm2 = 0;
  #stripCPerCm2 = 0;

  /** At rest at `initialShare`. Asserts finite positive parameters, an efficiency <= 1 and a rising curve. */
  constructor(parameters: FullCellParameters = FULL_CELL_DEFAULTS) {
    const { curve, initialShare, ...positive } = parameters;
    for (const [name, value] of Object.entries(positive)) {
      assert(
        Number.isFinite(value) && value > 0,
        `full cell: ${name} must be finite and > 0, found ${value}`,
      );
    }
    assert(parameters.coulombicEfficiency <= 1, 'full cell: coulombicEfficiency must be <= 1');
    assert(
      initialShare >= 0 && initialShare <= 1,
      `initialShare must be within [0, 1], found ${initialShare}`,
    );
    assertRising(curve);
    this.#parameters = parameters;
    this.#law = { ...parameters, slopeV: thermalSlopeV(parameters.temperatureK) };
    this.#startShare = initialShare;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    const share = this.#share(elapsedS);
    const lead = this.#lead(elapsedS);
    const charge = this.#charge(elapsedS);
    this.#startShare = share;
    this.#startLead = lead;
    this.#plateCPerCm2 = charge.plateCPerCm2;
    this.#stripCPerCm2 = charge.stripCPerCm2;
    this.#stretch =
      drive.kind === 'current'
        ? { kind: 'current', density: drive.currentA / this.#parameters.areaCm2 }
        : new HeldVoltage(this.#law, { share, lead, voltageV: drive.voltageV });
  }

  voltageV(elapsedS: number): number {
    if (this.#stretch.kind === 'voltage') return this.#stretch.voltageV;
    return this.#voltageAtV(this.#share(elapsedS) + this.#lead(elapsedS), this.#stretch.density);
  }

  currentA(elapsedS: number): number {
    const { areaCm2 } = this.#parameters;
    if (this.#stretch.kind === 'voltage') return this.#stretch.stateAt(elapsedS).density * areaCm2;
    return this.#stretch.density * areaCm2;
  }

  /** Under constant current the surface turns round once at most, where what it had ahead decays faster. */
  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    const [fromV, untilV] = [this.voltageV(fromS), this.voltageV(untilS)];
    const turnS = this.#surfaceTurnsS();
    const turnV = turnS > fromS && turnS < untilS ? this.voltageV(turnS) : fromV;
    return { lowV: Math.min(fromV, untilV, turnV), highV: Math.max(fromV, untilV, turnV) };
  }

  currentRangeA(fromS: number, untilS: number): CurrentRange {
    const { areaCm2 } = this.#parameters;
    if (this.#stretch.kind === 'current') {
      const currentA = this.currentA(fromS);
      return { lowA: currentA, highA: currentA };
    }
    const { low, high } = this.#stretch.densityRange(fromS, untilS);
    return { lowA: low * areaCm2, highA: high * areaCm2 };
  }

  /** With the surface as it was when the running segment began: a battery's charge never settles. */
  steadyVoltageV(currentA: number): number {
    return this.#voltageAtV(this.#startShare + this.#startLead, currentA / this.#parameters.areaCm2);
  }

  /** The inverse of `steadyVoltageV`. */
  currentAtVoltageA(voltageV: number): number {
    const missV = (density: number): number =>
      this.steadyVoltageV(density * this.#parameters.areaCm2) - voltageV;
    const boundDensity = Math.abs(missV(0)) / this.#parameters.resistanceOhmCm2;
    return boundDensity === 0 ? 0 : rootOfRising(missV, 0, boundDensity) * this.#parameters.areaCm2;
  }

  truth(elapsedS: number): CellTruth {
    const { areaCm2 } = this.#parameters;
    const { plateCPerCm2, stripCPerCm2 } = this.#charge(elapsedS);
    const chargeShare = this.#share(elapsedS);
    return {
      plateChargeC: plateCPerCm2 * areaCm2,
      stripChargeC: stripCPerCm2 * areaCm2,
      hidden: { chargeShare, surfaceShare: chargeShare + this.#lead(elapsedS) },
    };
  }

  events(): readonly CellEvent[] {
    return [];
  }

  #voltageAtV(surfaceShare: number, density: number): number {
    return openCircuitV(this.#parameters.curve, surfaceShare) + polarisationV(this.#law, density);
  }

  #share(elapsedS: number): number {
    if (this.#stretch.kind === 'voltage') return this.#stretch.stateAt(elapsedS).share;
    return this.#startShare + shareRatePerS(this.#law, this.#stretch.density) * elapsedS;
  }

  #lead(elapsedS: number): number {
    if (this.#stretch.kind === 'voltage') return this.#stretch.stateAt(elapsedS).lead;
    const settled = this.#settledLead(this.#stretch.density);
    return settled + (this.#startLead - settled) * Math.exp(-elapsedS / this.#parameters.diffusionS);
  }

  #settledLead(density: number): number {
    return shareRatePerS(this.#law, density) * this.#parameters.diffusionS;
  }

  /** Where r = (l0 - r tau)/tau exp(-t/tau); NaN when there is no such instant. */
  #surfaceTurnsS(): number {
    if (this.#stretch.kind === 'voltage') return Number.NaN;
    const settled = this.#settledLead(this.#stretch.density);
    return this.#parameters.diffusionS * Math.log((this.#startLead - settled) / settled);
  }

  #charge(elapsedS: number): { readonly plateCPerCm2: number; readonly stripCPerCm2: number } {
    const { plateCPerCm2, stripCPerCm2 } =
      this.#stretch.kind === 'voltage' ? this.#stretch.stateAt(elapsedS) : chargeOf(this.#stretch, elapsedS);
    return {
      plateCPerCm2: this.#plateCPerCm2 + plateCPerCm2,
      stripCPerCm2: this.#stripCPerCm2 + stripCPerCm2,
    };
  }
}

function chargeOf(
  { density }: CurrentStretch,
  elapsedS: number,
): { readonly plateCPerCm2: number; readonly stripCPerCm2: number } {
  return {
    plateCPerCm2: Math.max(0, -density) * elapsedS,
    stripCPerCm2: Math.max(0, density) * elapsedS,
  };
}
