// What went wrong with a file, as a value: full, or failed. Every thrown SQLite or file-system error passes
// here. A broken constraint is not an expected failure: the caller contradicted the file, and that is an
// assertion.
import Database from 'better-sqlite3';
import { AssertionFailed, assert } from '../base/assert.ts';
import { messageOf } from '../base/errors.ts';

export interface StoreFailure {
  readonly ok: false;
  readonly code: 'STORE_FULL' | 'STORE_FAILED';
  readonly detail: string;
}

/** A full disk shows itself in these ways; -shm cannot be extended, a new folder cannot be made. */
const FULL_CODES = ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT'];

/** Turns what was thrown into a value; rethrows assertions and broken constraints. */
export function failureOf(thrown: unknown, path: string): StoreFailure {
  if (thrown instanceof AssertionFailed) throw thrown;
  const code = codeOf(thrown);
  assert(!code.startsWith('SQLITE_CONSTRAINT'), `${path} contradicts the commit: ${messageOf(thrown)}`);
  const detail = `${path}: ${messageOf(thrown)}${code === '' ? '' : ` (${code})`}`;
  return { ok: false, code: FULL_CODES.includes(code) ? 'STORE_FULL' : 'STORE_FAILED', detail };
}

/** True where the fate of a COMMIT is unknown until the file has been opened again. */
export function isInputOutputError(thrown: unknown): boolean {
  return codeOf(thrown).startsWith('SQLITE_IOERR');
}

export function isBusy(thrown: unknown): boolean {
  return codeOf(thrown).startsWith('SQLITE_BUSY') || codeOf(thrown) === 'SQLITE_LOCKED';
}

export function codeOf(thrown: unknown): string {
  if (thrown instanceof Database.SqliteError) return thrown.code;
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return '';
}
