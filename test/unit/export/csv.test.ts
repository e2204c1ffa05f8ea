// Goal: a CSV says exactly what was stored: no digit more, no digit less, no line too many.
// Method: a real run file exported to memory; decimals against arithmetic on big integers.
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ampereHoursFromNc, decimalFromInteger } from '../../../src/export/decimal.ts';
import { exportCsv } from '../../../src/export/csv.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { createRunDatabase } from '../../../src/store/run-database.ts';
import { commitOf, descriptionOf, samplesOf, temporaryFolder, wholeStep } from '../store/fixtures.ts';

describe('a decimal', () => {
  it.each([
    [0, 9, '0'],
    [1, 9, '0.000000001'],
    [-1, 12, '-0.000000000001'],
    [300_000_000, 9, '0.3'],
    [-1_130_000_000, 12, '-0.00113'],
    [10_000_000, 6, '10'],
    [9_007_199_254_740_991, 6, '9007199254.740991'],
  ])('of %d with %d digits is %s', (value, digits, text) => {
    expect(decimalFromInteger(value, digits)).toBe(text);
  });

  it('gives back the integer it was made of', () => {
    const integer = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(integer, fc.constantFrom(6, 9, 12), (value, digits) => {
        const [whole = '', fraction = ''] = decimalFromInteger(value, digits).split('.');
        expect(BigInt(whole + fraction.padEnd(digits, '0'))).toBe(BigInt(value));
      }),
    );
  });

  it('of a charge is ampere-hours, correctly rounded, and gives back its nanocoulombs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (chargeNc) => {
        const [whole = '', fraction = ''] = ampereHoursFromNc(chargeNc).split('.');
        const units = BigInt(whole + fraction.padEnd(13, '0'));
        expect(units).toBe((BigInt(chargeNc) * 50n + 9n) / 18n);
        expect((units * 36n + 50n) / 100n).toBe(BigInt(chargeNc));
      }),
    );
    expect(ampereHoursFromNc(-3_600_000_000_000)).toBe('-1');
  });
});

describe('a CSV export', () => {
  it('has a header, one line a sample, and CRLF at the end of each', async () => {
    const path = storedRun();
    const { rows, text } = await exported(path, 1_000_000);
    const lines = text.split('\r\n');
    expect(rows).toBe(721);
    expect(lines).toHaveLength(rows + 2);
    expect(lines[0]).toBe('seq,time_s,voltage_V,current_A,charge_Ah,step,cycle');
    const sample = samplesOf(1, 1);
    const voltage = decimalFromInteger(sample.voltageNv[0] ?? 0, 9);
    const current = decimalFromInteger(sample.currentPa[0] ?? 0, 12);
    expect(lines[1]).toBe(`1,10,${voltage},${current},0.0000000031389,1,1`);
    expect(lines.at(-2)).toBe('721,7210,,,,3,');
    expect(lines.at(-1)).toBe('');
  });

  it('is the same for a reader that can take little at a time', async () => {
    const path = storedRun();
    expect(await exported(path, 16)).toEqual(await exported(path, 1_000_000));
  });

  it('fails when what it writes to fails', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left')) });
    await expect(exportCsv(openRunReader(storedRun()), output)).rejects.toThrow('no space left');
  });
});

function storedRun(): string {
  const path = `${temporaryFolder()}/run.db`;
  const created = createRunDatabase({ path, durability: 'off' }, descriptionOf());
  if (!created.ok) throw new Error(created.detail);
  const nothing = new Float64Array(1).fill(Number.NaN);
  const last = { ...samplesOf(721, 1), voltageNv: nothing, currentPa: nothing, netChargeNc: nothing };
  for (const commit of [wholeStep(1), wholeStep(2), commitOf({ samples: last })])
    created.database.commit(commit);
  created.database.close();
  return path;
}

async function exported(path: string, highWaterMark: number): Promise<{ rows: number; text: string }> {
  let text = '';
  const output = new Writable({
    highWaterMark,
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString('utf8');
      done();
    },
  });
  const rows = await exportCsv(openRunReader(path), output);
  return { rows, text };
}
