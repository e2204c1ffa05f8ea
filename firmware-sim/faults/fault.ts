// One thing that goes wrong in a simulated instrument, as named by `--fault`: which, how much, and when.
// Plain data; who acts on it is its place in the menu (fault-menu.ts).

export interface Fault {
  /** A name of the menu, e.g. `byte-flips`, `overload-0032`. */
  readonly name: string;
  /** What stands behind `=`; its meaning and unit are the menu's. null: the default of the fault. */
  readonly value: number | null;
  /** Device time at which it happens, in s, what stands behind `@`; null: from the start. */
  readonly atS: number | null;
}
