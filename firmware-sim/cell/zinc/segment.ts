// The pieces of one stretch under one drive, planned as far as anybody asks: what a zinc cell does if nobody
// changes the drive. Asking for an instant plans up to it and changes nothing else.
import { assert } from '../../../src/base/assert.ts';
import type { CellEvent, Drive, VoltageRange } from '../cell-model.ts';
import type { CellNature } from './cell-nature.ts';
import type { CellState } from './cell-state.ts';
import { Piece } from './piece.ts';
import { afterEnd } from './piece-end.ts';

/**
 * The grid's steps: the first one, their growth, and the longest, in seconds or as a share of the time since
 * the drive was set, so that a year at rest is no more than a thousand steps. Held voltages start like a
 * Cottrell decay.
 */
const GRIDS = {
  current: { firstS: 0.05, growth: 1.15, longestS: 60, longestShare: 0.02 },
  voltage: { firstS: 1e-4, growth: 1.03, longestS: 60, longestShare: 0.02 },
} as const;

/** Charges through the leads, positive numbers, C/cm2. */
export interface LeadCharges {
  readonly plateC: number;
  readonly stripC: number;
}

interface Planned {
  readonly piece: Piece;
  /** Of the segment, before this piece. */
  readonly before: LeadCharges;
  /** Of the segment's events, those that have happened when this piece begins. */
  readonly eventCount: number;
}

export class Segment {
  readonly #nature: CellNature;
  readonly #drive: Drive;
  readonly #plan: Planned[];
  readonly #events: CellEvent[] = [];
  /** Where the last question was answered: the next is mostly close by. */
  #at = 0;

  /** Takes `state` over: its diffusion goes on in here. */
  constructor(nature: CellNature, state: CellState, drive: Drive) {
    this.#nature = nature;
    this.#drive = drive;
    const piece = new Piece({
      nature,
      state,
      drive,
      startS: 0,
      gridS: GRIDS[drive.kind].firstS,
      guess: state.diffusion.density,
    });
    this.#plan = [{ piece, before: { plateC: 0, stripC: 0 }, eventCount: 0 }];
  }

  get first(): Piece {
    return this.#planned(0).piece;
  }

  /** The piece that holds this instant; an instant of change belongs to the later one. */
  pieceAt(elapsedS: number): Piece {
    assert(elapsedS >= 0, 'time must be >= 0');
    let { piece } = this.#planned(this.#at);
    while (elapsedS < piece.startS) {
      this.#at -= 1;
      ({ piece } = this.#planned(this.#at));
    }
    while (elapsedS >= piece.startS + piece.lengthS) {
      if (this.#at === this.#plan.length - 1) this.#planNext();
      this.#at += 1;
      ({ piece } = this.#planned(this.#at));
    }
    return piece;
  }

  stateAt(elapsedS: number): CellState {
    const piece = this.pieceAt(elapsedS);
    return piece.stateAt(piece.insideS(elapsedS), 'cut');
  }

  chargesAt(elapsedS: number): LeadCharges {
    const piece = this.pieceAt(elapsedS);
    return added(this.#planned(this.#at).before, piece, piece.insideS(elapsedS));
  }

  eventsUntil(elapsedS: number): readonly CellEvent[] {
    this.pieceAt(elapsedS);
    return this.#events.slice(0, this.#planned(this.#at).eventCount);
  }

  /** Encloses the voltage from `fromS` to `untilS`, ends included. */
  rangeV(fromS: number, untilS: number): VoltageRange {
    this.pieceAt(untilS);
    const last = this.#at;
    this.pieceAt(fromS);
    let lowV = Number.POSITIVE_INFINITY;
    let highV = Number.NEGATIVE_INFINITY;
    for (let index = this.#at; index <= last; index += 1) {
      const { piece } = this.#planned(index);
      const range = piece.rangeV(piece.insideS(fromS), piece.insideS(untilS));
      lowV = Math.min(lowV, range.lowV);
      highV = Math.max(highV, range.highV);
    }
    return { lowV, highV };
  }

  /** Encloses the density through the leads from `fromS` to `untilS`, ends included. */
  densityRange(fromS: number, untilS: number): { readonly low: number; readonly high: number } {
    this.pieceAt(untilS);
    const last = this.#at;
    this.pieceAt(fromS);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let index = this.#at; index <= last; index += 1) {
      const { piece } = this.#planned(index);
      const range = piece.densityRange(piece.insideS(fromS), piece.insideS(untilS));
      low = Math.min(low, range.low);
      high = Math.max(high, range.high);
    }
    return { low, high };
  }

  #planNext(): void {
    const { piece, before } = this.#planned(this.#plan.length - 1);
    const after = afterEnd(this.#nature, piece);
    const startS = piece.startS + piece.lengthS;
    const { firstS, growth, longestS, longestShare } = GRIDS[this.#drive.kind];
    const goesOn = piece.end === 'grid' && after.events.length === 0;
    const next = new Piece({
      nature: this.#nature,
      state: after.state,
      drive: this.#drive,
      startS,
      gridS: goesOn ? Math.min(Math.max(longestS, longestShare * startS), piece.gridS * growth) : firstS,
      guess: piece.ionicDensity,
    });
    this.#events.push(...after.events);
    this.#plan.push({
      piece: next,
      before: added(before, piece, piece.lengthS),
      eventCount: this.#events.length,
    });
  }

  #planned(index: number): Planned {
    const planned = this.#plan[index];
    assert(planned !== undefined, 'a piece must be planned');
    return planned;
  }
}

function added({ plateC, stripC }: LeadCharges, piece: Piece, insideS: number): LeadCharges {
  const chargeC = piece.terminalDensity * insideS;
  return { plateC: plateC + Math.max(0, -chargeC), stripC: stripC + Math.max(0, chargeC) };
}
