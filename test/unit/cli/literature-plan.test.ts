// Goal: every row becomes runs that give nothing of it away: a task holds the printed condition and a cell,
// nothing else; bounds, missing conditions and our own choices stay visible. Method: plan the whole
// literature and look at tasks and scripts as data; nothing is run.
import { describe, expect, it } from 'vitest';
import { readLiterature } from '../../../src/analysis/literature/literature.ts';
import { CHOSEN_CONDITIONS, chosenFailure } from '../../../src/cli/literature-choices.ts';
import {
  type PlannedRun,
  planReplay,
  type ScriptedLife,
  type ScriptedEfficiency,
} from '../../../src/cli/literature-plan.ts';
import { selectSystems, spansOf } from '../../../src/cli/literature-selection.ts';

const literature = readLiterature();
const settings = { seed: 1, instrument: 'reference', recordUs: 60_000_000 } as const;
const systems = planReplay(literature, settings);
const lives = systems.flatMap(({ id, life }) => (life?.type === 'planned' ? [{ id, ...life }] : []));
const efficiencies = systems.flatMap(({ id, efficiency }) =>
  efficiency?.type === 'planned' ? [{ id, ...efficiency }] : [],
);
const tasks = [...lives, ...efficiencies].map(({ task }) => task);

describe('the plan', () => {
  it('has 82 rows and 4 claims, 86 symmetric and 74 efficiency runs', () => {
    expect(systems).toHaveLength(86);
    expect([lives.length, efficiencies.length]).toEqual([86, 74]);
  });

  it("refuses what lacks a condition, in the row's own words", () => {
    const refused = systems.flatMap(({ id, life, efficiency }) =>
      [life, efficiency].flatMap((run) => (run?.type === 'refused' ? [[id, run.reason]] : [])),
    );
    expect(refused).toEqual([
      ['2/254', "Current density of the asymmetric cell is printed as '-'."],
      ['2/261', "Areal capacity of the asymmetric cell is printed as '-'."],
      ['2/262', expect.stringMatching(/^Condition of the asymmetric cell is printed as a single '-'/)],
    ]);
  });

  it('cycles every row under its printed current density and areal capacity', () => {
    for (const { ref, table, life } of literature.rows) {
      const planned = lives.find(({ id }) => id === `${table}/${ref}`);
      expect(planned?.task.parameters).toMatchObject({
        current_density: `${life?.currentDensityMAPerCm2} mA/cm2`,
        areal_capacity: `${life?.arealCapacityMAhPerCm2} mAh/cm2`,
        wetting: '0 s',
        conditioning_cycles: '0',
      });
    }
  });

  it('gives all tests of one condition one plan, however long the row says they lasted', () => {
    const plans = new Map<string, Set<string>>();
    for (const { scripted, task } of lives.filter(({ scripted: { failure } }) => failure !== null)) {
      const condition = JSON.stringify(scripted.condition);
      plans.set(condition, (plans.get(condition) ?? new Set()).add(JSON.stringify(task.parameters)));
    }
    expect(plans.size).toBeGreaterThan(5);
    for (const parameters of plans.values()) expect(parameters.size).toBe(1);
  });

  it('goes past a bound by the first whole cycle and two more', () => {
    const bounds = lives.filter(({ scripted }) => scripted.qualifier === '>');
    expect(bounds).toHaveLength(16);
    for (const { scripted, task } of bounds) {
      const cycleHours =
        2 * (scripted.condition.arealCapacityMAhPerCm2 / scripted.condition.currentDensityMAPerCm2);
      const beyond = Number(task.parameters['cycles']) - scripted.hours / cycleHours;
      expect(beyond).toBeGreaterThan(2);
      expect(beyond).toBeLessThanOrEqual(3 + 1e-9);
      expect(task.cell.script).toEqual([]);
    }
  });

  it('runs an efficiency test for its printed number of cycles', () => {
    for (const { scripted, task } of efficiencies)
      expect(task.parameters['cycles']).toBe(String(scripted.cycles));
  });

  it('samples a half-cycle ten times at least', () => {
    const quick = lives.find(({ id }) => id === '1/172');
    expect(quick?.task.parameters['record_interval']).toBe('36000000 us');
    const slow = lives.find(({ id }) => id === '1/146');
    expect(slow?.task.parameters['record_interval']).toBe('60000000 us');
  });
});

