// What a verification has found: differences, each with its kind and place, and notes on what could not be
// looked at. Many of one kind are counted, not listed. A check that cannot read is a finding, never a crash.
import { messageOf } from '../base/errors.ts';

export type DifferenceKind =
  /** Bytes of the file as a whole: its size, its head, its own digest. */
  | 'file'
  /** SQLite cannot make sense of what it reads. */
  | 'corruption'
  | 'schema'
  /** Samples of a block are not the ones that were hashed. */
  | 'block'
  /** A block does not follow from the one before. */
  | 'chain'
  /** Rows of a table are not the ones that were sealed. */
  | 'table'
  /** The seal contradicts itself, or lacks something. */
  | 'seal'
  /** Numbers that are neither stored nor in a gap, or both. */
  | 'sequence'
  | 'steps'
  /** The catalog knows the run otherwise. */
  | 'catalog';

export interface Difference {
  readonly kind: DifferenceKind;
  /** Where: `block 3 (samples 12289 to 16384, …)`, `table event`, `page …`. */
  readonly where: string;
  readonly detail: string;
}

const LISTED_MAXIMUM = 20;

export class Findings {
  readonly #listed: Difference[] = [];
  readonly #counts = new Map<DifferenceKind, number>();
  readonly notes: string[] = [];

  add(difference: Difference): void {
    const count = (this.#counts.get(difference.kind) ?? 0) + 1;
    this.#counts.set(difference.kind, count);
    if (count <= LISTED_MAXIMUM) this.#listed.push(difference);
  }

  /** Runs a check; what it throws is a difference of `where`, and `otherwise` its result. */
  guard<Result>(where: string, otherwise: Result, check: () => Result): Result {
    try {
      return check();
    } catch (thrown) {
      this.add({ kind: 'corruption', where, detail: `cannot be read: ${messageOf(thrown)}` });
      return otherwise;
    }
  }

  get count(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  differences(): Difference[] {
    const more = [...this.#counts].flatMap(([kind, count]): Difference[] => {
      const left = count - LISTED_MAXIMUM;
      return left > 0 ? [{ kind, where: kind, detail: `and ${left} more of this kind` }] : [];
    });
    return [...this.#listed, ...more];
  }
}
