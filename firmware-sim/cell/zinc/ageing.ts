// What will happen to a cell by itself: the drawn law of its shorts, and the script somebody wrote for it.
// Marks are charges and damage, never times or samples, so a trace cannot depend on how it was looked at.
// All draws are keyed by (seed, cell, purpose, number).
import { assert } from '../../../src/base/assert.ts';
import { normalAt, randomKey, uniformAt } from '../../../src/base/prng.ts';
import type { LossParameters, ScriptedEvent, ShortParameters } from '../zinc-parameters.ts';

export interface CellIdentity {
  readonly seed: number;
  /** Tells cells of one seed apart. */
  readonly cell: number;
}

/**
 * One soft short of the drawn law. Damage is charge over Weibull scale: it adds up over changing
 * conditions.
 */
export interface SoftShort {
  readonly number: number;
  readonly atDamage: number;
  readonly conductanceS: number;
  readonly onsetS: number;
}

export interface ShortLaw {
  readonly softShorts: readonly SoftShort[];
  readonly hardAtDamage: number;
  readonly hardConductanceS: number;
}

/**
 * Weibull law in the charge domain: D = E^(1/beta), E ~ Exp(1). Soft shorts come before it at a rate that
 * rises linearly from their beginning: a Poisson process whose count by damage D is N ((D - D_s)/(D_h -
 * D_s))^2.
 */
export function drawShortLaw(shorts: ShortParameters | null, identity: CellIdentity): ShortLaw {
  if (shorts === null) return { softShorts: [], hardAtDamage: Number.POSITIVE_INFINITY, hardConductanceS: 0 };
  const draw = (purpose: string, index = 0): number => uniform(identity, purpose, index);
  const hardAtDamage = (-Math.log(draw('hard'))) ** (1 / shorts.shape);
  const [from, until] = shorts.softFrom;
  const softAtDamage = hardAtDamage * (from + (until - from) * draw('soft-from'));
  const softShorts: SoftShort[] = [];
  let count = -Math.log(draw('soft', 0));
  while (count < shorts.softEvents) {
    const number = softShorts.length + 1;
    const share = Math.sqrt(count / shorts.softEvents);
    const spread = Math.exp(shorts.softSpread * normal(identity, 'soft-conductance', number));
    const [shortest, longest] = shorts.softOnsetS;
    softShorts.push({
      number,
      atDamage: softAtDamage + (hardAtDamage - softAtDamage) * share,
      conductanceS: shorts.softConductanceSPerCm2 * spread * (1 + number / 5),
      onsetS: shortest + (longest - shortest) * draw('soft-onset', number),
    });
    count -= Math.log(draw('soft', number));
  }
  const [least, most] = shorts.hardConductanceSPerCm2;
  return { softShorts, hardAtDamage, hardConductanceS: least * (most / least) ** draw('hard-conductance') };
}

/** Damage per C/cm2 plated on one electrode: 1/Q_c, Q_c = Q_ref (j/j_ref)^-p (q/q_ref)^-r. */
export function damagePerC(
  shorts: ShortParameters,
  conditions: { readonly density: number; readonly halfCycleC: number },
): number {
  const byCurrent = (Math.abs(conditions.density) / shorts.referenceAPerCm2) ** shorts.currentExponent;
  const byCharge = (conditions.halfCycleC / shorts.referenceCPerCm2) ** shorts.chargeExponent;
  return (byCurrent * byCharge) / shorts.scaleCPerCm2;
}

/** Whether soft short `number` burns through at the reversal that begins half-cycle `halfCycle`. */
export function fusesAtReversal(
  shorts: ShortParameters,
  identity: CellIdentity,
  at: { readonly number: number; readonly halfCycle: number },
): boolean {
  return uniform(identity, `fuse-${at.number}`, at.halfCycle) < shorts.fusePerHalfCycle;
}

/** phi of plating `number` (from 1) of an electrode: log-normal around its mean, never above 1. */
export function deadShareOf(
  losses: LossParameters,
  identity: CellIdentity,
  at: { readonly electrode: 'working' | 'counter'; readonly number: number; readonly scale: number },
): number {
  if (losses.deadFraction === 0) return 0;
  return Math.min(1, losses.deadFraction * rawShare(losses, identity, at) * at.scale);
}

/** Makes the mean of the first N shares exactly `deadFraction`; 1 where no such bond is asked for. */
export function deadShareScale(
  losses: LossParameters,
  identity: CellIdentity,
  electrode: 'working' | 'counter',
): number {
  const count = losses.deadExactOver;
  if (count === 0) return 1;
  let total = 0;
  for (let number = 1; number <= count; number += 1)
    total += rawShare(losses, identity, { electrode, number });
  return count / total;
}

function rawShare(
  losses: LossParameters,
  identity: CellIdentity,
  at: { readonly electrode: string; readonly number: number },
): number {
  const sigma = losses.deadSpread;
  return Math.exp(sigma * normal(identity, `dead-${at.electrode}`, at.number) - (sigma * sigma) / 2);
}

/** One instant of the script: an event begins, or what it began ends. */
export interface ScriptMark {
  readonly atPlatedC: number;
  readonly event: ScriptedEvent;
  readonly isEnd: boolean;
}

/** The script as marks in the order in which they come. */
export function scriptMarks(script: readonly ScriptedEvent[]): readonly ScriptMark[] {
  const marks = script.flatMap((event): ScriptMark[] => {
    assert(event.atPlatedCPerCm2 >= 0, `a scripted event needs a mark >= 0, found ${event.atPlatedCPerCm2}`);
    const begin = { atPlatedC: event.atPlatedCPerCm2, event, isEnd: false };
    if (!('lastsPlatedCPerCm2' in event) || event.lastsPlatedCPerCm2 === Number.POSITIVE_INFINITY)
      return [begin];
    return [begin, { ...begin, atPlatedC: begin.atPlatedC + event.lastsPlatedCPerCm2, isEnd: true }];
  });
  return marks.sort((a, b) => a.atPlatedC - b.atPlatedC);
}

function uniform({ seed, cell }: CellIdentity, purpose: string, index: number): number {
  return uniformAt(randomKey(seed, `cell-${purpose}`, cell), index);
}

function normal({ seed, cell }: CellIdentity, purpose: string, index: number): number {
  return normalAt(randomKey(seed, `cell-${purpose}`, cell), index);
}
