// Goal: a program with its counts capped has the same states and the same ends as the whole one, and so few
// settings of its counters that it can be walked. Method: small trees and the registered protocols.
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../protocols/index.ts';
import { COUNT_CAPPED, cappedCounts, cappedProgram } from '../../../src/language/capped.ts';
import { programGraph } from '../../../src/language/program-graph.ts';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import type { TreeItem } from '../../../src/language/tree.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import { prepared } from '../../support/prepared.ts';
import { group, half, rest, treeOf } from '../../support/resolved-trees.ts';

function ofTree(...items: readonly TreeItem[]): PreparedProtocol {
  const tree = treeOf(...items);
  return { ...prepared(), ...createTreeProgram(tree, { id: 'whole' }), ...{ tree } };
}

/** From and to, without the program's ends. */
function ways(protocol: PreparedProtocol): string[] {
  const { edges } = programGraph(cappedProgram(protocol));
  return edges.filter(({ to }) => to !== 'ended').map(({ from, to }) => `${from} ${to}`);
}

describe('a capped program', () => {
  it('goes round each group and leaves it, in two passes of a million', () => {
    const inner = group(1_000_000, [half('plate', 'plate'), half('strip', 'strip')]);
    const protocol = ofTree(group(1_000_000, [inner, rest('pause')]));
    expect(programGraph(cappedProgram(protocol)).isPartial).toBe(false);
    expect(ways(protocol)).toEqual([
      'plate strip',
      'strip plate',
      'strip pause',
      'pause plate',
      'pause completed',
    ]);
  });

  it('comes to what runs only in each thousandth pass', () => {
    const items = [rest('always'), rest('seldom', { every: 1000 })];
    expect(ways(ofTree(group(5000, items)))).toEqual(['always always', 'always seldom', 'seldom completed']);
  });

  it('leaves what is small already as it is', () => {
    expect(ways(ofTree(group(1, [rest('once')])))).toEqual(['once completed']);
  });

  it('has the states of the whole one, all of them', () => {
    const protocol = ofTree(rest('wetting'), group(9, [rest('a'), group(7, [rest('b')])]));
    const names = Object.keys(cappedProgram(protocol).machine.states);
    expect(names).toEqual(Object.keys(protocol.machine.states));
  });

  it('is the very machine where that is written by hand', () => {
    const protocol = prepared({ cycles: 1000 });
    expect(cappedProgram(protocol)).toBe(protocol);
  });
});

describe('capped counts', () => {
  it('are 2, or as near as the bounds allow', () => {
    const count = (min: number, max: number) =>
      ({ kind: 'count', default: max, min, max, about: '' }) as const;
    const table = { many: count(1, 1000), few: count(5, 9), none: count(0, 1) };
    expect(cappedCounts(table)).toEqual({ many: COUNT_CAPPED, few: 5, none: 1 });
  });

  it.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    'of %s are parameters that it takes',
    (_, protocol) => {
      const { plan } = prepared(cappedCounts(protocol.parameters), protocol);
      expect(plan.cycles).toBeLessThanOrEqual(64);
    },
  );
});
