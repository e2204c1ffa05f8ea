// Rows on their way to the store: what a transaction is made of, before it is one. Between recorder and
// journal. Pure; never decides when they go.
import type {
  AuxRow,
  ClockSync,
  CommandRow,
  Commit,
  HalfCycle,
  ImpedanceRow,
  RunEvent,
  SampleGap,
  StepBegan,
  StepEnded,
} from '../store/run-store.ts';

/** The last number that a commit settles, by a sample or by a gap; null where it has neither. */
export function lastSeqOf({ samples, gaps }: Commit): number | null {
  const ranges = samples === null ? gaps : [...gaps, samples];
  if (ranges.length === 0) return null;
  return Math.max(...ranges.map(({ firstSeq, count }) => firstSeq + count - 1));
}

export interface JournalRows {
  readonly stepsBegan: StepBegan[];
  readonly stepsEnded: StepEnded[];
  readonly halfCycles: HalfCycle[];
  readonly events: RunEvent[];
  readonly commands: CommandRow[];
  readonly clockSyncs: ClockSync[];
  readonly aux: AuxRow[];
  readonly impedance: ImpedanceRow[];
  readonly gaps: SampleGap[];
}

export function emptyRows(): JournalRows {
  return {
    stepsBegan: [],
    stepsEnded: [],
    halfCycles: [],
    events: [],
    commands: [],
    clockSyncs: [],
    aux: [],
    impedance: [],
    gaps: [],
  };
}

/** What depends on no other row of the file. */
export function wordsOf({ events, state }: Commit): Commit {
  return { ...emptyRows(), samples: null, checkpoint: null, events, state };
}

/** What went over the wire needs no transaction of its own. */
export function isEmpty(commit: Commit): boolean {
  const { samples, checkpoint, state, wire: _wire, ...lists } = commit;
  return (
    samples === null &&
    checkpoint === null &&
    state === null &&
    Object.values(lists).every((list) => list.length === 0)
  );
}
