// Recorded runs for tests of the replay: those of test/vectors/wire, unpacked into a folder of the test, and
// what a test changes in them before they are replayed.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { PROTOCOLS } from '../../protocols/index.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { type ReplayResult, replayRun } from '../../src/daemon/replay/replay-run.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { openRunReader } from '../../src/store/readers.ts';
import { compactWire, readWireRow } from '../../src/store/wire-rows.ts';

export const RECORDS = resolve(import.meta.dirname, '../vectors/wire');

export interface RecordedRun {
  readonly protocol: string;
  /** `<protocol>-<dialect>`, as its file is called. */
  readonly name: string;
}

const runsShape = z.record(z.string(), z.looseObject({ dialects: z.array(z.string()).default(['gvn1']) }));

/** Those that `npm run wire` records. */
export const RECORDED_RUNS: readonly RecordedRun[] = Object.entries(
  runsShape.parse(JSON.parse(readFileSync(resolve(RECORDS, '../wire-runs.json'), 'utf8'))),
).flatMap(([protocol, { dialects }]) =>
  dialects.map((dialect) => ({ protocol, name: `${protocol}-${dialect}` })),
);

/** A folder that goes with the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-replay-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Path of a record of its own for this test; `change` may write into it. */
export function unpacked(name: string, change: (db: Database.Database) => void = () => undefined): string {
  const path = join(scratchFolder(), 'recorded.db');
  writeFileSync(path, gunzipSync(readFileSync(join(RECORDS, `${name}.db.gz`))));
  chmodSync(path, 0o600);
  const db = new Database(path);
  change(db);
  db.close();
  return path;
}

/** Each line of the wire becomes what `change` makes of it; null: it is taken out. */
export function changeWire(db: Database.Database, change: (line: string) => string | null): void {
  const lines: string[] = [];
  for (let row = readWireRow(db, 0); row !== null; row = readWireRow(db, row.id)) lines.push(...row.lines);
  db.prepare('DELETE FROM wire').run();
  compactWire(
    db,
    lines.map(change).filter((line) => line !== null),
  );
}

export async function replayed(
  path: string,
  protocols: readonly Protocol[] = PROTOCOLS,
): Promise<ReplayResult> {
  return replayRun({
    reader: openRunReader(path),
    protocols,
    outPath: join(scratchFolder(), 'today.db'),
    clock: new SystemClock(),
    onProgress: () => 'go on',
  });
}

/** Today's protocols, given other parameters than were asked for: a decision that has changed. */
export function protocolsWith(parameters: Readonly<Record<string, unknown>>): readonly Protocol[] {
  return PROTOCOLS.map((protocol) => ({
    ...protocol,
    prepare: (given, context) => protocol.prepare({ ...given, ...parameters }, context),
  }));
}
