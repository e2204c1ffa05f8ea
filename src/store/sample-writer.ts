// Puts columns of samples into the `sample` table: the hot path of every run. One statement that binds 32
// rows costs about two thirds of 32 statements of one row (measured, see src/README.md). Runs inside the
// commit's transaction; never opens one.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';

const ROWS_AT_ONCE = 32;
const COLUMNS = 7;
const INSERT = 'INSERT INTO sample (seq, t_us, v_nv, i_pa, q_nc, step, flags) VALUES ';
const ONE_ROW = '(?, ?, ?, ?, ?, ?, ?)';

export type WriteSamples = (samples: SampleColumns) => void;

export function createSampleWriter(db: Database.Database): WriteSamples {
  const insertOne = db.prepare<[unknown[]]>(INSERT + ONE_ROW);
  const insertMany = db.prepare<[unknown[]]>(INSERT + Array(ROWS_AT_ONCE).fill(ONE_ROW).join(', '));
  const one: unknown[] = Array(COLUMNS).fill(0);
  const many: unknown[] = Array(COLUMNS * ROWS_AT_ONCE).fill(0);
  return (samples) => {
    let index = 0;
    for (; index + ROWS_AT_ONCE <= samples.count; index += ROWS_AT_ONCE) {
      for (let row = 0; row < ROWS_AT_ONCE; row += 1) fill(many, row * COLUMNS, samples, index + row);
      insertMany.run(many);
    }
    for (; index < samples.count; index += 1) {
      fill(one, 0, samples, index);
      insertOne.run(one);
    }
  };
}

/** SQLite turns NaN into NULL, and a STRICT column refuses what is not a whole number. */
function fill(values: unknown[], at: number, samples: SampleColumns, index: number): void {
  values[at] = samples.firstSeq + index;
  values[at + 1] = samples.timeUs[index];
  values[at + 2] = samples.voltageNv[index];
  values[at + 3] = samples.currentPa[index];
  values[at + 4] = samples.netChargeNc[index];
  values[at + 5] = samples.step[index];
  values[at + 6] = samples.flags[index];
}

/** Asserts what the columns must be before any is written: long enough, and time that never goes back. */
export function assertSamples(samples: SampleColumns, lastTimeUs: number): void {
  const { count, timeUs } = samples;
  assert(count > 0, 'a commit without samples says null');
  for (const name of ['timeUs', 'voltageNv', 'currentPa', 'netChargeNc', 'step', 'flags'] as const) {
    const { length } = samples[name];
    assert(length >= count, `${name} must have ${count} values, found ${length}`);
  }
  let earlierUs = lastTimeUs;
  for (let index = 0; index < count; index += 1) {
    const atUs = timeUs[index] ?? Number.NaN;
    // The message is made only where it is needed: this runs for every sample. NaN is caught as well.
    const isInOrder = atUs >= earlierUs;
    if (!isInOrder) assert(isInOrder, `time must not go back, found ${atUs} us after ${earlierUs} us`);
    earlierUs = atUs;
  }
}
