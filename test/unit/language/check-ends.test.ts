// Goal: a state that no way leads out of is named. Method: graphs drawn by hand; the registry has none.
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../protocols/index.ts';
import { cappedCounts, cappedProgram } from '../../../src/language/capped.ts';
import { statesWithoutEnd } from '../../../src/language/check-ends.ts';
import { type ProgramGraph, programGraph } from '../../../src/language/program-graph.ts';
import { prepared } from '../../support/prepared.ts';
import { PLATE } from '../../support/trees.ts';

function graph(ways: readonly (readonly [string, string])[], ends: readonly string[]): ProgramGraph {
  const names = [...new Set(ways.flat())];
  const states = names.map((name) => ({ name, step: ends.includes(name) ? null : PLATE, outcome: null }));
  const edges = ways.map(([from, to]) => ({ from, to, reasons: [], holds: null, isJudged: false }));
  return { states, edges, isPartial: false };
}

describe('the states from which no way leads to the end', () => {
  it('are those of a ring that nothing leaves', () => {
    const ring = graph(
      [
        ['first', 'a'],
        ['a', 'b'],
        ['b', 'a'],
        ['first', 'over'],
      ],
      ['over'],
    );
    expect(statesWithoutEnd(ring)).toEqual(['a', 'b']);
  });

  it('are none of a ring that one way leaves, however far behind', () => {
    const left = graph(
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['c', 'over'],
      ],
      ['over'],
    );
    expect(statesWithoutEnd(left)).toEqual([]);
  });

  it.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    'are none in %s',
    (_, protocol) => {
      const program = cappedProgram(prepared(cappedCounts(protocol.parameters), protocol));
      expect(statesWithoutEnd(programGraph(program))).toEqual([]);
    },
  );
});
