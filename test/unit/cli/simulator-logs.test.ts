// Goal: the simulator's own records never cost anybody a file: what is no truth log is left as it is, the run
// itself is never written over, and a full disk is said in one line. Method: real files in a folder of their
// own; /dev/full for the disk that takes nothing.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TruthEntry } from '../../../firmware-sim/truth-log.ts';
import { GalvanodeError } from '../../../src/base/errors.ts';
import { openTruthLog, refuseTruthInRun } from '../../../src/cli/simulator-logs.ts';

const ENTRY: TruthEntry = {
  truth: 'switch',
  t_us: 1,
  real_ms: 2,
  ch: 1,
  life_s: 0,
  plate_c: 0,
  strip_c: 0,
  hidden: {},
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-truth-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function codeOf(act: () => unknown): string | null {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) return thrown.code;
    throw thrown;
  }
  return null;
}

function writeOne(path: string, manner: 'append' | 'replace'): void {
  const log = openTruthLog(path, manner);
  log.write(ENTRY);
  log.close();
}

function linesIn(path: string): number {
  return readFileSync(path, 'utf8').trimEnd().split('\n').length;
}

describe('--truth', () => {
  it.each(['append', 'replace'] as const)('leaves a file that is no truth log as it is (%s)', (manner) => {
    const path = join(folder, 'thesis.txt');
    writeFileSync(path, 'three years');
    expect(codeOf(() => openTruthLog(path, manner))).toBe('STORE_FAILED');
    expect(readFileSync(path, 'utf8')).toBe('three years');
  });

  it('begins a new file, fills an empty one, and replaces or continues an earlier truth log', () => {
    const path = join(folder, 'truth.jsonl');
    writeOne(path, 'replace');
    writeOne(path, 'append');
    expect(linesIn(path)).toBe(2);
    writeOne(path, 'replace');
    expect(linesIn(path)).toBe(1);
    writeFileSync(path, '');
    writeOne(path, 'append');
    expect(linesIn(path)).toBe(1);
  });

  it('says that a folder or a missing folder cannot be written', () => {
    expect(codeOf(() => openTruthLog(folder, 'replace'))).toBe('STORE_FAILED');
    expect(codeOf(() => openTruthLog(join(folder, 'no', 'truth.jsonl'), 'replace'))).toBe('STORE_FAILED');
  });

  it('says STORE_FULL when the disk takes no more', () => {
    const log = openTruthLog('/dev/full', 'append');
    expect(codeOf(() => log.write(ENTRY))).toBe('STORE_FULL');
    log.close();
  });

  it.each(['run.db', './run.db', 'run.db-wal', 'run.db-journal'])(
    'is refused at %s beside --out run.db',
    (path) => {
      expect(codeOf(() => refuseTruthInRun(path, 'run.db'))).toBe('USAGE');
    },
  );

  it('is taken under any other name', () => {
    expect(codeOf(() => refuseTruthInRun('run.jsonl', 'run.db'))).toBeNull();
  });
});
