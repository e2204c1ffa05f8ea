// Goal: what `protocol explain` says before a run is what the run is: its steps, duration, samples and bytes.
// Method: a short whole run of each registered protocol in virtual time, held against the explanation: within
// 1 % where steps end by time or charge alone, else inside of least and most. Bytes: 25 %, for a file grows
// by pages and its rows by what their numbers are. The time that a run holds for its operator does not count.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../protocols/index.ts';
import { explain, type Explanation } from '../../src/language/explain.ts';
import type { Span } from '../../src/language/tree-estimate.ts';
import { openRunReader } from '../../src/store/readers.ts';
import { type Parameters, prepared } from '../support/prepared.ts';
import { namedProtocol, runShort, SHORT_RUNS, shortRunOf } from '../support/short-runs.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-explain-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly steps: number;
  readonly durationUs: number;
  readonly samples: number;
  readonly bytes: number;
}

function explained(name: string, more: Parameters = {}): Explanation {
  const explanation = explain(prepared({ ...shortRunOf(name).parameters, ...more }, namedProtocol(name)));
  if (explanation === null) throw new Error(`${name} is not explained`);
  return explanation;
}

async function ran(name: string, more: Parameters = {}): Promise<Ran> {
  const run = shortRunOf(name);
  const result = await runShort({ ...run, parameters: { ...run.parameters, ...more } }, folder);
  expect(result).toMatchObject({ state: 'done', verdict: 'completed' });
  const reader = openRunReader(result.path);
  const steps = reader.steps(1, 500);
  reader.close();
  const durationUs = steps.reduce((sum, { endUs, startUs }) => sum + ((endUs ?? 0) - startUs), 0);
  const bytes = statSync(result.path).size;
  rmSync(result.path);
  return { steps: steps.length, durationUs, samples: result.samples, bytes };
}

/** Share of what a figure may be beyond least and most. */
const ROUNDED = 0.01;
const PAGES = 0.25;

function expectInside(value: number, { least, most }: Span, slack: number): void {
  expect(value).toBeGreaterThanOrEqual(least * (1 - slack));
  expect(value).toBeLessThanOrEqual(most * (1 + slack));
}

function isKnown({ least, most }: Span): boolean {
  return most <= least * (1 + ROUNDED);
}

/** Whose steps end by time or charge alone. */
const EXACT = [
  'symmetric-cycling',
  'rate-performance',
  'high-dod',
  'nucleation',
  'critical-current',
  'current-interrupt',
  'pulse-resistance',
  'conductance-probe',
  'temperature-series',
  'bending',
  'chronoamperometry',
  'linear-sweep',
  'cyclic-voltammetry',
  'tafel',
];

describe('the explanation of a protocol', () => {
  it('is held against a run of every one that is registered', () => {
    const names = PROTOCOLS.map(({ name }) => name);
    expect(SHORT_RUNS.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it.each(SHORT_RUNS.map(({ name }) => name))(
    '%s takes as long and records as much as it says',
    async (name) => {
      const said = explained(name);
      const run = await ran(name);
      expectInside(run.steps, said.steps, 0);
      expectInside(run.durationUs, said.durationUs, ROUNDED);
      expectInside(run.samples, said.samples, ROUNDED);
      expectInside(run.bytes, said.bytes, PAGES);
    },
  );

  it('says one duration where no measured value ends a step, and two where one does', () => {
    const known = SHORT_RUNS.filter(({ name }) => isKnown(explained(name).durationUs));
    expect(known.map(({ name }) => name).toSorted()).toEqual(EXACT.toSorted());
  });

  it.each(EXACT)('says of %s how much is recorded at most, within a small factor', (name) => {
    const { samples } = explained(name);
    expect(samples.most / samples.least).toBeLessThan(6);
  });
});

describe('what is measured between cycles', () => {
  const KINDS = ['rest', 'interrupt', 'probe'];

  it.each(KINDS)('is part of what is said: %s, in symmetric cycling', async (diagnostics) => {
    const more = { cycles: 3, diagnostics, diagnostics_every: 1 };
    const [said, plain] = [
      explained('symmetric-cycling', more),
      explained('symmetric-cycling', { cycles: 3 }),
    ];
    const run = await ran('symmetric-cycling', more);
    expect(said.steps.least).toBeGreaterThan(plain.steps.most);
    expectInside(run.steps, said.steps, 0);
    expectInside(run.durationUs, said.durationUs, ROUNDED);
    expectInside(run.samples, said.samples, ROUNDED);
  });

  it('runs behind the last cycle too where other steps follow that one', async () => {
    const name = 'reservoir-efficiency';
    const said = explained(name, { diagnostics: 'rest', diagnostics_every: 1 });
    expect(said.steps.most - explained(name).steps.most).toBe(2);
    const run = await ran(name, { diagnostics: 'rest', diagnostics_every: 1 });
    expectInside(run.steps, said.steps, 0);
    const { plan } = prepared({ cycles: 2, diagnostics: 'rest', diagnostics_every: 1 }, namedProtocol(name));
    expect(plan.steps - prepared({ cycles: 2 }, namedProtocol(name)).plan.steps).toBe(2);
  });

  it('is told in words behind the steps of the protocol', () => {
    const { lines } = explained('symmetric-cycling', { diagnostics: 'rest' });
    expect(lines.slice(-2)).toEqual([
      'every 50 cycles:',
      '  diagnostic-rest: rest at open circuit until time 10 min; a sample every 10 s',
    ]);
    const each = explained('symmetric-cycling', { diagnostics: 'probe', diagnostics_every: 1 });
    expect(each.lines).toContain('after each cycle:');
    expect(explained('symmetric-cycling').lines.join('\n')).not.toContain('every 50 cycles');
  });

  it('counts in what one step may do at worst', () => {
    const [probed, plain] = [{ diagnostics: 'probe' }, {}].map((more) =>
      explained('symmetric-cycling', more),
    );
    expect(probed?.currentMaxPa).toBe(3 * (plain?.currentMaxPa ?? 0));
  });
});
