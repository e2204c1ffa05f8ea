// SHA-256 of a whole file that holds it: the digits of the value itself are read as zeros. Covers what no
// hash of rows does: headers, free pages, what is left between rows. For a file that nobody writes any more.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Durability } from './open-database.ts';

export interface FileDigest {
  readonly sha256: string;
  /** Where the value stands, in bytes from the start of the file. */
  readonly places: readonly number[];
}

const PIECE_BYTES = 1_048_576;

/**
 * Digest of `path` with every `value` in it read as zeros. Yields between pieces; throws where it cannot
 * read.
 */
export function* digestFile(path: string, value: string): Generator<undefined, FileDigest> {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const places: number[] = [];
    const piece = Buffer.alloc(PIECE_BYTES);
    let kept = Buffer.alloc(0);
    let keptAt = 0;
    for (;;) {
      const read = readSync(file, piece);
      const bytes = Buffer.concat([kept, piece.subarray(0, read)]);
      for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at)) {
        bytes.fill('0', at, at + value.length);
        places.push(keptAt + at);
      }
      // A value may lie across two pieces: its beginning waits for the next one.
      const done = read === 0 ? bytes.length : Math.max(0, bytes.length - value.length);
      hash.update(bytes.subarray(0, done));
      if (read === 0) return { sha256: hash.digest('hex'), places };
      kept = bytes.subarray(done);
      keptAt += done;
      yield;
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Puts the digest of `path` in the one place that holds `blank`. Yields between pieces; throws where it
 * fails.
 */
export function* stampFile(
  path: string,
  blank: string,
  durability: Durability,
): Generator<undefined, undefined> {
  const { sha256, places } = yield* digestFile(path, blank);
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new Error(`the place of the file's digest was found ${places.length} times`);
  const file = openSync(path, 'r+');
  try {
    writeSync(file, sha256, place, 'latin1');
    if (durability === 'full') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
