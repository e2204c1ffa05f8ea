// Everything that changes in a zinc cell, at one instant, and what a reversal of the current does to it.
// States are never changed in place: a piece of time begins with one and makes the next.
import { type CellEvent, type CellEventKind } from '../cell-model.ts';
import type { DiffusionModes } from '../physics/diffusion.ts';
import { hydrogenCurrentAPerCm2 } from '../physics/hydrogen.ts';
import { damagePerC, deadShareOf, fusesAtReversal } from './ageing.ts';
import { type BridgeState, NO_BRIDGE } from './bridge.ts';
import { type CellNature, createDiffusion } from './cell-nature.ts';
import { type ElectrodeState, freshElectrode } from './electrode.ts';
import { hasZinc } from './surface.ts';

export interface CellState {
  readonly lifeS: number;
  /** Charge through the leads, both polarities together; per cm2. */
  readonly throughputC: number;
  /** Charge through the bridge, both polarities together, and what strips less what plates. */
  readonly shortedC: number;
  readonly shortedNetC: number;
  /** Of the half-cycle under way, and of the one before. */
  readonly halfCycleC: number;
  readonly lastHalfCycleC: number;
  /** How far the cell is on its way to the hard short. */
  readonly damage: number;
  readonly halfCycle: number;
  /** Sign of the last current; 0 before the first. */
  readonly polarity: number;
  readonly working: ElectrodeState;
  readonly counter: ElectrodeState;
  /** Its stretch begins with this state. */
  readonly diffusion: DiffusionModes;
  readonly bridge: BridgeState;
  readonly filmOhmCm2: number;
  readonly contactOhmCm2: number;
  /** Of the area, under gas. */
  readonly coveredShare: number;
  readonly dryFactor: number;
  readonly isDry: boolean;
  readonly isOpen: boolean;
  /** Next in the script and in the list of soft shorts. */
  readonly nextMark: number;
  readonly nextSoft: number;
  readonly hasHardShort: boolean;
}

const COULOMBS_PER_AH = 3600;
const NO_CURRENT = 0;

export function freshState(nature: CellNature): CellState {
  return {
    lifeS: 0,
    throughputC: 0,
    shortedC: 0,
    shortedNetC: 0,
    halfCycleC: 0,
    lastHalfCycleC: 0,
    damage: 0,
    halfCycle: 0,
    polarity: NO_CURRENT,
    working: freshElectrode(nature.working),
    counter: freshElectrode(nature.counter),
    diffusion: createDiffusion(nature.parameters),
    bridge: NO_BRIDGE,
    filmOhmCm2: filmOhmCm2(nature, 0, 0),
    contactOhmCm2: 0,
    coveredShare: 0,
    dryFactor: 1,
    isDry: false,
    isOpen: false,
    nextMark: 0,
    nextSoft: 0,
    hasHardShort: false,
  };
}

export function eventOf(
  kind: CellEventKind,
  state: CellState,
  detail: Readonly<Record<string, number>> = {},
): CellEvent {
  const { lifeS, throughputC, halfCycle } = state;
  return { kind, lifeS, throughputCPerCm2: throughputC, halfCycle, detail };
}

/** What a current of this sign does first: on a reversal a new half-cycle begins. */
export function underCurrent(
  nature: CellNature,
  state: CellState,
  density: number,
): { readonly state: CellState; readonly events: readonly CellEvent[] } {
  if (density === 0) return { state, events: [] };
  if (Math.sign(density) === state.polarity) return { state: evolving(nature, state, density), events: [] };
  const halfCycle = state.halfCycle + 1;
  const platedC = state.throughputC / 2;
  const next: CellState = {
    ...state,
    halfCycle,
    polarity: Math.sign(density),
    lastHalfCycleC: state.halfCycleC,
    halfCycleC: 0,
    filmOhmCm2: filmOhmCm2(nature, (halfCycle - 1) / 2, platedC),
    working: reversed(nature, state, 'working', density),
    counter: reversed(nature, state, 'counter', -density),
  };
  const { bridge } = state;
  const { shorts } = nature.parameters;
  const isSoft = bridge.kind === 'soft' && shorts !== null;
  if (isSoft && fusesAtReversal(shorts, nature.identity, { number: bridge.number, halfCycle })) {
    const ended = { ...next, bridge: NO_BRIDGE };
    return { state: ended, events: [eventOf('soft-short-ended', ended, { number: bridge.number })] };
  }
  return { state: next, events: [] };
}

/** An electrode whose current turns round: plating begins anew, or the fresh deposit is counted. */
function reversed(
  nature: CellNature,
  cell: CellState,
  which: 'working' | 'counter',
  density: number,
): ElectrodeState {
  const state = cell[which];
  const { identity, parameters } = nature;
  const { deposit, losses } = parameters;
  if (density > 0) {
    // Nothing but charge of this plating tells over what width fresh zinc gives way to bulk. Never over none:
    // a bridge may let zinc grow at rest, without a reversal.
    const freshWidthC = state.freshC > 0 ? deposit.freshWidth * state.freshC : deposit.coverageCPerCm2;
    return { ...state, freshWidthC };
  }
  const number = state.platings + 1;
  return {
    ...state,
    freshC: 0,
    // While it grows a deposit becomes "fresh zinc" over the width that the one before it had.
    freshWidthC: Math.max(state.freshWidthC, deposit.coverageCPerCm2),
    platedC: 0,
    platings: number,
    isForeign: !hasZinc(state),
    hydrogenShare: hydrogenShare(nature, -density),
    deadShare: deadShareOf(losses, identity, { electrode: which, number, scale: nature.deadScale[which] }),
  };
}

/** Plating goes on, perhaps at another current: hydrogen takes another share. */
function evolving(nature: CellNature, state: CellState, density: number): CellState {
  const share = hydrogenShare(nature, Math.abs(density));
  const which = density < 0 ? 'working' : 'counter';
  return { ...state, [which]: { ...state[which], hydrogenShare: share } };
}

/** f_H = j_H/|j| at the overpotential that this density of plating has on bulk zinc. */
function hydrogenShare({ parameters, exchange, slopeV }: CellNature, density: number): number {
  const { losses } = parameters;
  const hydrogen = hydrogenCurrentAPerCm2({
    exchangeAPerCm2: losses.hydrogenExchangeAPerCm2,
    slopeVPerDecade: losses.hydrogenSlopeVPerDecade,
    pH: losses.pH,
    overpotentialV: slopeV * Math.asinh(density / (2 * exchange)),
  });
  return Math.min(1, hydrogen / density);
}

/** Both electrodes' films: R_f(n, Q) = conditioning + parabolic growth + late wear. */
function filmOhmCm2(nature: CellNature, cycle: number, platedC: number): number {
  const film = nature.parameters.film;
  const conditioning =
    (film.initialOhmCm2 - film.conditionedOhmCm2) * Math.exp(-cycle / film.conditioningCycles);
  const growth = film.growthOhmCm2 * Math.sqrt(platedC / COULOMBS_PER_AH);
  const wear = film.wearOhmCm2 * (platedC / film.wearCPerCm2) ** film.wearExponent;
  return 2 * (film.conditionedOhmCm2 + conditioning + growth + wear);
}

/** Damage per C/cm2 through the electrolyte: half of it plates each electrode. */
export function damageRatePerC(nature: CellNature, state: CellState, density: number): number {
  const { shorts } = nature.parameters;
  if (shorts === null || density === 0) return 0;
  const halfCycleC = state.lastHalfCycleC > 0 ? state.lastHalfCycleC : shorts.referenceCPerCm2;
  return damagePerC(shorts, { density, halfCycleC }) / 2;
}
