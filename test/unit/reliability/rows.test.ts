// Goal: the rows of the reliability report that live in virtual time hold on every change, and a row that
// has found anything is not passed. Method: each row at a fraction of its trials; figures made up for the
// verdict.
import { describe, expect, it } from 'vitest';
import { beginsWell, frameTypes } from '../../reliability/overheard-port.ts';
import { type Figures, rowOf } from '../../reliability/row.ts';
import { ROWS } from '../../reliability/rows.ts';

const CLEAN: Figures = {
  ...{ trials: 3, lost: 0, duplicated: 0, unflaggedGaps: 0, unsafeS: 0 },
  ...{ problems: [], late: [], notes: {} },
};

async function figuresOf(id: string, trials: number): Promise<Figures> {
  const plan = ROWS.find((row) => row.id === id);
  if (plan === undefined) throw new Error(`there is no row ${id}`);
  return plan.run({ seed: 3, trials, say: () => undefined });
}

describe('a row', () => {
  it.each([
    ['R4', 300],
    ['R6', 4],
    ['R10', 4],
    ['R11', 1],
    ['R12', 1],
  ])(
    '%s is passed over %d trials',
    async (id, trials) => {
      const figures = await figuresOf(id, trials);
      expect(figures).toMatchObject({ ...CLEAN, trials: expect.any(Number), notes: expect.anything() });
      expect(figures.trials).toBeGreaterThanOrEqual(trials);
    },
    60_000,
  );

  it.each([
    ['nothing', {}, true],
    ['a sample that was lost', { lost: 1 }, false],
    ['one that is there twice', { duplicated: 1 }, false],
    ['a gap that nobody flagged', { unflaggedGaps: 1 }, false],
    ['a cell that was driven for too long', { unsafeS: 0.001 }, false],
    ['a problem', { problems: ['it holds'] }, false],
    ['a limit of time', { late: ['2 s'] }, false],
  ])('that found %s is passed or not', (_title, found, pass) => {
    const plan = { id: 'R0', fault: 'a test', trials: 3, run: async () => figuresOf('R0', 0) };
    expect(rowOf(plan, { ...CLEAN, ...found }, 1)).toMatchObject({ id: 'R0', trials: 3, pass });
  });

  it('has an id of its own, in rising order', () => {
    const numbers = ROWS.map(({ id }) => Number(id.slice(1)));
    expect(numbers).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17]);
  });
});

describe('a connection', () => {
  it.each([
    ['@0 hello v=1*00000000\n@1 stat ch=1*00000000\n@2 job ch=1*00000000\n', true],
    ['@0 hello v=1*00000000\n', true],
    ['@7 commit ch=1*00000000\n@0 hello v=1*00000000\n', false],
    ['@0 hello v=1*00000000\n@7 commit ch=1*00000000\n@1 stat ch=1*00000000\n', false],
  ])('that begins with %j is well begun: %s', (text, isWell) => {
    expect(beginsWell(frameTypes(text))).toBe(isWell);
  });
});
