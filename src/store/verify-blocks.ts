// Second look of a verification: every sample. Each block against its hash and the block before it, every
// number either stored or in a gap. Reads a block at a time and lets go of the file in between, so that a run
// may go on meanwhile. Never writes.
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import {
  BLOCK_SAMPLES,
  type BlockRow,
  blockSha256,
  blockStart,
  createSampleTextReader,
  NO_BLOCK,
  type SampleText,
} from './block-chain.ts';
import type { Findings } from './findings.ts';
import { FIRST_SEQ } from './run-store.ts';
import type { TableDigest } from './table-digest.ts';

export type ReadFile = <Result>(query: (db: Database.Database) => Result) => Result;

export interface BlocksOptions {
  readonly read: ReadFile;
  readonly findings: Findings;
  /** Every number below it is stored or in a gap. */
  readonly nextSeq: number;
  /** Whole: its last samples are in a block too. Open: those of a block that is not complete are in none. */
  readonly extent: 'whole' | 'open';
  readonly onProgress: (seq: number) => void;
}

export interface BlocksFound {
  readonly samples: number;
  readonly samplesInBlocks: number;
  /** Hashes of the blocks, in order. */
  readonly hashes: readonly string[];
  /** Of the table `sample`; null where some of it could not be read. */
  readonly digest: TableDigest | null;
}

interface Gap {
  readonly first_seq: number;
  readonly count: number;
}

/** A block: what it says, and what its samples are. One of the two may be missing. */
interface Place {
  readonly seq0: number;
  readonly row: BlockRow | null;
  readonly text: SampleText | null;
}

const UNREADABLE_MAXIMUM = 100;

export function checkBlocks(options: BlocksOptions): BlocksFound {
  const { read, findings, nextSeq, extent, onProgress } = options;
  const gaps = findings.guard('table gap', [], () =>
    read((db) => db.prepare<[], Gap>('SELECT first_seq, count FROM gap ORDER BY first_seq').all()),
  );
  const walk = new Walk(findings, gaps, nextSeq);
  let unreadable = 0;
  while (unreadable < UNREADABLE_MAXIMUM) {
    const { from } = walk;
    const to = extent === 'open' ? nextSeq : Infinity;
    const name = blockName(blockStart(from), null);
    const place = findings.guard<Place | null | 'unreadable'>(name, 'unreadable', () =>
      read((db) => placeFrom(db, from, to)),
    );
    if (place === null) break;
    if (place === 'unreadable') {
      unreadable += 1;
      if (!walk.skipBlock()) break;
    } else if (extent === 'open' && (place.row === null || place.seq0 + BLOCK_SAMPLES > nextSeq)) {
      walk.takeLoose(place);
    } else {
      walk.take(place);
    }
    onProgress(walk.from - 1);
  }
  return walk.end();
}

/** Block of the first sample or block row of number `from` or above, its samples below `to`; null: none. */
function placeFrom(db: Database.Database, from: number, to: number): Place | null {
  const firstOf = (table: 'sample' | 'block', column: 'seq' | 'seq0'): number => {
    const sql = `SELECT min(${column}) FROM ${table} WHERE ${column} >= ?`;
    return db.prepare<[number], number | null>(sql).pluck().get(from) ?? Infinity;
  };
  const first = Math.min(firstOf('sample', 'seq'), firstOf('block', 'seq0'));
  if (first >= to || !Number.isFinite(first)) return null;
  if (first < from) throw new Error('its rows are in no order');
  const seq0 = blockStart(first);
  const row = db.prepare<[number], BlockRow>('SELECT * FROM block WHERE seq0 = ?').get(seq0) ?? null;
  const text = createSampleTextReader(db)(seq0, Math.min(to, seq0 + BLOCK_SAMPLES));
  return { seq0, row, text };
}

/** Goes through the blocks in order and remembers what the next one must follow from. */
class Walk {
  from = FIRST_SEQ;
  readonly #findings: Findings;
  readonly #gaps: readonly Gap[];
  readonly #nextSeq: number;
  readonly #hash = createHash('sha256');
  readonly #hashes: string[] = [];
  #rows = 0;
  #rowsInBlocks = 0;
  #looseFrom: number | null = null;
  #hasSkipped = false;
  #lastUs = Number.NEGATIVE_INFINITY;

  constructor(findings: Findings, gaps: readonly Gap[], nextSeq: number) {
    this.#findings = findings;
    this.#gaps = gaps;
    this.#nextSeq = nextSeq;
  }

