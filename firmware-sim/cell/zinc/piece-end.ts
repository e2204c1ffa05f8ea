// What ends a piece of time in a zinc cell, when, and what is different after it. Events are roots of closed
// forms: charges over currents; the only ends that are not events are those of the cell's own grid.
import type { CellEvent } from '../cell-model.ts';
import type { ScriptedEvent } from '../zinc-parameters.ts';
import { NO_BRIDGE } from './bridge.ts';
import type { CellNature } from './cell-nature.ts';
import { type CellState, damageRatePerC, eventOf } from './cell-state.ts';

export type PieceEnd =
  | 'never'
  | 'grid'
  | 'working'
  | 'counter'
  | 'script'
  | 'soft'
  | 'hard'
  | 'dry'
  | 'dissolved';

export interface PieceRates {
  readonly ionic: number;
  readonly terminal: number;
  readonly workingEndS: number;
  readonly counterEndS: number;
  readonly dissolvedS: number;
  readonly gridS: number;
}

/** A cell without electrolyte: what is left of it conducts this much worse. */
const DRY_FACTOR = 100;

/** The earliest end. Where two come at one instant the first in this list goes first, the other next. */
export function nextEnd(
  nature: CellNature,
  state: CellState,
  rates: PieceRates,
): { readonly inS: number; readonly end: PieceEnd } {
  let inS = Number.POSITIVE_INFINITY;
  let end: PieceEnd = 'never';
  const consider = (candidateS: number, candidate: PieceEnd): void => {
    if (candidateS >= inS) return;
    inS = Math.max(0, candidateS);
    end = candidate;
  };
  const { law, marks } = nature;
  const damagePerS = damageRatePerC(nature, state, rates.ionic) * Math.abs(rates.ionic);
  const mark = marks[state.nextMark];
  const soft = law.softShorts[state.nextSoft];
  consider(rates.workingEndS, 'working');
  consider(rates.counterEndS, 'counter');
  if (mark !== undefined && rates.terminal !== 0)
    consider((mark.atPlatedC - state.throughputC / 2) / (Math.abs(rates.terminal) / 2), 'script');
  if (soft !== undefined && damagePerS > 0) consider((soft.atDamage - state.damage) / damagePerS, 'soft');
  if (!state.hasHardShort && damagePerS > 0) consider((law.hardAtDamage - state.damage) / damagePerS, 'hard');
  consider(dryInS(nature, state, rates), 'dry');
  consider(rates.dissolvedS, 'dissolved');
  consider(rates.gridS, 'grid');
  return { inS, end };
}

function dryInS(nature: CellNature, state: CellState, rates: PieceRates): number {
  const limitC = nature.parameters.losses.dryOutCPerCm2;
  const plating = rates.ionic < 0 ? state.working : state.counter;
  const perS = Math.abs(rates.ionic) * plating.hydrogenShare;
  if (state.isDry || limitC === Number.POSITIVE_INFINITY || perS === 0) return Number.POSITIVE_INFINITY;
  return (limitC - state.working.hydrogenC - state.counter.hydrogenC) / perS;
}

/** What is to be known of a piece that is over. */
interface EndedPiece {
  readonly lengthS: number;
  readonly end: PieceEnd;
  readonly ionicDensity: number;
  readonly spentElectrode: 'working' | 'counter' | null;
  voltageV(elapsedS: number): number;
  stateAt(elapsedS: number, end: PieceEnd): CellState;
}

export interface Ended {
  readonly state: CellState;
  readonly events: readonly CellEvent[];
}

/** The state after the end of a piece. */
export function afterEnd(nature: CellNature, piece: EndedPiece): Ended {
  const state = piece.stateAt(piece.lengthS, piece.end);
  switch (piece.end) {
    case 'never':
      return { state, events: [] };
    case 'grid':
      return fused(nature, state, piece);
    case 'working':
    case 'counter':
      return piece.spentElectrode === null ? { state, events: [] } : ranOut(state, piece.spentElectrode);
    case 'script':
      return scripted(nature, state, piece.ionicDensity);
    case 'soft':
      return softShort(nature, state, piece.ionicDensity);
    case 'hard':
      return hardShort(state, { conductanceS: nature.law.hardConductanceS, onsetS: HARD_ONSET_S });
    case 'dry': {
      const dry = { ...state, isDry: true, dryFactor: state.dryFactor * DRY_FACTOR };
      return { state: dry, events: [eventOf('dried-out', dry)] };
    }
    case 'dissolved':
      return withoutBridge(state);
  }
}

const HARD_ONSET_S = 1;

function ranOut(state: CellState, which: 'working' | 'counter'): Ended {
  return { state, events: [eventOf('exhausted', state, { electrode: which === 'working' ? 1 : 2 })] };
}

