// Whether a run's file is whole and untouched: bytes, pages, schema, blocks, steps, seal, and what the
// catalog knows of it; an open run as far as it goes. Says where it differs. Opens for reading only, and
// survives any file.
import { resolve } from 'node:path';
import type Database from 'better-sqlite3';
import type { NotedHead } from './catalog-reader.ts';
import { type Difference, Findings } from './findings.ts';
import { readSchema } from './migrate.ts';
import { openReadOnly } from './open-database.ts';
import { HEAD_ROW } from './seal.ts';
import { type BlocksFound, checkBlocks, type ReadFile } from './verify-blocks.ts';
import { checkBytes, checkPages, checkSchema } from './verify-file.ts';
import { checkFile, checkSeal } from './verify-seal.ts';
import { checkSteps } from './verify-steps.ts';

export interface Verification extends Found {
  readonly path: string;
  readonly differences: readonly Difference[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}

interface Found {
  /** null: the file does not say. */
  readonly run: string | null;
  /** How much of it there is to verify. */
  readonly extent: 'sealed' | 'open' | 'unreadable';
  readonly samples: number;
  readonly samplesInBlocks: number;
  readonly blocks: number;
  /** Tables that the seal covers. */
  readonly tables: number;
  /** Of the seal; of an open run: of its last block. */
  readonly head: string | null;
}

export interface VerifyOptions {
  readonly path: string;
  /** What the catalog says of a run; null: it does not know it. */
  readonly noted: (run: string) => NotedHead | null;
  readonly onProgress: (text: string) => void;
}

/** What the file says of itself, in one reading. */
interface Account {
  readonly run: string | null;
  readonly isMarked: boolean;
  readonly hasSeal: boolean;
  readonly hasBlocks: boolean;
}

interface Progress {
  readonly commits: number;
  readonly next_seq: number;
}

const UNREADABLE: Found = {
  ...{ run: null, extent: 'unreadable', samples: 0, samplesInBlocks: 0, blocks: 0, tables: 0, head: null },
};

export function verifyRun(options: VerifyOptions): Verification {
  const findings = new Findings();
  const found = findings.guard('file', UNREADABLE, () =>
    checkBytes(options.path, findings) ? verifyDatabase(options, findings) : UNREADABLE,
  );
  const differences = findings.differences();
  return { path: options.path, ...found, differences, notes: findings.notes };
}

function verifyDatabase(options: VerifyOptions, findings: Findings): Found {
  const { path, onProgress } = options;
  const read: ReadFile = (query) => {
    const db = openReadOnly(path);
    try {
      return query(db);
    } finally {
      db.close();
    }
  };
  onProgress('pages and schema');
  const tables = findings.guard('file', null, () => read((db) => readSchema(db).length));
  if (tables === 0)
    findings.add({ kind: 'schema', where: 'file', detail: 'is a database without any table' });
  if (tables === null || tables === 0) return UNREADABLE;
  findings.guard('file', undefined, () => read((db) => checkPages(db, findings)));
  findings.guard('schema', undefined, () => read((db) => checkSchema(db, findings)));
  const account = findings.guard('table meta', null, () => read(readAccount));
  // Before the file: of a run that goes on the file may hold more than was noted, never less.
  const run = account?.run ?? null;
  const noted = run === null ? null : findings.guard('catalog', null, () => options.noted(run));
  const progress = findings.guard('table checkpoint', null, () => read(readProgress));
  if (account === null || progress === null) return { ...UNREADABLE, run };
  const extent = account.isMarked || account.hasSeal ? 'sealed' : 'open';
  if (account.isMarked !== account.hasSeal)
    findings.add({ kind: 'seal', where: 'seal', detail: 'its mark and its rows do not fit together' });
  const blocks = account.hasBlocks
    ? checkBlocks({
        ...{ read, findings, nextSeq: progress.next_seq, extent: extent === 'sealed' ? 'whole' : 'open' },
        onProgress: (seq) => onProgress(`sample ${seq} of ${progress.next_seq - 1}`),
      })
    : withoutBlocks(progress, findings);
  findings.guard('table step_log', undefined, () => read((db) => checkSteps(db, findings)));
  const seal = extent === 'sealed' ? verifySeal(options, blocks, read, findings) : NO_SEAL;
  const head = seal.head ?? blocks.hashes.at(-1) ?? null;
  compareWithCatalog(
    { path, extent, head, hashes: blocks.hashes, commits: progress.commits },
    noted,
    findings,
  );
  const { samples, samplesInBlocks } = blocks;
  return {
    ...{ run, extent, samples, samplesInBlocks },
    ...{ blocks: blocks.hashes.length, tables: seal.tables, head },
  };
}

const NO_SEAL = { tables: 0, head: null };

function verifySeal(
  { path, onProgress }: VerifyOptions,
  blocks: BlocksFound,
  read: ReadFile,
  findings: Findings,
): { readonly tables: number; readonly head: string | null } {
  const onTable = (table: string): void => onProgress(`table ${table}`);
  const found = findings.guard('seal', null, () =>
    read((db) => checkSeal({ db, findings, sample: blocks.digest, onProgress: onTable })),
  );
  onProgress('bytes');
  const file = found?.file ?? null;
  if (file !== null) checkFile(path, file, findings);
  return found ?? NO_SEAL;
}

function withoutBlocks(progress: Progress, findings: Findings): BlocksFound {
  findings.notes.push('written by an earlier galvanode: its samples are in no blocks');
  return { samples: progress.next_seq - 1, samplesInBlocks: 0, hashes: [], digest: null };
}

function readAccount(db: Database.Database): Account {
  const run = db.prepare(`SELECT value ->> '$' FROM meta WHERE key = 'run'`).pluck().get();
  const exists = (sql: string): boolean => db.prepare(sql).get() !== undefined;
  const isMarked = exists("SELECT 1 FROM meta WHERE key = 'sealed'");
  // An earlier galvanode may have sealed it, and a later one have brought the schema up to date.
  const isSealedBefore = isMarked && !exists(`SELECT 1 FROM seal WHERE "table" = '${HEAD_ROW}'`);
  return {
    run: typeof run === 'string' ? run : null,
    isMarked,
    hasSeal: exists('SELECT 1 FROM seal'),
    hasBlocks: exists("SELECT 1 FROM sqlite_schema WHERE name = 'block'") && !isSealedBefore,
  };
}

function readProgress(db: Database.Database): Progress {
  const row = db.prepare<[], Progress>('SELECT commits, next_seq FROM checkpoint').get();
  if (row === undefined) throw new Error('it has no row');
  return row;
}

interface Compared {
  readonly path: string;
  readonly extent: Found['extent'];
  readonly head: string | null;
  readonly hashes: readonly string[];
  readonly commits: number;
}

function compareWithCatalog(found: Compared, noted: NotedHead | null, findings: Findings): void {
  const tell = (detail: string): void => findings.add({ kind: 'catalog', where: 'catalog', detail });
  if (noted === null) {
    findings.notes.push('the catalog of this data folder does not know the run');
    return;
  }
  if (found.extent === 'sealed') {
    const isOther = noted.isSealed && noted.sha256 !== null && noted.sha256 !== found.head;
    if (isOther) tell(`knows the run with the head ${noted.sha256}, not with that of this file`);
  } else if (noted.isSealed) {
    tell('knows the run as sealed; this file is not, so it is an earlier state of it');
  } else if (resolve(noted.path) !== resolve(found.path)) {
    findings.notes.push('a copy of a run that is open: it was not compared with the catalog');
  } else if (found.commits < noted.commits) {
    tell(`knows ${noted.commits} transactions as stored, the file holds ${found.commits}: the rest was lost`);
  } else if (noted.sha256 !== null && !found.hashes.includes(noted.sha256)) {
    tell('knows a block of the run that is not in this file');
  }
}
