// Goal: while a store takes nothing, what waits for it stays small and in order; afterwards everything is
// there once, and the record says what was late. Method: a journal in front of a store that answers as it
// is told, in virtual time.

import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { AUX_WAITING_MAX, Journal, SAMPLES_WAITING_MAX } from '../../../src/daemon/journal.ts';
import type { StoreTrouble } from '../../../src/daemon/store-trouble.ts';
import type { Commit, RunStore, StoreResult } from '../../../src/store/run-store.ts';
import { DISK_BROKEN, DISK_FULL } from '../../support/faulty-store.ts';

const MINUTE_MS = 60_000;

interface JournalRig {
  readonly clock: VirtualClock;
  readonly journal: Journal;
  readonly stored: Commit[];
  readonly troubles: StoreTrouble[];
  /** What commits are answered with; null: nothing at all; `throw`: a contradiction. */
  answer: StoreResult | 'throw' | null;
  /** Records at 10 Hz, flushed twice a second as a channel does. */
  record(forMs: number): void;
}

function journalRig(): JournalRig {
  const clock = new VirtualClock();
  const stored: Commit[] = [];
  const troubles: StoreTrouble[] = [];
  let seq = 0;
  const store: RunStore = {
    path: 'run.db',
    nextSeq: 1,
    commit(commit, done) {
      const { answer } = rig;
      if (answer === 'throw') throw new AssertionFailed('seq must go on with 1');
      if (answer === null) return;
      clock.defer(() => {
        if (answer.ok) stored.push(commit);
        done(answer);
      });
    },
    seal: (done) => done({ ok: true }),
    close: (done) => done({ ok: true }),
  };
  const onTrouble = (trouble: StoreTrouble): void => void troubles.push(trouble);
  const journal = new Journal({ store, clock, onStored: () => undefined, onTrouble });
  const rig: JournalRig = {
    ...{ clock, journal, stored, troubles },
    answer: { ok: true },
    record(forMs) {
      for (const endMs = clock.nowMs() + forMs; clock.nowMs() < endMs; clock.advance(100)) {
        seq += 1;
        journal.sample(sampleOf(seq));
        if (seq % 5 === 0) journal.flush();
      }
    },
  };
  return rig;
}

function sampleOf(seq: number) {
  const timeUs = seq * 100_000;
  return { seq, timeUs, voltageNv: seq, currentPa: 1, netChargeNc: 1, step: 1, flags: 0 };
}

/** The numbers that commits settle, in their order: samples, and gaps as their own negatives. */
function numbersOf(commits: readonly Commit[]): number[] {
  return commits.flatMap(({ samples, gaps }) => {
    const pieces = [...gaps, ...(samples === null ? [] : [samples])];
    pieces.sort((a, b) => a.firstSeq - b.firstSeq);
    return pieces.flatMap((piece) =>
      Array.from(
        { length: piece.count },
        (_, index) => (piece.firstSeq + index) * ('timeUs' in piece ? 1 : -1),
      ),
    );
  });
}

