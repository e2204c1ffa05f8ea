// Goal: a protocol goes to PyBaMM and comes back as it went, or says what was lost. Method: the worked
// example as its users write it; a law over random trees; forms that PyBaMM knows; texts that are wrong,
// each in one way.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExchangeTree, Imported } from '../../../../src/language/exchange/exchange-tree.ts';
import { NO_SAFETY } from '../../../../src/language/exchange/exchange-tree.ts';
import { exportPybamm } from '../../../../src/language/exchange/pybamm-export.ts';
import { importPybamm } from '../../../../src/language/exchange/pybamm-import.ts';
import { someTrees, withoutNames, WORKED } from './samples.ts';

const WORKED_TEXT = `import pybamm
pybamm.Experiment([("Charge at 1.131 mA for 1 hour or until 0.5 V (10 second period)",
                    "Discharge at 1.131 mA for 1 hour or until -0.5 V (10 second period)")]*1000)
`;
/** An experiment has no hard limits. */
const WORKED_STEPS: ExchangeTree = { ...WORKED, safety: NO_SAFETY };

function imported(text: string): Extract<Imported, { ok: true }> {
  const result = importPybamm(text);
  if (!result.ok) throw new Error(`${result.problems.map(({ message }) => message).join('\n')}\n${text}`);
  return result;
}

function problemOf(text: string): string {
  const result = importPybamm(text);
  return result.ok ? '' : result.problems.map((at) => `${at.line}:${at.column}: ${at.message}`).join('\n');
}

describe('the worked example in PyBaMM', () => {
  it('is read without a loss', () => {
    const { exchange, dropped } = imported(WORKED_TEXT);
    expect(withoutNames(exchange)).toEqual(withoutNames(WORKED_STEPS));
    expect(dropped).toEqual([]);
  });

  it('is written as Python that is its own value', () => {
    const { text, dropped } = exportPybamm(WORKED);
    expect(text).toBe(`# Steps of pybamm.Experiment(experiment). \
"Charge" is the current that strips the working electrode.
experiment = (
    [
        (
            "Charge at 1.131 mA for 1 hour or until 0.5 V (10 second period)",
            "Discharge at 1.131 mA for 1 hour or until -0.5 V (10 second period)",
        ),
    ] * 1000
)
`);
    expect(dropped).toEqual(['safety: the hard limits of the cell are left out: an experiment has none']);
  });
});

