// What a simulated cell is, in words and numbers, before there is one: the resolved form of a library entry
// or of a user's cell file. Plain data: it may cross to a worker or be stored with a run.
import type { FullCellParameters } from '../full-cell.ts';
import type { HydrogenEvolutionParameters } from '../hydrogen-evolution-cell.ts';
import type { ResistiveCellParameters } from '../resistive-cell.ts';
import type { ZincCellParameters } from '../zinc-parameters.ts';

interface Described<Kind extends string, Parameters> {
  readonly kind: Kind;
  /** Name in the library, or path of the file as it was given. */
  readonly name: string;
  readonly about: string;
  readonly parameters: Parameters;
}

export type CellDescription =
  | Described<'zinc', ZincCellParameters>
  | Described<'full', FullCellParameters>
  | Described<'hydrogen', HydrogenEvolutionParameters>
  | Described<'resistive', ResistiveCellParameters>;
