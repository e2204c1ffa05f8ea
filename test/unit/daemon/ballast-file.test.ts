// Goal: the ballast takes real room, gives all of it back, and is never left half made.
// Method: small files in a temporary folder; the pauses between pieces are left out.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { BallastFile } from '../../../src/daemon/ballast-file.ts';

const BYTES = 2_500_000;

/** Time passes as soon as it is asked for. */
const hasty: Clock = {
  nowMs: () => 0,
  wallMs: () => 0,
  after: (_delayMs, run) => {
    const handle = setImmediate(run);
    return { cancel: () => clearImmediate(handle) };
  },
  defer: (run) => void setImmediate(run),
};

function pathOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-ballast-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'ballast');
}

function ballastAt(path: string, bytes = BYTES): BallastFile {
  return new BallastFile({ clock: hasty, path, bytes });
}

async function made(ballast: BallastFile): Promise<string | null> {
  return new Promise((resolve) => ballast.make(resolve));
}

/** Until the file is gone: it is removed behind our back. */
async function gone(path: string): Promise<void> {
  while (statSync(path, { throwIfNoEntry: false }) !== undefined) {
    await new Promise((resolve) => hasty.defer(() => resolve(null)));
  }
}

it('has its size, in blocks that are really there and that no file system packs', async () => {
  const path = pathOf();
  const ballast = ballastAt(path);
  expect(ballast.isWanted).toBe(true);
  expect(await made(ballast)).toBeNull();
  const { size, blocks } = statSync(path);
  expect(size).toBe(BYTES);
  expect(blocks * 512).toBeGreaterThanOrEqual(BYTES);
  expect(gzipSync(readFileSync(path).subarray(0, 1 << 20)).length).toBeGreaterThan(1e6);
  expect(ballast.isWanted).toBe(false);
});

it('is there for the next daemon too', async () => {
  const path = pathOf();
  await made(ballastAt(path));
  expect(ballastAt(path).isWanted).toBe(false);
  expect(statSync(path).size).toBe(BYTES);
});

it('is gone once it is given up, and given up only once', async () => {
  const path = pathOf();
  const ballast = ballastAt(path);
  await made(ballast);
  expect([ballast.release(), ballast.release()]).toEqual([true, false]);
  await gone(path);
  expect(ballast.isWanted).toBe(true);
});

it('that is given up while it is made is not finished, and leaves nothing', async () => {
  const path = pathOf();
  const ballast = ballastAt(path);
  const making = made(ballast);
  expect(ballast.release()).toBe(false);
  expect(await making).toMatch(/full meanwhile/);
  await gone(path);
  expect(ballast.isWanted).toBe(true);
});

it('of another size, or half made by a daemon that died, is replaced', async () => {
  const path = pathOf();
  writeFileSync(path, 'half');
  const ballast = ballastAt(path);
  expect(ballast.isWanted).toBe(true);
  await gone(path);
  expect(await made(ballast)).toBeNull();
  expect(statSync(path).size).toBe(BYTES);
});

it('of no bytes is never wanted, and one that is there is removed', async () => {
  const path = pathOf();
  await made(ballastAt(path));
  const ballast = ballastAt(path, 0);
  expect(ballast.isWanted).toBe(false);
  await gone(path);
});

it('that cannot be written says why', async () => {
  const ballast = ballastAt('/nowhere/at/all/ballast');
  expect(await made(ballast)).toMatch(/ENOENT/);
  expect(ballast.isWanted).toBe(true);
});
