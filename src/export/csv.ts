// A run's samples as CSV (RFC 4180) in SI units, page by page, to anything that can be written to.
// Numbers are exact decimals of the stored integers; an empty field means not measured.
// Never holds more than a page in memory, and never reads on while the other side is full.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { RunReader, SampleRows } from '../store/readers.ts';
import { ampereHoursFromNc, decimalFromInteger } from './decimal.ts';

const HEADER = 'seq,time_s,voltage_V,current_A,charge_Ah,step,cycle';
const LINE_END = '\r\n';
const PAGE_ROWS = 5000;
const DIGITS = { us: 6, nv: 9, pa: 12 } as const;

/**
 * Writes header and rows, and returns the number of rows. Does not end `output`. Rejects when `output`
 * fails.
 */
export async function exportCsv(reader: RunReader, output: Writable): Promise<number> {
  let rows = 0;
  let nextSeq = 0;
  await write(output, HEADER + LINE_END);
  for (;;) {
    const page = reader.samplesFrom(nextSeq, PAGE_ROWS);
    const last = page.seq.at(-1);
    if (last === undefined) return rows;
    await write(output, linesOf(page, cyclesOf(reader, page)));
    rows += page.seq.length;
    nextSeq = last + 1;
  }
}

async function write(output: Writable, text: string): Promise<void> {
  if (!output.write(text)) await once(output, 'drain');
}

function cyclesOf(reader: RunReader, page: SampleRows): ReadonlyMap<number, number> {
  return reader.cyclesOfSteps(page.step[0] ?? 0, page.step.at(-1) ?? 0);
}

function linesOf(page: SampleRows, cycles: ReadonlyMap<number, number>): string {
  let text = '';
  for (const [index, seq] of page.seq.entries()) {
    const time = decimalFromInteger(page.timeUs[index] ?? Number.NaN, DIGITS.us);
    const voltage = field(page.voltageNv[index], DIGITS.nv);
    const current = field(page.currentPa[index], DIGITS.pa);
    const chargeNc = page.netChargeNc[index] ?? null;
    const charge = chargeNc === null ? '' : ampereHoursFromNc(chargeNc);
    const step = page.step[index] ?? Number.NaN;
    text += `${seq},${time},${voltage},${current},${charge},${step},${cycles.get(step) ?? ''}${LINE_END}`;
  }
  return text;
}

function field(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '' : decimalFromInteger(value, digits);
}
