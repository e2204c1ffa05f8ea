// Goal: the published figures reach the program exactly as printed: bounds as bounds, `~` as `~`, what is
// missing as missing. Method: read the files that ship, compare their bytes with the sums of the README, and
// look at rows that are known to be difficult.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PublishedRow, readLiterature } from '../../../src/analysis/literature/literature.ts';

const folder = new URL('../../../src/analysis/literature/', import.meta.url);
const { rows, failures } = readLiterature();

describe('the published tables', () => {
  it('are the transcription byte for byte', () => {
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    for (const name of ['table1.json', 'table2.json', 'text-claims.json']) {
      const digest = createHash('sha256')
        .update(readFileSync(new URL(name, folder)))
        .digest('hex');
      expect(readme).toMatch(new RegExp(`\`${name}\`.*\`${digest}\``));
    }
  });

  it('have 53 and 29 rows, each named by table and reference', () => {
    expect(rows.filter(({ table }) => table === 1)).toHaveLength(53);
    expect(rows.filter(({ table }) => table === 2)).toHaveLength(29);
    expect(new Set(rows.map(({ table, ref }) => `${table}/${ref}`)).size).toBe(82);
  });

  it('hold 216 820 h of symmetric cycling and 102 583 h of efficiency tests with printed conditions', () => {
    expect(sum(rows.map(({ life }) => life?.hours ?? 0))).toBe(216_820);
    const hours = rows.map(({ efficiency }) => {
      if (efficiency === null) return 0;
      const { cycles, currentDensityMAPerCm2: density, arealCapacityMAhPerCm2: charge } = efficiency;
      return density === null || charge === null ? 0 : (2 * cycles * charge) / density;
    });
    expect(Math.round(sum(hours))).toBe(102_583);
  });

  it('keep 16 bounds on hours, 16 on cycles, and every qualifier of an efficiency', () => {
    expect(rows.filter(({ life }) => life?.qualifier === '>')).toHaveLength(16);
    expect(rows.filter(({ efficiency }) => efficiency?.cyclesQualifier === '>')).toHaveLength(16);
    const count = (qualifier: string): number =>
      rows.filter(({ efficiency }) => efficiency?.qualifier === qualifier).length;
    expect([count('='), count('~'), count('>')]).toEqual([67, 7, 3]);
    expect(rows.filter(({ efficiency }) => efficiency === null).map(({ ref }) => ref)).toEqual([
      145, 148, 154, 164, 175,
    ]);
  });

  it('leave conditions missing where the review prints a dash, with a note that says so', () => {
    const lacking = rows.filter(({ efficiency }) => {
      return (
        efficiency !== null &&
        (efficiency.currentDensityMAPerCm2 === null || efficiency.arealCapacityMAhPerCm2 === null)
      );
    });
    expect(lacking.map(({ ref }) => ref)).toEqual([254, 261, 262]);
    for (const { notes } of lacking) expect(notes.join(' ')).toMatch(/printed as/);
    for (const { life } of rows) expect(life?.currentDensityMAPerCm2).toBeGreaterThan(0);
  });

  it('tell 99.0 % from 99 %', () => {
    expect(rowOf(2, 240).efficiency).toMatchObject({ percent: 99, decimals: 1 });
    expect(rowOf(1, 179).efficiency).toMatchObject({ percent: 99, decimals: 1 });
    expect(rowOf(1, 156).efficiency).toMatchObject({ percent: 99, decimals: 0, qualifier: '>' });
  });
});

describe('the claims of the text', () => {
  it('state four failures, in the words of the review', () => {
    expect(failures.map(({ id, refs, hours, failure }) => [id, refs, hours, failure])).toEqual([
      ['c008', [146], 900, 'short circuit'],
      ['c063', [223], 33, 'polarization'],
      ['c064', [223], 67, 'polarization'],
      ['c093', [269], 1200, 'voltage fluctuations'],
    ]);
  });

  it('leave conditions missing that the text does not print', () => {
    const conditions = failures.map(({ currentDensityMAPerCm2: density, arealCapacityMAhPerCm2: charge }) => {
      return [density, charge];
    });
    expect(conditions).toEqual([
      [1, null],
      [1, 1],
      [1, 1],
      [null, null],
    ]);
  });
});

function rowOf(table: 1 | 2, ref: number): PublishedRow {
  const found = rows.find((row) => row.table === table && row.ref === ref);
  if (found === undefined) throw new Error(`no row ${table}/${ref}`);
  return found;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
