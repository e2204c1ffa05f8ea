// Watches the disk of the data folder: warns as it fills, lets no new run start when it is nearly full, and
// keeps a ballast that is given up when it is full, so that runs can end with a whole record. Beside the
// pipeline. Never touches a run, never waits for a disk: one that does not answer is not asked again.
import { statfs } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import { sizeText } from '../config/byte-size.ts';
import type { DiskConfig } from '../config/disk-schema.ts';
import type { BallastFile } from './ballast-file.ts';
import { diskNearlyFull, type Refusal } from './refusals.ts';

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface DiskGuardOptions {
  readonly clock: Clock;
  readonly limits: DiskConfig;
  /** null: it cannot be told. */
  readonly readSpace: (done: (space: DiskSpace | null) => void) => void;
  readonly ballast: Pick<BallastFile, 'bytes' | 'isWanted' | 'make' | 'release'>;
  readonly alarm: (code: string, message: string) => void;
  readonly note: (message: string) => void;
}

const LEVELS = ['ok', 'low', 'lower', 'refusing'] as const;
type Level = (typeof LEVELS)[number];

const LOOK_EVERY_MS = 10_000;
const BALLAST_AGAIN_MS = 3_600_000;
/** A level is left only well above its mark, so that a value that wavers is told once. */
const MARGIN = 1.05;

export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #timer: Timer | null = null;
  #isAsking = false;
  #isClosed = false;
  #space: DiskSpace | null = null;
  #level: Level = 'ok';
  #hasLooked = false;
  /** When the ballast may be written. */
  #ballastFromMs = 0;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Why no new run may be started; null: it may. */
  refusal(): Refusal | null {
    const { refuse_free } = this.#options.limits;
    const freeBytes = this.#space?.freeBytes ?? Number.POSITIVE_INFINITY;
    return freeBytes < refuse_free ? diskNearlyFull(freeBytes, refuse_free) : null;
  }

  /** The store found the disk full. */
  full(): void {
    const { alarm, ballast } = this.#options;
    if (!ballast.release()) return;
    const room = sizeText(ballast.bytes);
    alarm(
      'BALLAST_RELEASED',
      `the disk is full: ${room} kept in reserve are free now, and the last; make room`,
    );
  }

  #look(): void {
    const { clock, readSpace } = this.#options;
    this.#timer = clock.after(LOOK_EVERY_MS, () => this.#look());
    if (this.#isAsking) return;
    this.#isAsking = true;
    readSpace((space) => {
      this.#isAsking = false;
      if (this.#isClosed || space === null) return;
      this.#space = space;
      this.#judge(space);
      // Not in the first seconds of a daemon: instruments and runs come first.
      if (this.#hasLooked) this.#keepBallast(space);
      this.#hasLooked = true;
    });
  }

  #judge(space: DiskSpace): void {
    const { alarm, limits } = this.#options;
    const level = diskLevel(space, limits);
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.#level)) {
      this.#level = level;
      alarm('DISK_LOW', `${freeText(space)}; ${CONSEQUENCES[level]}: make room`);
      return;
    }
    const { freeBytes, totalBytes } = space;
    const left = diskLevel({ freeBytes: freeBytes / MARGIN, totalBytes }, limits);
    if (LEVELS.indexOf(left) < LEVELS.indexOf(this.#level)) this.#level = left;
  }

  #keepBallast({ freeBytes }: DiskSpace): void {
    const { ballast, clock, limits, note } = this.#options;
    if (clock.nowMs() < this.#ballastFromMs) return;
    if (!ballast.isWanted || freeBytes < limits.refuse_free + ballast.bytes) return;
    ballast.make((problem) => {
      if (problem === null) return note(`the ballast of ${sizeText(ballast.bytes)} is in place`);
      note(`the ballast could not be written: ${problem}`);
      this.#ballastFromMs = clock.nowMs() + BALLAST_AGAIN_MS;
    });
  }
}

const CONSEQUENCES: Readonly<Record<Level, string>> = {
  ok: 'nothing is wrong',
  low: 'new runs will be refused when it is nearly full',
  lower: 'new runs will be refused soon',
  refusing: 'new runs are refused',
};

/** How full it is. Pure. */
export function diskLevel({ freeBytes, totalBytes }: DiskSpace, limits: DiskConfig): Level {
  if (freeBytes < limits.refuse_free) return 'refusing';
  if (freeBytes < limits.warn_free) return 'lower';
  return freeBytes < (totalBytes * limits.warn_percent) / 100 ? 'low' : 'ok';
}

/** Of the disk that holds this folder, as far as this user may fill it. */
export function diskSpaceOf(path: string): DiskGuardOptions['readSpace'] {
  return (done) =>
    statfs(path, (error, found) =>
      done(
        error === null
          ? { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize }
          : null,
      ),
    );
}

function freeText({ freeBytes, totalBytes }: DiskSpace): string {
  const percent = ((100 * freeBytes) / Math.max(1, totalBytes)).toFixed(1);
  return `${sizeText(freeBytes)} (${percent} %) are free on the disk of the data folder`;
}
