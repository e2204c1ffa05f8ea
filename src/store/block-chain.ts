// The hash chain over a run's samples: blocks of 4096 numbers, each with the hash of the one before (what is
// hashed: migrations/run/004-block.sql). A block is written in the transaction of the samples that complete
// it. A value: a failed commit drops the chain it made. Keeps no sample; an open block is in the file alone.
import { createHash, type Hash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { FIRST_SEQ } from './run-store.ts';
import type { TableDigest } from './table-digest.ts';

export const BLOCK_SAMPLES = 4096;
/** What the first block says of the one before it. */
export const NO_BLOCK = '0'.repeat(64);

export interface BlockRow {
  readonly seq0: number;
  readonly n: number;
  readonly sha256: string;
  readonly prev_sha256: string;
}

/** Samples of a range of numbers as canonical lines. */
export interface SampleText {
  readonly n: number;
  readonly bytes: Buffer;
}

export interface BlockTable {
  /** The first number of `seq` or above that holds a sample. */
  firstSeqFrom(seq: number): number | null;
  /** Samples with numbers from `from` on, below `to`; null: none. */
  read(from: number, to: number): SampleText | null;
  write(row: BlockRow): void;
}

/** Blocks closed in one go, so that a file of an earlier galvanode is caught up with in short turns. */
const BLOCKS_AT_ONCE = 16;

/** Digest of the rows of `sample` so far; its hash is copied before it is added to. */
interface Digested {
  readonly hash: Hash;
  readonly rows: number;
}

export class BlockChain {
  /** Hash of the last block; NO_BLOCK before the first. */
  readonly head: string;
  /** The first number behind the last block. */
  readonly #from: number;
  /** null: blocks of an earlier process are not in it, so the seal reads the samples again. */
  readonly #digested: Digested | null;

  constructor(head: string, from: number, digested: Digested | null) {
    this.head = head;
    this.#from = from;
    this.#digested = digested;
  }

  /** The chain once every number below `nextSeq` is stored; itself where no block is complete. */
  grownTo(nextSeq: number, table: BlockTable): BlockChain {
    let grown = new BlockChain(this.head, this.#from, this.#digested);
    for (let closed = 0; closed < BLOCKS_AT_ONCE; closed += 1) {
      const next = grown.#grownByOne(nextSeq, table);
      if (next === null) return closed === 0 ? this : grown;
      grown = next;
    }
    return grown;
  }

  /** The chain with its last block, complete or not. Grow it as far as it goes before. */
  ended(table: BlockTable): BlockChain {
    const seq = table.firstSeqFrom(this.#from);
    return seq === null ? this : (this.#withBlock(blockStart(seq), table) ?? this);
  }

  /** Whether an ended chain will know the digest of `sample`; else only reading the table can tell. */
  get hasDigest(): boolean {
    return this.#digested !== null;
  }

  sampleDigest(): TableDigest | null {
    if (this.#digested === null) return null;
    const { hash, rows } = this.#digested;
    return { table: 'sample', rows, sha256: hash.copy().digest('hex') };
  }

  #grownByOne(nextSeq: number, table: BlockTable): BlockChain | null {
    if (nextSeq - this.#from < BLOCK_SAMPLES) return null;
    const seq = table.firstSeqFrom(this.#from);
    const isComplete = seq !== null && blockStart(seq) + BLOCK_SAMPLES <= nextSeq;
    return isComplete ? this.#withBlock(blockStart(seq), table) : null;
  }

  #withBlock(seq0: number, table: BlockTable): BlockChain | null {
    const text = table.read(seq0, seq0 + BLOCK_SAMPLES);
    if (text === null) return null;
    const sha256 = blockSha256({ seq0, n: text.n, prev_sha256: this.head }, text.bytes);
    table.write({ seq0, n: text.n, sha256, prev_sha256: this.head });
    return new BlockChain(sha256, seq0 + BLOCK_SAMPLES, digestedWith(this.#digested, text));
  }
}

/** The chain as the file holds it. */
export function chainFromDatabase(db: Database.Database): BlockChain {
  const last = db.prepare<[], BlockRow>('SELECT * FROM block ORDER BY seq0 DESC LIMIT 1').get();
  return last === undefined
    ? new BlockChain(NO_BLOCK, FIRST_SEQ, { hash: createHash('sha256'), rows: 0 })
    : new BlockChain(last.sha256, last.seq0 + BLOCK_SAMPLES, null);
}

export function createBlockTable(db: Database.Database): BlockTable {
  const first = db.prepare<[number], number>('SELECT seq FROM sample WHERE seq >= ? ORDER BY seq LIMIT 1');
  const insert = db.prepare<[BlockRow]>(
    'INSERT INTO block (seq0, n, sha256, prev_sha256) VALUES (@seq0, @n, @sha256, @prev_sha256)',
  );
  return {
    firstSeqFrom: (seq) => first.pluck().get(seq) ?? null,
    read: createSampleTextReader(db),
    write: (row) => insert.run(row),
  };
}

/** Reads samples as they are hashed. */
export function createSampleTextReader(db: Database.Database): BlockTable['read'] {
  const statement = db.prepare<[number, number], { readonly n: number; readonly bytes: Buffer | null }>(
    `SELECT count(*) AS n, CAST(group_concat(line, char(10)) AS BLOB) AS bytes FROM
       (SELECT json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) AS line FROM sample
        WHERE seq >= ? AND seq < ? ORDER BY seq)`,
  );
  return (from, to) => {
    const found = statement.get(from, to);
    return found === undefined || found.bytes === null ? null : { n: found.n, bytes: found.bytes };
  };
}

export function blockSha256(row: Omit<BlockRow, 'sha256'>, samples: Buffer): string {
  const line = JSON.stringify([row.seq0, row.n, row.prev_sha256]);
  return createHash('sha256').update(`${line}\n`).update(samples).digest('hex');
}

/** The first number of the block that holds `seq`. */
export function blockStart(seq: number): number {
  return seq - ((seq - FIRST_SEQ) % BLOCK_SAMPLES);
}

function digestedWith(digested: Digested | null, text: SampleText): Digested | null {
  if (digested === null) return null;
  const hash = digested.hash.copy();
  if (digested.rows > 0) hash.update('\n');
  return { hash: hash.update(text.bytes), rows: digested.rows + text.n };
}
