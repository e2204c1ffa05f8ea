// What the analysis reads of a half-cycle: a part of the row that the recorder makes and the file keeps. Pure
// selections; features of a half-cycle itself are in half-cycle-features.ts.

/** A row of `half_cycle`, as far as it is needed here: us, nC, nV. */
export interface AnalysedHalfCycle {
  readonly number: number;
  readonly cycle: number;
  readonly phase: string;
  readonly half: 'plate' | 'strip';
  readonly startUs: number;
  readonly endUs: number;
  readonly chargeNc: number;
  readonly reason: string;
  readonly plateauNv: number | null;
  readonly endNv: number | null;
  readonly isInterrupted: boolean;
}

/** One of the main cycles, whose current counts as life; conditioning does not. */
export function isMain({ phase }: Pick<AnalysedHalfCycle, 'phase'>): boolean {
  return phase === 'cycling';
}