function bytesOf({ samples }: Commit): number {
  if (samples === null) return 0;
  const { timeUs, voltageNv, currentPa, netChargeNc, step, flags } = samples;
  const columns = [timeUs, voltageNv, currentPa, netChargeNc, step, flags];
  return columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe('ten minutes at 10 Hz without a store', () => {
  it('wait in a few large transactions of 48 bytes a sample', () => {
    const rig = journalRig();
    rig.answer = DISK_FULL;
    rig.record(10 * MINUTE_MS);
    rig.answer = { ok: true };
    rig.clock.advance(2000);
    rig.journal.flush();
    rig.clock.advance(10);
    expect(rig.stored.length).toBeLessThan(15);
    expect(rig.stored.reduce((sum, commit) => sum + bytesOf(commit), 0)).toBe(6000 * 48);
  });

  it('are stored once each, in order, when it is back', () => {
    const rig = journalRig();
    rig.record(MINUTE_MS);
    rig.answer = DISK_FULL;
    rig.record(10 * MINUTE_MS);
    rig.answer = { ok: true };
    rig.record(MINUTE_MS);
    rig.clock.advance(2000);
    const numbers = numbersOf(rig.stored);
    expect(numbers).toEqual(Array.from({ length: 12 * 600 }, (_, index) => index + 1));
  });

  it('are told with how many wait, and the record says that they were late', () => {
    const rig = journalRig();
    rig.record(MINUTE_MS);
    rig.answer = DISK_FULL;
    rig.record(10 * MINUTE_MS);
    expect(rig.troubles[0]).toMatchObject({ isNew: true, code: 'STORE_FULL' });
    expect(rig.troubles.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(rig.troubles.at(-1)?.samplesWaiting).toBeGreaterThan(5900);
    rig.answer = { ok: true };
    rig.clock.advance(2000);
    const events = rig.stored.flatMap((commit) => commit.events);
    expect(events).toMatchObject([
      { kind: 'store-trouble', timeUs: 60_500_000, detail: { code: 'STORE_FULL' } },
    ]);
    const detail = events[0]?.detail ?? {};
    expect(Number(detail['lastedMs']) / MINUTE_MS).toBeCloseTo(10, 1);
    expect(detail['samplesLate']).toBeGreaterThan(5900);
  });
});

it('two seconds without a store are no event', () => {
  const rig = journalRig();
  rig.answer = DISK_BROKEN;
  rig.record(2000);
  rig.answer = { ok: true };
  rig.record(3000);
  expect(rig.stored.flatMap(({ events }) => events)).toEqual([]);
  expect(numbersOf(rig.stored)).toHaveLength(50);
});

it.each([1, 2, 3, 5, 8, 13])('a store of which every %dth commit fails gets everything once', (every) => {
  const rig = journalRig();
  let calls = 0;
  const ok: StoreResult = { ok: true };
  Object.defineProperty(rig, 'answer', {
    get: () => {
      calls += 1;
      // The one after a failure works, or nothing ever would.
      return calls % (every + 1) === 0 ? DISK_BROKEN : ok;
    },
  });
  rig.record(MINUTE_MS);
  rig.clock.advance(5000);
  rig.journal.flush();
  rig.clock.advance(5000);
  expect(numbersOf(rig.stored)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
});

describe('what memory has no room for', () => {
  it('is recorded as absent, and what follows it is stored', () => {
    const rig = journalRig();
    rig.answer = DISK_FULL;
    const minutes = SAMPLES_WAITING_MAX / 600 + 1;
    rig.record(minutes * MINUTE_MS);
    rig.answer = { ok: true };
    rig.clock.advance(5000);
    rig.record(1000);
    rig.clock.advance(1000);
    const numbers = numbersOf(rig.stored);
    expect(numbers.map(Math.abs)).toEqual(
      Array.from({ length: minutes * 600 + 10 }, (_, index) => index + 1),
    );
    expect(numbers.filter((number) => number < 0)).toHaveLength(600);
    expect(rig.stored.flatMap(({ gaps }) => gaps)[0]?.reason).toMatch(/memory was full/);
  });

  it('of a thermometer is counted', () => {
    const rig = journalRig();
    rig.answer = DISK_FULL;
    rig.record(1000);
    const value = { kind: 'temperature', temperatureUk: 298_150_000 } as const;
    for (let row = 0; row < AUX_WAITING_MAX + 7; row += 1) {
      rig.journal.aux({ timeUs: row, errorUs: 1, name: 'bath', value });
    }
    rig.clock.advance(6000);
    rig.answer = { ok: true };
    rig.clock.advance(5000);
    expect(rig.stored.flatMap(({ aux }) => aux)).toHaveLength(AUX_WAITING_MAX);
    expect(rig.stored.flatMap(({ events }) => events)).toMatchObject([{ detail: { auxLeftOut: 7 } }]);
  });
});

it('a store that says nothing is told after five seconds, as failing for as long', () => {
  const rig = journalRig();
  rig.answer = null;
  rig.record(32_000);
  expect(rig.troubles.map(({ failingMs }) => Math.round(failingMs / 1000))).toEqual([5, 10, 15, 20, 25, 30]);
});

it('a store that is full now and then is not failing', () => {
  const rig = journalRig();
  for (let second = 0; second < 60; second += 1) {
    rig.answer = second % 20 === 0 ? DISK_FULL : DISK_BROKEN;
    rig.record(1000);
  }
  expect(Math.max(...rig.troubles.map(({ failingMs }) => failingMs))).toBeLessThan(21_000);
  expect(rig.troubles.at(-1)?.sinceMs).toBeGreaterThan(55_000);
});

describe.each(['throw', { ...DISK_BROKEN, isFinal: true }] as const)('a contradiction (%j)', (answer) => {
  function contradicted(): JournalRig {
    const rig = journalRig();
    rig.answer = answer;
    rig.record(500);
    rig.clock.advance(1);
    rig.answer = { ok: true };
    return rig;
  }

  it('is told once, as final', () => {
    const rig = contradicted();
    rig.clock.advance(10_000);
    expect(rig.troubles.map(({ isFinal }) => isFinal)).toEqual([true]);
  });

  it('lets words go on, no rows that would contradict the file too', () => {
    const rig = contradicted();
    rig.record(5000);
    rig.journal.intend('off');
    rig.journal.event({ timeUs: null, kind: 'state', detail: { state: 'failed' } });
    rig.journal.state({ state: 'failed', reason: 'internal error', verdict: 'fault' });
    let isTold = false;
    rig.journal.end(() => {
      isTold = true;
    });
    rig.clock.advance(10);
    expect(isTold).toBe(true);
    expect(numbersOf(rig.stored)).toEqual([]);
    expect(rig.stored.flatMap(({ commands }) => commands)).toEqual([]);
    expect(rig.stored.flatMap(({ events }) => events)).toHaveLength(1);
    expect(rig.stored.at(-1)?.state).toMatchObject({ state: 'failed' });
  });

  it('that repeats itself does not stop what comes behind it', () => {
    const rig = contradicted();
    rig.answer = answer;
    rig.journal.event({ timeUs: null, kind: 'note', detail: {} });
    rig.journal.flush();
    rig.clock.advance(10);
    rig.answer = { ok: true };
    rig.journal.event({ timeUs: null, kind: 'note', detail: {} });
    rig.journal.flush();
    rig.clock.advance(10);
    expect(rig.stored.flatMap(({ events }) => events)).toHaveLength(1);
  });
});
