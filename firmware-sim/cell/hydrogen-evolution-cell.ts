// An inert working electrode against zinc in an electrolyte without zinc salt: hydrogen evolution, its double
// layer and an ohmic resistance, for potential sweeps in stairs of held voltage. Voltages are those against
// zinc, whose own polarisation is left out. Must never step a differential equation.
import { assert } from '../../src/base/assert.ts';
import type { CellEvent, CellModel, CellTruth, CurrentRange, Drive, VoltageRange } from './cell-model.ts';
import { relaxationRatePerS, relaxedDeviation } from './physics/double-layer.ts';
import { hydrogenVsZincV, ZINC_POTENTIAL_V } from './physics/hydrogen.ts';
import { steadyReduced } from './physics/kinetics.ts';
import { rootOfRising } from './zinc/root.ts';

export interface HydrogenEvolutionParameters {
  readonly areaCm2: number;
  readonly exchangeAPerCm2: number;
  readonly slopeVPerDecade: number;
  readonly pH: number;
  /** Of the zinc counter electrode, V vs SHE. */
  readonly zincPotentialV: number;
  readonly doubleLayerFPerCm2: number;
  readonly resistanceOhmCm2: number;
}

/** A titanium foil in 2 M Na2SO4 of the acidity of ZnSO4; slope and exchange current are estimates. */
export const HYDROGEN_EVOLUTION_DEFAULTS: HydrogenEvolutionParameters = {
  areaCm2: 1.13,
  exchangeAPerCm2: 1e-8,
  slopeVPerDecade: 0.12,
  pH: 4.2,
  zincPotentialV: ZINC_POTENTIAL_V,
  doubleLayerFPerCm2: 40e-6,
  resistanceOhmCm2: 2,
};

/** exp(-745) is the last double above zero: beyond it a transient is over to the last bit. */
const LAST_EXPONENT = 745;

/**
 * C b dw/dt = j - 2 j0 sinh w with w = (E - E_H)/b and b = b_H/ln 10: rest at the hydrogen electrode's
 * potential E_H and, from some 50 mV below it on, a Tafel line of b_H a decade.
 *
 * Under a held current this is solved exactly. Under a held voltage V = E + j R the exact solution has no
 * closed form; the transient is that of the equation linearised about its end, w = W + (w0 - W) exp(-k t)
 * with k = (1/R + 2 j0 cosh(W)/b)/C. Its first current and its end are exact, and so is all between for steps
 * that are small against b. Charge and hydrogen follow from the same w: they add up for steps of any size.
 */
export class HydrogenEvolutionCell implements CellModel {
  readonly #parameters: HydrogenEvolutionParameters;
  readonly #scaleV: number;
  readonly #equilibriumV: number;
  #drive: Drive = { kind: 'current', currentA: 0 };
  #startReduced = 0;
  #endReduced = 0;
  #ratePerS = 0;
  #plateCPerCm2 = 0;
  #stripCPerCm2 = 0;

  /** At rest, at the potential of the hydrogen electrode. Asserts finite parameters, positive but for pH. */
  constructor(parameters: HydrogenEvolutionParameters = HYDROGEN_EVOLUTION_DEFAULTS) {
    for (const [name, value] of Object.entries(parameters)) {
      const isAllowed = Number.isFinite(value) && (value > 0 || name === 'pH' || name === 'zincPotentialV');
      assert(isAllowed, `hydrogen evolution: ${name} must be finite and > 0, found ${value}`);
    }
    this.#parameters = parameters;
    this.#scaleV = parameters.slopeVPerDecade / Math.LN10;
    this.#equilibriumV = hydrogenVsZincV(parameters.pH, parameters.zincPotentialV);
    this.#begin(0, this.#drive);
  }

  switchTo(elapsedS: number, drive: Drive): void {
    const reduced = this.#reduced(elapsedS);
    const charge = this.#charge(elapsedS);
    this.#plateCPerCm2 = charge.plateCPerCm2;
    this.#stripCPerCm2 = charge.stripCPerCm2;
    this.#begin(reduced, drive);
  }

  voltageV(elapsedS: number): number {
    if (this.#drive.kind === 'voltage') return this.#drive.voltageV;
    return this.#electrodeV(elapsedS) + this.#density(elapsedS) * this.#parameters.resistanceOhmCm2;
  }

  currentA(elapsedS: number): number {
    return this.#density(elapsedS) * this.#parameters.areaCm2;
  }

  /** The double layer charges without turning round, so the ends enclose what lies between. */
  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    const [fromV, untilV] = [this.voltageV(fromS), this.voltageV(untilS)];
    return { lowV: Math.min(fromV, untilV), highV: Math.max(fromV, untilV) };
  }

  /** Under a held voltage it decays to its end without turning round. */
  currentRangeA(fromS: number, untilS: number): CurrentRange {
    const [fromA, untilA] = [this.currentA(fromS), this.currentA(untilS)];
    return { lowA: Math.min(fromA, untilA), highA: Math.max(fromA, untilA) };
  }