  take({ seq0, row, text }: Place): void {
    const where = blockName(seq0, text);
    const tell = (detail: string): void => this.#findings.add({ kind: 'block', where, detail });
    const isAfterLoose = this.#looseFrom !== null;
    if (isAfterLoose) this.#tellChain(where, 'stands behind samples that are in no block');
    if (row === null) tell('has no row, so nothing says what its samples were');
    else {
      const prev = this.#hashes.at(-1) ?? NO_BLOCK;
      if (row.prev_sha256 !== prev && !this.#hasSkipped && !isAfterLoose)
        this.#tellChain(where, 'does not follow from the block before it');
      if (text === null) tell(`held ${row.n} samples, which are gone`);
      else if (text.n !== row.n) tell(`holds ${text.n} samples, ${row.n} were hashed`);
      else if (blockSha256(row, text.bytes) !== row.sha256) tell('does not have the hash of its samples');
      this.#hashes.push(row.sha256);
      this.#rowsInBlocks += text?.n ?? 0;
    }
    this.#count(where, seq0, text);
  }

  /** Of an open run: samples that no block holds yet. */
  takeLoose({ seq0, text }: Place): void {
    this.#looseFrom ??= Math.max(seq0, this.from);
    this.#count(blockName(seq0, text), seq0, text);
  }

  /** False where there is nothing more to come. */
  skipBlock(): boolean {
    this.#hasSkipped = true;
    this.from = blockStart(this.from) + BLOCK_SAMPLES;
    return this.from < this.#nextSeq;
  }

  end(): BlocksFound {
    if (!this.#hasSkipped) this.#checkNumbers(`samples from ${this.from} on`, this.#nextSeq, 0);
    if (this.#looseFrom !== null) {
      const loose = `samples ${this.#looseFrom} to ${this.#nextSeq - 1} are in no block yet`;
      this.#findings.notes.push(loose);
    }
    const digest = { table: 'sample', rows: this.#rows, sha256: this.#hash.digest('hex') };
    return {
      samples: this.#rows,
      samplesInBlocks: this.#rowsInBlocks,
      hashes: this.#hashes,
      digest: this.#hasSkipped ? null : digest,
    };
  }

  #count(where: string, seq0: number, text: SampleText | null): void {
    const end = Math.min(seq0 + BLOCK_SAMPLES, this.#nextSeq);
    this.#checkNumbers(where, end, text?.n ?? 0);
    this.from = seq0 + BLOCK_SAMPLES;
    if (text === null) return;
    const { firstUs, lastUs } = timesOf(text);
    if (firstUs < this.#lastUs)
      this.#findings.add({ kind: 'sequence', where, detail: 'begins earlier than the block before it ends' });
    this.#lastUs = lastUs;
    if (this.#rows > 0) this.#hash.update('\n');
    this.#hash.update(text.bytes);
    this.#rows += text.n;
  }

  /** Numbers from where we are to below `end`: each is a sample or in a gap. */
  #checkNumbers(where: string, end: number, stored: number): void {
    const absent = this.#gaps.reduce((sum, gap) => sum + overlap(gap, this.from, end), 0);
    const expected = Math.max(0, end - this.from) - absent;
    if (stored === expected) return;
    const detail = `${stored} samples are stored where, beside recorded gaps, ${expected} should be`;
    this.#findings.add({ kind: 'sequence', where, detail });
  }

  #tellChain(where: string, detail: string): void {
    this.#findings.add({ kind: 'chain', where, detail });
  }
}

function overlap({ first_seq, count }: Gap, from: number, to: number): number {
  return Math.max(0, Math.min(to, first_seq + count) - Math.max(from, first_seq));
}

function blockName(seq0: number, text: SampleText | null): string {
  const numbers = `samples ${seq0} to ${seq0 + BLOCK_SAMPLES - 1}`;
  const { firstUs, lastUs } = text === null ? { firstUs: 0, lastUs: 0 } : timesOf(text);
  const hours = text === null ? '' : `, ${inHours(firstUs)} to ${inHours(lastUs)}`;
  return `block ${(seq0 - FIRST_SEQ) / BLOCK_SAMPLES} (${numbers}${hours})`;
}

/** Device times of the first and the last of the samples, us. */
function timesOf({ bytes }: SampleText): { readonly firstUs: number; readonly lastUs: number } {
  const end = bytes.indexOf('\n');
  const first = bytes.subarray(0, end < 0 ? bytes.length : end);
  const last = bytes.subarray(bytes.lastIndexOf('\n') + 1);
  return { firstUs: timeOfLine(first), lastUs: timeOfLine(last) };
}

/** `[seq,t_us,…]` */
function timeOfLine(line: Buffer): number {
  return Number((JSON.parse(line.toString()) as unknown[])[1]);
}

function inHours(us: number): string {
  return `${(us / 3.6e9).toFixed(3)} h`;
}
