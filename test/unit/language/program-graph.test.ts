// Goal: a drawing of a program shows every state, where each end leads, and nothing else. Method: the
// registered protocols with counts of 2; the walk is compared with the machine's own states.
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../protocols/index.ts';
import { cappedCounts, cappedProgram } from '../../../src/language/capped.ts';
import { mermaidOf } from '../../../src/language/graph-mermaid.ts';
import { svgOf } from '../../../src/language/graph-svg.ts';
import { programGraph } from '../../../src/language/program-graph.ts';
import { prepared } from '../../support/prepared.ts';

const cases = PROTOCOLS.map((protocol) => [protocol.name, protocol] as const);

/** Mermaid takes no `-` in a name. */
const named = (state: string): string => state.replaceAll('-', '_');

function graphOf(name: string) {
  const protocol = PROTOCOLS.find((candidate) => candidate.name === name);
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  const program = cappedProgram(prepared(cappedCounts(protocol.parameters), protocol));
  return { program, graph: programGraph(program) };
}

describe('the graph of a program', () => {
  it.each(cases)('%s begins where the machine does, and only ends have no step', (name) => {
    const { graph, program } = graphOf(name);
    expect(graph.isPartial).toBe(false);
    expect(graph.states[0]?.name).toBe(program.machine.config.initial);
    const sources = new Set(graph.edges.map(({ from }) => from));
    for (const { name: state, outcome, step } of graph.states) {
      expect(sources.has(state)).toBe(step !== null);
      expect(outcome === null).toBe(step !== null);
    }
  });

  it('goes round while cycles are left, and ends after the last', () => {
    const { edges } = graphOf('coulombic-efficiency').graph;
    const after = edges.filter(
      ({ from, reasons }) => from === 'stripping' && reasons.includes('voltage-max'),
    );
    expect(after.map(({ to }) => to).sort()).toEqual(['completed', 'lossy', 'plating']);
    expect(after.filter(({ isJudged }) => isJudged).map(({ to }) => to)).toEqual(['lossy']);
  });

  it('is partial, and says so, where counts are not small', () => {
    const protocol = PROTOCOLS.find(({ name }) => name === 'symmetric-cycling');
    expect(programGraph(prepared({ cycles: 1_000_000 }, protocol)).isPartial).toBe(true);
  });
});

describe('a drawing', () => {
  it.each(cases)('of %s names every state and edge in Mermaid', (name) => {
    const { graph } = graphOf(name);
    const text = mermaidOf(graph);
    expect(text.startsWith('stateDiagram-v2\n  [*] --> ')).toBe(true);
    for (const { from, to } of graph.edges) expect(text).toContain(`  ${named(from)} --> ${named(to)} : `);
    expect(text.match(/--> \[\*\]/g)).toHaveLength(graph.states.filter(({ step }) => step === null).length);
  });

  it.each(cases)('of %s is one well-formed SVG with a line for each edge', (name) => {
    const { graph } = graphOf(name);
    const svg = svgOf(graph, name);
    expect(svg.match(/marker-end/g)).toHaveLength(graph.edges.length);
    expect(svg.match(/<rect/g)).toHaveLength(graph.states.length);
    expect(svg).not.toMatch(/NaN|undefined|&(?!amp;|lt;|gt;)/);
    expect(svgOf(graph, name)).toBe(svg);
  });
});
