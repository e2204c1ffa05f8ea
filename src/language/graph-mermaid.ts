// A program as a Mermaid state diagram, for pages and papers. Text; the same states and edges as the SVG.
import { endText } from './end-text.ts';
import type { GraphEdge, GraphState, ProgramGraph } from './program-graph.ts';
import { modeText } from './step-text.ts';

/** `stateDiagram-v2`, states by their names with what they do, edges by the ends that lead along them. */
export function mermaidOf(graph: ProgramGraph): string {
  const [first] = graph.states;
  const lines = ['stateDiagram-v2', ...(first === undefined ? [] : [`  [*] --> ${idOf(first.name)}`])];
  for (const state of graph.states) lines.push(`  ${idOf(state.name)} : ${cleaned(describe(state))}`);
  for (const edge of graph.edges)
    lines.push(`  ${idOf(edge.from)} --> ${idOf(edge.to)} : ${cleaned(edgeText(graph, edge))}`);
  for (const { name, step } of graph.states) if (step === null) lines.push(`  ${idOf(name)} --> [*]`);
  return `${lines.join('\n')}\n`;
}

/** What stands in a state of a drawing. */
export function describe({ name, step, outcome }: GraphState): string {
  if (step !== null) return `${name} (${modeText(step)})`;
  return outcome === null || outcome.verdict === name ? name : `${name} (${outcome.verdict})`;
}

/** What stands on an edge of a drawing. */
export function edgeText({ states }: ProgramGraph, { from, holds, isJudged, reasons }: GraphEdge): string {
  const step = states.find(({ name }) => name === from)?.step ?? null;
  const ends = reasons.map((reason) => (step === null ? reason : endText(step, reason))).join(' or ');
  const judged = isJudged ? `${ends}, too little charge` : ends;
  return holds === null ? judged : `${judged}, then hold: ${holds}`;
}

/** Mermaid takes letters, digits and `_` for a name. */
function idOf(name: string): string {
  return name.replaceAll(/\W/g, '_');
}

/** `:`, `;` and `#` end a text in Mermaid, `<` and `>` are markup. */
function cleaned(text: string): string {
  return text.replaceAll(/[:;#]/g, ',').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