/** A soft bridge burns through once it turns more than so much power into heat. */
function fused(nature: CellNature, state: CellState, piece: EndedPiece): Ended {
  const { bridge } = state;
  const { shorts } = nature.parameters;
  if (bridge.kind !== 'soft' || shorts === null) return { state, events: [] };
  const powerW = bridge.conductanceS * piece.voltageV(piece.lengthS) ** 2;
  return powerW <= shorts.fuseWPerCm2 ? { state, events: [] } : withoutBridge(state);
}

function withoutBridge(state: CellState): Ended {
  const ended = { ...state, bridge: NO_BRIDGE };
  return { state: ended, events: [eventOf('soft-short-ended', ended, { number: state.bridge.number })] };
}

function softShort(nature: CellNature, state: CellState, ionic: number): Ended {
  const soft = nature.law.softShorts[state.nextSoft];
  const counted = { ...state, nextSoft: state.nextSoft + 1 };
  if (soft === undefined || state.bridge.kind === 'hard') return { state: counted, events: [] };
  return bridged(counted, {
    kind: 'soft',
    number: soft.number,
    addedS: soft.conductanceS,
    onsetS: soft.onsetS,
    grewBy: Math.sign(ionic),
  });
}

interface Growth {
  readonly kind: 'soft' | 'scripted';
  readonly number: number;
  readonly addedS: number;
  readonly onsetS: number;
  readonly grewBy: number;
}

/** A new bridge adds to one that is there. */
function bridged(state: CellState, growth: Growth): Ended {
  const { kind, number, onsetS, grewBy } = growth;
  const conductanceS = state.bridge.conductanceS;
  const targetS = conductanceS + growth.addedS;
  const next = { ...state, bridge: { kind, number, onsetS, grewBy, conductanceS, targetS } };
  const detail = { number, conductanceMsPerCm2: targetS * 1000, onsetS };
  return { state: next, events: [eventOf('soft-short-began', next, detail)] };
}

function hardShort(state: CellState, short: { conductanceS: number; onsetS: number }): Ended {
  const { onsetS } = short;
  const bridge = {
    kind: 'hard',
    number: 0,
    onsetS,
    grewBy: 1,
    conductanceS: state.bridge.conductanceS,
    targetS: short.conductanceS,
  } as const;
  const next = { ...state, bridge, hasHardShort: true };
  const detail = { conductanceMsPerCm2: short.conductanceS * 1000, onsetS };
  return { state: next, events: [eventOf('hard-short', next, detail)] };
}

function scripted(nature: CellNature, before: CellState, ionic: number): Ended {
  const mark = nature.marks[before.nextMark];
  const state = { ...before, nextMark: before.nextMark + 1 };
  if (mark === undefined) return { state, events: [] };
  return mark.isEnd ? scriptEnds(state, mark.event) : scriptBegins(state, mark.event, ionic);
}

function scriptBegins(state: CellState, event: ScriptedEvent, ionic: number): Ended {
  switch (event.kind) {
    case 'hard-short':
      return hardShort(state, { conductanceS: event.conductanceSPerCm2, onsetS: event.onsetS });
    case 'soft-short': {
      if (state.bridge.kind === 'hard') return { state, events: [] };
      const grewBy = Math.sign(ionic);
      const { conductanceSPerCm2: addedS, onsetS } = event;
      return bridged(state, { kind: 'scripted', number: 0, addedS, onsetS, grewBy });
    }
    case 'gas': {
      const next = { ...state, coveredShare: event.coveredShare };
      return { state: next, events: [eventOf('gas-arrived', next, { coveredShare: event.coveredShare })] };
    }
    case 'contact': {
      const next = { ...state, contactOhmCm2: Math.max(0, state.contactOhmCm2 + event.changeOhmCm2) };
      const detail = { contactOhmCm2: next.contactOhmCm2 };
      return { state: next, events: [eventOf('contact-changed', next, detail)] };
    }
    case 'open-circuit': {
      const next = { ...state, isOpen: true };
      return { state: next, events: [eventOf('open-circuit', next)] };
    }
    case 'dry-out': {
      const next = { ...state, dryFactor: state.dryFactor * event.factor };
      return { state: next, events: [eventOf('dried-out', next, { factor: event.factor })] };
    }
  }
}

function scriptEnds(state: CellState, event: ScriptedEvent): Ended {
  if (event.kind === 'gas') {
    const next = { ...state, coveredShare: 0 };
    return { state: next, events: [eventOf('gas-left', next)] };
  }
  return state.bridge.kind === 'scripted' ? withoutBridge(state) : { state, events: [] };
}
