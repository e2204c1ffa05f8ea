// Goal: a protocol of ours goes to every language, and nothing of it is lost in silence. Method: every
// protocol of the registry in every format, its losses counted by what its steps have; single steps with
// each feature.

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../../protocols/index.ts';
import { exchangeFromTree } from '../../../../src/language/exchange/exchange-from-tree.ts';
import { protocolTextFromExchange } from '../../../../src/language/exchange/exchange-text.ts';
import { EXCHANGE_FORMATS, exportAs } from '../../../../src/language/exchange/formats.ts';
import { protocolFromText } from '../../../../src/language/protocol-from-source.ts';
import { treeFromProgram } from '../../../../src/language/tree-from-program.ts';
import { type ResolvedTree, treeOf, type TreeItem, type TreeStep } from '../../../../src/language/tree.ts';
import type { CellLimits, Protocol } from '../../../../src/steps/protocol.ts';

const AREA = { areaUcm2: 1_131_000 };
const OPTIONS = { title: 'a protocol', unixS: 0 };

function resolved(protocol: Protocol): { readonly tree: ResolvedTree; readonly cellLimits: CellLimits } {
  const result = protocol.prepare({}, AREA);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  const { prepared } = result;
  const tree = treeOf(prepared) ?? treeFromProgram(prepared, prepared.plan.cycles);
  if (tree === null) throw new Error(`${protocol.name} has no tree`);
  return { tree, cellLimits: prepared.cellLimits };
}

function carriedFrom(steps: string, head = 'cell: zn-zn'): ReturnType<typeof exchangeFromTree> {
  const text = `galvanode: protocol/1\nname: x\nversion: 1\ntitle: x\nabout: x\n${head}\nsteps:\n${steps}`;
  const parsed = protocolFromText(text, { fileName: 'x.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const { tree, cellLimits } = resolved(parsed.protocol);
  return exchangeFromTree(tree, cellLimits);
}

function stepsOf(items: readonly TreeItem[]): TreeStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsOf(item.items)));
}

/** How much of a step no other language has, counted from the step itself. */
function ownFeatures({ step, ends }: TreeStep): number {
  const { limits, mode, record } = step;
  if (mode.kind === 'eis' || mode.kind === 'sweep') return 1;
  const outcomes = Object.entries(ends).filter(
    ([reason, rule]) =>
      rule.then !== 'next' &&
      reason !== 'short-floor' &&
      !(reason === 'duration' && rule.then === 'end run' && rule.verdict === 'fault'),
  );
  const hasVoltage = limits.voltageMaxNv !== null || limits.voltageMinNv !== null;
  const details = [
    hasVoltage && limits.voltageDebounceUs > 0,
    limits.shortFloorNv !== null,
    limits.netChargeNc !== null,
    limits.lastStepChargePpm !== null,
    record.voltageDeltaNv !== null || record.currentDeltaPa !== null || record.burst !== undefined,
  ];
  return outcomes.length + details.filter(Boolean).length;
}

describe.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))('%s', (_name, protocol) => {
  it('tells each loss, the step first', () => {
    const { tree, cellLimits } = resolved(protocol);
    const { dropped } = exchangeFromTree(tree, cellLimits);
    for (const item of stepsOf(tree.items)) {
      const own = dropped.filter((line) => line.startsWith(`${item.label}: `));
      expect(own, item.label).toHaveLength(ownFeatures(item));
    }
  });

  it.each(EXCHANGE_FORMATS.map((format) => [format.name, format] as const))(
    'goes to %s',
    (_format, format) => {
      const { tree, cellLimits } = resolved(protocol);
      const exported = exportAs(format, exchangeFromTree(tree, cellLimits), OPTIONS);
      if (!exported.ok) {
        expect(
          stepsOf(tree.items).every(({ step }) => step.mode.kind === 'eis' || step.mode.kind === 'sweep'),
        ).toBe(true);
        return;
      }
      expect(exported.text.length).toBeGreaterThan(50);
      if (format.read === null) return;
      const back = format.read(exported.text);
      if (!back.ok) throw new Error(back.problems.map(({ message }) => message).join('\n'));
      const cell = protocol.name.startsWith('full-cell') || protocol.name === 'gitt' ? 'full-cell' : 'zn-cu';
      const { text } = protocolTextFromExchange(back.exchange, {
        name: 'back',
        title: 'Back',
        about: 'Back.',
        cell,
      });
      expect(protocolFromText(text, { fileName: 'back.yaml' }), text).toMatchObject({ ok: true });
    },
  );
});

