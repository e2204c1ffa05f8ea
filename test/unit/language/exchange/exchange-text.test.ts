// Goal: what comes from another language is a protocol of ours that says the same. Method: a law over random
// trees, through text, parser and resolver; the worked example as text; hard limits that steps reach.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeFromTree } from '../../../../src/language/exchange/exchange-from-tree.ts';
import { protocolTextFromExchange } from '../../../../src/language/exchange/exchange-text.ts';
import { bareStep, type ExchangeTree, NO_SAFETY } from '../../../../src/language/exchange/exchange-tree.ts';
import { protocolFromText } from '../../../../src/language/protocol-from-source.ts';
import type { CellKind } from '../../../../src/language/source-tree.ts';
import { treeOf } from '../../../../src/language/tree.ts';
import { trees, withoutNames, WORKED } from './samples.ts';

const ABOUT = { name: 'imported', title: 'Imported', about: 'From elsewhere.' };

function readBack(text: string): ReturnType<typeof exchangeFromTree> {
  const parsed = protocolFromText(text, { fileName: 'imported.yaml' });
  if (!parsed.ok) throw new Error(`${parsed.problems.join('\n')}\n${text}`);
  const result = parsed.protocol.prepare({}, { areaUcm2: 1_131_000 });
  if (!result.ok) throw new Error(`${result.problems.join('\n')}\n${text}`);
  const tree = treeOf(result.prepared);
  if (tree === null) throw new Error('a text has a tree');
  return exchangeFromTree(tree, result.prepared.cellLimits);
}

describe('an exchange tree as a document', () => {
  it.each(['zn-zn', 'zn-cu', 'full-cell', 'other'] as const)('says the same again (%s)', (cell: CellKind) => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { text, dropped } = protocolTextFromExchange(tree, { ...ABOUT, cell });
        expect(dropped).toEqual([]);
        const back = readBack(text);
        expect(withoutNames(back.exchange), text).toEqual(withoutNames(tree));
        expect(back.dropped).toHaveLength(1);
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  it('is what a person would write', () => {
    const { text, dropped } = protocolTextFromExchange(WORKED, { ...ABOUT, cell: 'zn-zn' });
    expect(text).toBe(`galvanode: protocol/1
name: imported
version: 1
title: Imported
about: From elsewhere.
cell: zn-zn
steps:
  - cycles: 1000
    steps:
      - strip: 1.131 mA
        until:
          - time: 1 h
          - { voltage above: 0.5 V, then: end run, verdict: voltage-limit }
        record: 10 s
      - plate: 1.131 mA
        until:
          - time: 1 h
          - { voltage below: -0.5 V, then: end run, verdict: voltage-limit }
        record: 10 s
`);
    expect(dropped.map((line) => line.split(' is not')[0])).toEqual([
      'safety: voltage above 0.5 V',
      'safety: voltage below -0.5 V',
    ]);
    expect(readBack(text).dropped).toContain('cycling-stripping: end run at 0.5 V becomes a step end');
  });

  it('plates by the positive current of a full cell', () => {
    const { text } = protocolTextFromExchange(WORKED, { ...ABOUT, cell: 'full-cell' });
    expect(text).toMatch(/plate: 1\.131 mA[\s\S]+strip: 1\.131 mA/);
    expect(withoutNames(readBack(text).exchange).items).toEqual(withoutNames(WORKED).items);
  });

  it('counts no cycles where the current flows one way', () => {
    const pulse = {
      ...bareStep({ name: '', mode: { kind: 'cc', currentPa: 1e9 }, everyUs: 1000 }),
      timeUs: 1e7,
    };
    const tree: ExchangeTree = { items: [{ kind: 'group', count: 5, items: [pulse] }], safety: NO_SAFETY };
    const { text } = protocolTextFromExchange(tree, { ...ABOUT, cell: 'zn-zn' });
    expect(text).toContain('- repeat: 5\n    steps:\n      - cc: 1 mA');
  });

  it('puts words that YAML would take for something else into quotes', () => {
    const about = 'yes: "#1" & [more]';
    const { text } = protocolTextFromExchange(WORKED, { ...ABOUT, about, cell: 'zn-zn' });
    expect(protocolFromText(text, { fileName: 'x' })).toMatchObject({ ok: true, protocol: { about } });
  });
});
