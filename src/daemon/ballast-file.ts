// The ballast: a file of the data folder that takes up room nobody needs, until a full disk needs it. Written
// in small pieces, so that neither the thread pool nor the disk of the runs is kept busy. Never sparse, and
// not compressible, or it would hold no room.
import { randomBytes } from 'node:crypto';
import { close, fsync, open, statSync, unlink, write } from 'node:fs';
import type { Clock } from '../base/clock.ts';

export interface BallastFileOptions {
  readonly clock: Clock;
  readonly path: string;
  /** 0: none is wanted; one that is there is removed. */
  readonly bytes: number;
}

const PIECE_BYTES = 1 << 20;
/** 20 MB/s at most. */
const PIECE_EVERY_MS = 50;

export class BallastFile {
  readonly bytes: number;
  readonly #options: BallastFileOptions;
  #state: 'absent' | 'making' | 'there';
  /** Given up while it was being made. */
  #isGivenUp = false;

  constructor(options: BallastFileOptions) {
    this.#options = options;
    this.bytes = options.bytes;
    const sizeBytes = statSync(options.path, { throwIfNoEntry: false })?.size ?? 0;
    this.#state = sizeBytes > 0 && sizeBytes === options.bytes ? 'there' : 'absent';
    if (sizeBytes > 0 && this.#state === 'absent') unlink(options.path, () => undefined);
  }

  /** Whether there is none, and one is wanted. */
  get isWanted(): boolean {
    return this.bytes > 0 && this.#state === 'absent';
  }

  /** Takes the room; `done` with what went wrong, in words, or null. */
  make(done: (problem: string | null) => void): void {
    const { path } = this.#options;
    this.#state = 'making';
    this.#isGivenUp = false;
    open(path, 'w', 0o600, (error, file) => {
      if (error !== null) return this.#made(error.message, done);
      this.#fill(file, { piece: randomBytes(Math.min(PIECE_BYTES, this.bytes)), atByte: 0 }, (problem) =>
        close(file, () => this.#made(problem, done)),
      );
    });
  }

  /** Gives the room back; false where there was none to give. */
  release(): boolean {
    if (this.#state === 'making') this.#isGivenUp = true;
    if (this.#state !== 'there') return false;
    this.#state = 'absent';
    unlink(this.#options.path, () => undefined);
    return true;
  }

  #fill(
    file: number,
    { piece, atByte }: { readonly piece: Buffer; readonly atByte: number },
    done: (problem: string | null) => void,
  ): void {
    if (this.#isGivenUp) return done('the disk became full meanwhile');
    const leftBytes = this.bytes - atByte;
    if (leftBytes === 0) return fsync(file, (error) => done(error?.message ?? null));
    write(file, piece, 0, Math.min(piece.length, leftBytes), null, (error, writtenBytes) => {
      if (error !== null) return done(error.message);
      const next = { piece, atByte: atByte + writtenBytes };
      this.#options.clock.after(PIECE_EVERY_MS, () => this.#fill(file, next, done));
    });
  }

  #made(problem: string | null, done: (problem: string | null) => void): void {
    this.#state = problem === null ? 'there' : 'absent';
    if (problem === null) return done(null);
    unlink(this.#options.path, () => done(problem));
  }
}
