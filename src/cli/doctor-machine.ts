// The machine's side of `galvanode doctor`: runtime, native modules, data folder, disk.
import { accessSync, constants, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { messageOf } from '../base/errors.ts';
import { makeFolders } from '../base/folders.ts';
import { sizeText } from '../config/byte-size.ts';
import { diskLevel } from '../daemon/disk-guard.ts';
import type { Check } from './check.ts';
import type { Context } from './context.ts';

const SQLITE_MIN = [3, 51, 3];
const SPACE_LEVELS = { ok: 'ok', low: 'warn', lower: 'warn', refusing: 'fail' } as const;

export function machineChecks(context: Context): readonly Check[] {
  return [nodeVersion(), sqlite(), serialport(), dataFolder(context), diskSpace(context)];
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < 20 || (major === 20 && minor < 19);
  // Node 24.19 registers cleanup hooks in node::ObjectWrap; better-sqlite3 12 aborts the process when a
  // statement is collected while no context is entered (numtide/llm-agents.nix#8217,
  // polytope-labs/hyperbridge#1105).
  const isNew = major > 24 || (major === 24 && minor > 18);
  const fix = 'use Node 20.19 … 24.18';
  return { name: 'node', level: isOld || isNew ? 'fail' : 'ok', found: process.version, fix };
}

function sqlite(): Check {
  const fix = 'npm rebuild better-sqlite3 (needs a C++ compiler, python3 and install scripts allowed)';
  try {
    const require = createRequire(import.meta.url);
    const Database = require('better-sqlite3') as new (
      path: string,
    ) => { prepare(sql: string): { pluck(): { get(): unknown } }; close(): void };
    const db = new Database(':memory:');
    const version = String(db.prepare('SELECT sqlite_version()').pluck().get());
    db.close();
    const parts = version.split('.').map(Number);
    // Older versions can lose acknowledged commits in WAL mode (sqlite.org/wal.html#walresetbug).
    const isOld = SQLITE_MIN.some(
      (part, index) =>
        (parts[index] ?? 0) < part && SQLITE_MIN.slice(0, index).every((p, i) => parts[i] === p),
    );
    return {
      name: 'sqlite',
      level: isOld ? 'fail' : 'ok',
      found: version,
      fix: 'install better-sqlite3 12.9 or newer',
    };
  } catch (thrown) {
    return { name: 'sqlite', level: 'fail', found: messageOf(thrown).split('\n')[0] ?? '', fix };
  }
}

function serialport(): Check {
  try {
    createRequire(import.meta.url)('serialport');
    return { name: 'serialport', level: 'ok', found: 'loads', fix: '' };
  } catch (thrown) {
    return {
      name: 'serialport',
      level: 'fail',
      found: messageOf(thrown).split('\n')[0] ?? '',
      fix: 'npm rebuild @serialport/bindings-cpp',
    };
  }
}

function dataFolder({ dataPath }: Context): Check {
  try {
    makeFolders(dataPath, 0o700);
    accessSync(dataPath, constants.W_OK);
    return { name: 'data folder', level: 'ok', found: dataPath, fix: '' };
  } catch (thrown) {
    return {
      name: 'data folder',
      level: 'fail',
      found: messageOf(thrown),
      fix: 'choose another with --data',
    };
  }
}

function diskSpace({ config, dataPath }: Context): Check {
  try {
    const { bavail, blocks, bsize } = statfsSync(dataPath);
    const space = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    const percent = Math.round((100 * bavail) / Math.max(1, blocks));
    return {
      name: 'disk space',
      level: SPACE_LEVELS[diskLevel(space, config.disk)],
      found: `${sizeText(space.freeBytes)} free (${percent} %)`,
      fix: 'make room: a channel at 1 Hz takes about 1 GB a year',
    };
  } catch (thrown) {
    return { name: 'disk space', level: 'warn', found: messageOf(thrown), fix: 'make the data folder first' };
  }
}