  steadyVoltageV(currentA: number): number {
    const density = currentA / this.#parameters.areaCm2;
    const reduced = steadyReduced(density, this.#parameters.exchangeAPerCm2);
    return this.#equilibriumV + this.#scaleV * reduced + density * this.#parameters.resistanceOhmCm2;
  }

  currentAtVoltageA(voltageV: number): number {
    const reduced = this.#steadyReducedAt(voltageV);
    return 2 * this.#parameters.exchangeAPerCm2 * Math.sinh(reduced) * this.#parameters.areaCm2;
  }

  truth(elapsedS: number): CellTruth {
    const { areaCm2, doubleLayerFPerCm2 } = this.#parameters;
    const { plateCPerCm2, stripCPerCm2 } = this.#charge(elapsedS);
    // What went in by negative current and is not on the double layer has made hydrogen; the double layer was
    // empty at E_H, where w = 0.
    const storedCPerCm2 = doubleLayerFPerCm2 * this.#scaleV * this.#reduced(elapsedS);
    return {
      plateChargeC: plateCPerCm2 * areaCm2,
      stripChargeC: stripCPerCm2 * areaCm2,
      hidden: {
        hydrogenChargeC: (plateCPerCm2 - stripCPerCm2 + storedCPerCm2) * areaCm2,
        electrodeVsZincV: this.#electrodeV(elapsedS),
      },
    };
  }

  events(): readonly CellEvent[] {
    return [];
  }

  #begin(reduced: number, drive: Drive): void {
    const { exchangeAPerCm2: exchange, doubleLayerFPerCm2, resistanceOhmCm2, areaCm2 } = this.#parameters;
    this.#drive = drive;
    this.#startReduced = reduced;
    if (drive.kind === 'current') {
      const density = drive.currentA / areaCm2;
      this.#endReduced = steadyReduced(density, exchange);
      this.#ratePerS = relaxationRatePerS({ density, exchange, doubleLayerFPerCm2, slopeV: this.#scaleV });
    } else {
      this.#endReduced = this.#steadyReducedAt(drive.voltageV);
      const faradaicPerOhmCm2 = (2 * exchange * Math.cosh(this.#endReduced)) / this.#scaleV;
      this.#ratePerS = (1 / resistanceOhmCm2 + faradaicPerOhmCm2) / doubleLayerFPerCm2;
    }
  }

  #reduced(elapsedS: number): number {
    const exponent = elapsedS * this.#ratePerS;
    const deviation = this.#startReduced - this.#endReduced;
    if (exponent >= LAST_EXPONENT || deviation === 0) return this.#endReduced;
    const isHeldCurrent = this.#drive.kind === 'current';
    const left = isHeldCurrent
      ? relaxedDeviation(deviation, this.#endReduced, exponent)
      : deviation * Math.exp(-exponent);
    return this.#endReduced + left;
  }

  #electrodeV(elapsedS: number): number {
    return this.#equilibriumV + this.#scaleV * this.#reduced(elapsedS);
  }

  #density(elapsedS: number): number {
    if (this.#drive.kind === 'current') return this.#drive.currentA / this.#parameters.areaCm2;
    return (this.#drive.voltageV - this.#electrodeV(elapsedS)) / this.#parameters.resistanceOhmCm2;
  }

  /** What the leads have carried at each polarity; a held current changes its sign once at most. */
  #charge(elapsedS: number): { readonly plateCPerCm2: number; readonly stripCPerCm2: number } {
    const turnS = Math.min(elapsedS, this.#currentTurnsS());
    const first = this.#passedCPerCm2(turnS);
    const second = this.#passedCPerCm2(elapsedS) - first;
    return {
      plateCPerCm2: this.#plateCPerCm2 + Math.max(0, -first) + Math.max(0, -second),
      stripCPerCm2: this.#stripCPerCm2 + Math.max(0, first) + Math.max(0, second),
    };
  }

  /** Integral of the current density from the start of the segment. */
  #passedCPerCm2(elapsedS: number): number {
    if (this.#drive.kind === 'current') return this.#density(0) * elapsedS;
    const settled = -Math.expm1(-elapsedS * this.#ratePerS) / this.#ratePerS;
    return this.#density(Number.POSITIVE_INFINITY) * elapsedS + this.#transientDensity() * settled;
  }

  /** When the current passes through zero: J + j1 exp(-k t) = 0; Infinity when it does not. */
  #currentTurnsS(): number {
    if (this.#drive.kind === 'current') return Number.POSITIVE_INFINITY;
    const ratio = -this.#transientDensity() / this.#density(Number.POSITIVE_INFINITY);
    return ratio > 1 ? Math.log(ratio) / this.#ratePerS : Number.POSITIVE_INFINITY;
  }

  /** By how much a held voltage's first current exceeds its last. */
  #transientDensity(): number {
    return (this.#scaleV * (this.#endReduced - this.#startReduced)) / this.#parameters.resistanceOhmCm2;
  }

  /** The w at which kinetics and resistance share `voltageV`: b w + 2 R j0 sinh w = V - E_H. */
  #steadyReducedAt(voltageV: number): number {
    const { exchangeAPerCm2, resistanceOhmCm2 } = this.#parameters;
    const excessV = voltageV - this.#equilibriumV;
    const sinhV = 2 * resistanceOhmCm2 * exchangeAPerCm2;
    // Either share alone is at most the whole: that bounds w.
    const boundReduced = Math.min(Math.abs(excessV) / this.#scaleV, Math.asinh(Math.abs(excessV) / sinhV));
    const missV = (reduced: number): number => this.#scaleV * reduced + sinhV * Math.sinh(reduced) - excessV;
    return boundReduced === 0 ? 0 : rootOfRising(missV, 0, boundReduced);
  }
}