describe('a task', () => {
  it('holds condition, cell, instrument and seed, and no trace of the row', () => {
    const keys = ['areaUcm2', 'cell', 'instrument', 'parameters', 'protocol', 'seed'];
    const words = literature.rows.flatMap(({ material, method }) => [material, method]);
    for (const task of tasks) {
      expect(Object.keys(task).sort()).toEqual(keys);
      const text = JSON.stringify(task);
      for (const word of words) expect(text).not.toContain(JSON.stringify(word));
      expect(text).not.toMatch(/hours|ref"|table|qualifier|percent|failure/i);
    }
  });

  it('has a seed of its own, which follows from the seed of the replay', () => {
    const seeds = new Set(tasks.map(({ seed }) => seed));
    expect(seeds.size).toBe(tasks.length);
    expect(planReplay(literature, settings)).toEqual(systems);
    const other = planReplay(literature, { ...settings, seed: 2 });
    expect(seedOf(other[0]?.life)).not.toBe(seedOf(systems[0]?.life));
  });
});

describe('our choices', () => {
  it('are marked: a row never states its failure, a claim always does', () => {
    for (const { id, scripted } of lives) {
      expect(scripted.isFailureStated).toBe(id.startsWith('c'));
      if (scripted.qualifier === '>') expect(scripted.failure).toBeNull();
    }
  });

  it('use each of the three failures, and depend on nothing but table and reference', () => {
    const chosen = literature.rows.map(chosenFailure);
    for (const failure of ['hard-short', 'polarisation', 'open-circuit'])
      expect(chosen.filter((found) => found === failure).length).toBeGreaterThan(15);
    expect(chosenFailure({ table: 1, ref: 146 })).toBe(chosenFailure({ table: 1, ref: 146 }));
  });

  it('of conditions are those of the system whose control the claim is', () => {
    const row = literature.rows.find(({ table, ref }) => table === 1 && ref === 146);
    expect(CHOSEN_CONDITIONS['c008']?.arealCapacityMAhPerCm2).toBe(row?.life?.arealCapacityMAhPerCm2);
    const stated = lives.filter(({ id }) => id.startsWith('c'));
    expect(stated.map(({ id, scripted }) => [id, scripted.failure, scripted.ourCondition === null])).toEqual([
      ['c008', 'hard-short', false],
      ['c063', 'polarisation', true],
      ['c064', 'polarisation', true],
      ['c093', 'fluctuating-shorts', false],
    ]);
  });
});

describe('the selection', () => {
  const ids = (selection: { table?: string; ref?: string }): readonly string[] =>
    selectSystems(systems, selection).map(({ id }) => id);

  it('takes rows and claims of one reference, and rows alone where a table is named', () => {
    expect(ids({ ref: '146' })).toEqual(['1/146', 'c008']);
    expect(ids({ ref: '146', table: '1' })).toEqual(['1/146']);
    expect(ids({ table: '2' })).toHaveLength(29);
    expect(ids({ ref: '223' })).toEqual(['c063', 'c064']);
  });

  it('says what there is where nothing matches', () => {
    expect(() => ids({ ref: '240', table: '1' })).toThrow('in table 1; there are 133, 145-196');
    expect(() => ids({ ref: '7' })).toThrow(/133, 145-196, 223, 235-263, 269/);
    expect(() => ids({ table: '3' })).toThrow('"3" is not 1 or 2');
  });

  it('writes numbers in a row as a span', () => {
    expect(spansOf([5, 1, 2, 3, 3])).toBe('1-3, 5');
  });
});

function seedOf(run: PlannedRun<ScriptedLife | ScriptedEfficiency> | { type: 'refused' } | null | undefined) {
  return run?.type === 'planned' ? run.task.seed : null;
}