describe('a protocol that goes to PyBaMM and back', () => {
  it('is what it was, exactly where nothing is said to be lost', () => {
    let [lossless, lossy] = [0, 0];
    fc.assert(
      fc.property(someTrees, ({ items }) => {
        const tree = { items, safety: NO_SAFETY };
        const { text, dropped } = exportPybamm(tree);
        const back = imported(text);
        const isSame = JSON.stringify(withoutNames(back.exchange)) === JSON.stringify(withoutNames(tree));
        if (dropped.length === 0) lossless += 1;
        else lossy += 1;
        expect(isSame, `${text}\n${dropped.join('\n')}`).toBe(dropped.length === 0);
        const again = imported(exportPybamm(back.exchange).text);
        expect(withoutNames(again.exchange)).toEqual(withoutNames(back.exchange));
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(lossless).toBeGreaterThan(100);
    expect(lossy).toBeGreaterThan(50);
  });
});

describe('an experiment', () => {
  const rest = { kind: 'step', mode: { kind: 'rest' }, timeUs: 60_000_000 };

  it('may be one step on each line, with its loops written out', () => {
    const cycle = ['Charge at 1 mA for 1 hour', 'Rest for 60 seconds', 'Discharge at 1 mA for 1 hour'];
    const lines = ['# a comment', 'Rest for 1 minute', ...cycle, ...cycle, ...cycle, 'Rest for 1 minute'];
    const { exchange } = imported(lines.join('\n'));
    expect(exchange.items).toMatchObject([rest, { kind: 'group', count: 3, items: { length: 3 } }, rest]);
  });

  it('finds the loops of a list that a program wrote out, loops inside loops too', () => {
    const inner = Array.from({ length: 9 }, () => [
      'Charge at 1 mA for 1 hour',
      'Discharge at 1 mA for 1 hour',
    ]);
    const passes = Array.from({ length: 100 }, () => [...inner.flat(), 'Rest for 60 seconds']);
    const { exchange } = imported(JSON.stringify(passes.flat()));
    expect(exchange.items).toMatchObject([
      { kind: 'group', count: 100, items: [{ kind: 'group', count: 9, items: { length: 2 } }, rest] },
    ]);
  });

  it('may be sums and products of lists, in each other', () => {
    const { exchange } = imported(`experiment = ['Rest for 1 minute'] + 2 * (
      [("Rest for " "1 minute",)] * 3 + ["Rest for 1 min"]  # a comment
    )`);
    const loop = { kind: 'group', count: 3, items: [rest] };
    expect(exchange.items).toMatchObject([rest, { kind: 'group', count: 2, items: [loop, rest] }]);
  });

  it('has a period for all steps without one, and says what it leaves out', () => {
    const steps = '["Hold at 1.8 V until 50 uA", "Charge at 2 A until < 0.1 V (1 minute period)"]';
    const { exchange, dropped } = imported(
      `pybamm.Experiment(${steps}, period="5 seconds", temperature="25 oC")`,
    );
    expect(exchange.items).toMatchObject([
      { mode: { kind: 'cv' }, currentBelowPa: 50_000_000, everyUs: 5_000_000, atMostUs: 86_400_000_000 },
      { mode: { currentPa: 2e12 }, voltageAboveNv: null, voltageBelowNv: 100_000_000, everyUs: 60_000_000 },
    ]);
    expect(dropped).toEqual([
      'experiment: "temperature" is left out',
      'step 1: no end in time: taken to last 24 h at most, as in PyBaMM',
      'step 2: no end in time: taken to last 24 h at most, as in PyBaMM',
    ]);
  });

  it.each([
    [
      'a misspelt word',
      '["Chrge at 1 mA for 1 hour"]',
      '1:2: step 1: found "Chrge at 1 mA"; did you mean "Charge"?',
    ],
    [
      'a C-rate',
      '["Rest for 1 hour",\n"Charge at C/2 for 1 hour"]',
      '2:1: step 2: "C/2": a C-rate needs a capacity',
    ],
    ['power', '["Charge at 2 W for 1 hour"]', 'unknown unit "W"'],
    ['a step that nothing ends', '["Charge at 1 mA"]', 'has no "for" and no "until"'],
    ['a current that ends a current', '["Charge at 1 mA until 1 mA"]', 'is a current, expected a voltage'],
    ['an unknown time', '["Rest for 1 day"]', 'a time is wanted'],
    ['a sign in the current', '["Charge at -1 mA for 1 hour"]', 'a current above 0 is wanted'],
    ['a text times a number', '"Rest for 1 hour" * 3', 'put it into a list'],
    ['a loop of no passes', '["Rest for 1 hour"] * 0', 'a whole number 1'],
    [
      'Python that computes',
      '["Rest for 1 hour" for _ in range(3)]',
      '1:20: found "for"; "," or "]" is wanted',
    ],
    ['Python that calls', '__import__("os").system("x")', 'only lists of texts are read'],
    ['a bracket left open', '["Rest for 1 hour"', '"," or "]" is wanted'],
    ['no steps', '[]', 'there is no step in it'],
    [
      'loops beyond every run',
      `["Rest for 1 hour"]${' * 1000000000'.repeat(3)}`,
      'multiply to more than 1e15',
    ],
  ])('is refused for %s', (_case, text, wanted) => {
    expect(problemOf(text)).toContain(wanted);
  });

  it('is refused for its size and its depth, and never throws', () => {
    for (const text of [
      '['.repeat(100_000),
      `${'('.repeat(50)}"Rest for 1 hour"${')'.repeat(50)}`,
      'x'.repeat(300_000),
    ])
      expect(importPybamm(text).ok).toBe(false);
    const signs = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '"Rest for 1 s"',
      ',',
      '+',
      '*',
      '3',
      'a',
      '=',
      ' ',
      '\n',
      '#',
    );
    fc.assert(
      fc.property(
        fc.array(signs).map((parts) => parts.join('')),
        (text) => void importPybamm(text),
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => void importPybamm(`Rest${text}`)));
  });
});
