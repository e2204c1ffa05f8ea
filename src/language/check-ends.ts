// Whether every way through a program comes to an end: read off its graph, where counts are small. What a
// stop does is no part of it: the run lifecycle opens the cell from every state (steps/lifecycle.ts).
import type { ProgramGraph } from './program-graph.ts';

/** States from which no way leads to the end of the program; empty: each has one. */
export function statesWithoutEnd({ edges, states }: ProgramGraph): readonly string[] {
  const ending = new Set(states.filter(({ step }) => step === null).map(({ name }) => name));
  // Backwards from the ends, until nothing is added.
  for (let before = -1; before !== ending.size; ) {
    before = ending.size;
    for (const { from, to } of edges) if (ending.has(to)) ending.add(from);
  }
  return states.map(({ name }) => name).filter((name) => !ending.has(name));
}
