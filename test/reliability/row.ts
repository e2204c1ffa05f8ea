// What one row of the reliability figures is: a fault, how often it is made to happen, and what may follow.
// A row is passed when nothing was lost, doubled, left unexplained or driven for too long, and nothing else
// was found wrong; `problems` says in words what was.

export interface TrialOptions {
  /** Equal seeds choose equal instants and faults; on real processes the machine adds its own. */
  readonly seed: number;
  readonly trials: number;
  /** For whoever waits. */
  readonly say: (text: string) => void;
}

export interface Figures {
  readonly trials: number;
  /** Acknowledged samples that the record lacks, or holds otherwise. */
  readonly lost: number;
  /** Samples, half-cycles or commands that are there twice. */
  readonly duplicated: number;
  /** Sample numbers that are neither stored nor in a recorded gap. */
  readonly unflaggedGaps: number;
  /** Longest time, s, that a cell was driven beyond its permission. */
  readonly unsafeS: number;
  /** Further findings, one line each; none where the row is passed. */
  readonly problems: readonly string[];
  /** Limits of real time that were missed: they fail the row too, but a busy machine may be why. */
  readonly late: readonly string[];
  /** Whatever else was measured. */
  readonly notes: Readonly<Record<string, unknown>>;
}

export interface RowPlan {
  /** As in the list of faults: R1, R2 … */
  readonly id: string;
  readonly fault: string;
  /** How often in CI. */
  readonly trials: number;
  readonly run: (options: TrialOptions) => Promise<Figures>;
}

/** One line of the report; the first six names are a contract. */
export interface Row {
  readonly id: string;
  readonly trials: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unflaggedGaps: number;
  readonly unsafeS: number;
  readonly pass: boolean;
  readonly fault: string;
  readonly wallS: number;
  readonly problems: readonly string[];
  readonly notes: Readonly<Record<string, unknown>>;
}

/** More would hide the first. */
const PROBLEMS_SHOWN = 5;

export function rowOf({ id, fault }: RowPlan, figures: Figures, wallS: number): Row {
  const { trials, lost, duplicated, unflaggedGaps, unsafeS, notes } = figures;
  const problems = [...figures.problems, ...figures.late];
  const isClean = lost === 0 && duplicated === 0 && unflaggedGaps === 0 && unsafeS === 0;
  const pass = isClean && problems.length === 0;
  const shown = problems.slice(0, PROBLEMS_SHOWN);
  return { id, trials, lost, duplicated, unflaggedGaps, unsafeS, pass, fault, wallS, problems: shown, notes };
}