describe('a tree of ours', () => {
  it('keeps what other languages share, without a word', () => {
    const { exchange, dropped } = carriedFrom(`  - rest: 1 h
    record: 60 s
  - repeat: 3
    steps:
      - cc: 1 mA
        until: [{ charge: 1 mAh }, { voltage above: 0.5 V }]
        record: 10 s
      - { cv: 0.4 V, at most: 1 h, until: [{ current below: 0.1 mA }], record: 1 s }`);
    expect(dropped).toHaveLength(1);
    expect(exchange.items).toMatchObject([
      { mode: { kind: 'rest' }, timeUs: 3_600_000_000, atMostUs: null, everyUs: 60_000_000 },
      {
        count: 3,
        items: [
          { timeUs: null, atMostUs: null, chargeNc: 3_600_000_000, voltageAboveNv: 500_000_000 },
          { timeUs: null, atMostUs: 3_600_000_000, currentBelowPa: 100_000_000 },
        ],
      },
    ]);
  });

  it('keeps a bound that is another than that of its charge', () => {
    const { exchange } = carriedFrom('  - { cc: 1 mA, at most: 3 h, until: [{ charge: 1 mAh }] }');
    expect(exchange.items).toMatchObject([{ timeUs: null, atMostUs: 10_800_000_000 }]);
  });

  it('says in words what an end becomes', () => {
    const { dropped, exchange } = carriedFrom(`  - plate: 1 mA
    label: plating
    until:
      - net charge: -1 mAh
      - { voltage below: -0.5 V, for: 1 s, then: end run, verdict: voltage-limit }
  - strip: 1 mA
    label: stripping
    until:
      - { voltage above: 0.5 V, then: { go to: plating, at most: 2 } }
      - { last charge: 120 %, then: hold, reason: look at it }
      - { short floor: 1 mV }`);
    expect(dropped.slice(1)).toEqual([
      'plating: end run at -0.5 V becomes a step end',
      'plating: a voltage limit that must hold for 1 s strikes at once',
      'plating: a net charge of -1 mAh becomes a charge of 1 mAh; no overshoot is carried',
      'stripping: go to plating at 0.5 V becomes a step end',
      'stripping: hold at 120 % of the last charge becomes a step end',
      'stripping: the short floor of 0.001 V is left out',
      'stripping: 120 % of the last charge becomes a charge of 1.2 mAh',
    ]);
    expect(exchange.items).toMatchObject([{ chargeNc: 3_600_000_000 }, { chargeNc: 4_320_000_000 }]);
  });

  it('writes out which passes have which steps, and no more of them than needed', () => {
    const { exchange, dropped } = carriedFrom(`  - repeat: 25
    steps:
      - { cc: 1 mA, until: [{ time: 1 h }] }
      - { rest: 1 h, every: 10 }`);
    const [current, rest] = [{ mode: { kind: 'cc' } }, { mode: { kind: 'rest' } }];
    expect(dropped).toHaveLength(1);
    expect(exchange.items).toMatchObject([
      { count: 2, items: [{ count: 9, items: [current] }, current, rest] },
      { count: 5, items: [current] },
    ]);
  });

  it('says so where the passes differ too much to be written out', () => {
    const { exchange, dropped } = carriedFrom(`  - repeat: 5000
    label: long
    steps:
      - { cc: 1 mA, until: [{ time: 1 h }] }
      - { rest: 1 h, every: 97 }
      - { rest: 2 h, every: 89 }`);
    expect(dropped.slice(1)).toEqual([
      'long: which passes have which steps is too long to write out; each pass has all',
    ]);
    expect(exchange.items).toMatchObject([{ count: 5000, items: { length: 3 } }]);
  });
});
