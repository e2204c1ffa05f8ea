// Goal: each checker can fail, and says what it found. Method: the evidence of one sound trial, with one
// thing made wrong in it at a time; the sound one has no violations.

import { describe, expect, it } from 'vitest';
import { drawStory } from '../swarm/draw-story.ts';
import { livedThrough } from '../swarm/trial.ts';
import { checkAcknowledged } from './acknowledged.ts';
import { checkCharge } from './charge.ts';
import { CHECKERS } from './checkers.ts';
import { checkDeadMan } from './dead-man.ts';
import type { RunRecord, Trial } from './evidence.ts';
import { checkJournalFirst } from './journal-first.ts';
import { checkNamedState } from './named-state.ts';
import { checkNumbering } from './numbering.ts';
import { checkPyramid } from './pyramid.ts';

const DRAWN = drawStory(12);
/** One gvn1 cycler with a long memory, one run, nothing goes wrong. */
const SOUND = livedThrough({
  ...DRAWN,
  faults: [],
  instruments: DRAWN.instruments.map((instrument) => ({ ...instrument, ringSamples: 65_536 })),
}).trial;

/** The same with its first run changed. */
function withRun(change: (run: RunRecord) => Partial<RunRecord>): Trial {
  const runs = SOUND.runs.map((run, index) => (index === 0 ? { ...run, ...change(run) } : run));
  return { ...SOUND, runs };
}

function withEvidence(change: Partial<Trial['evidence']>): Trial {
  return { ...SOUND, evidence: { ...SOUND.evidence, ...change } };
}

function without(column: readonly number[], index: number): number[] {
  return column.filter((_, at) => at !== index);
}

/** Its record lacks the sample at `index`. */
function lacking({ samples }: RunRecord, index: number): RunRecord['samples'] {
  return {
    ...samples,
    seq: without(samples.seq, index),
    timeUs: without(samples.timeUs, index),
    step: without(samples.step, index),
    flags: without(samples.flags, index),
    voltageNv: samples.voltageNv.filter((_, at) => at !== index),
    currentPa: samples.currentPa.filter((_, at) => at !== index),
    netChargeNc: samples.netChargeNc.filter((_, at) => at !== index),
  };
}

describe('the checkers', () => {
  it('find nothing where nothing is wrong', () => {
    expect(SOUND.runs[0]?.instrument.dialect).toBe('gvn1');
    expect(SOUND.runs[0]?.samples.seq.length).toBeGreaterThan(100);
    expect(CHECKERS.flatMap((check) => check(SOUND))).toEqual([]);
  });

  it('I1 finds an acknowledged sample that is not in the file, and one that was changed', () => {
    expect(checkAcknowledged(withRun((run) => ({ samples: lacking(run, 50) })))).toHaveLength(1);
    const changed = withRun(({ samples }) => ({
      samples: { ...samples, voltageNv: samples.voltageNv.map((value, at) => (at === 50 ? 1 : value)) },
    }));
    expect(checkAcknowledged(changed)[0]).toMatchObject({ invariant: 'I1' });
    expect(checkPyramid(changed)[0]).toMatchObject({ invariant: 'I1' });
  });

  it('I1 finds a bucket of the pyramid that is not stored', () => {
    expect(checkPyramid(withRun(() => ({ rollups: [] })))[0]?.what).toMatch(/not stored/);
  });

  it('I2 finds a hole without a gap, a gap without need, and a sample that nobody took', () => {
    expect(checkNumbering(withRun((run) => ({ samples: lacking(run, 50) })))[0]?.what).toMatch(/no gap/);
    const gap = { firstSeq: 51, count: 1, reason: 'no longer in the ring of the device' };
    const needless = withRun((run) => ({ samples: lacking(run, 50), gaps: [gap] }));
    expect(checkNumbering(needless)[0]?.what).toMatch(/the device has them all/);
    const invented = withRun(({ samples }) => ({
      samples: { ...samples, currentPa: samples.currentPa.map((value, at) => (at === 50 ? 1 : value)) },
    }));
    expect(checkNumbering(invented)[0]?.what).toMatch(/none that the instrument took/);
  });

  it('I3 finds a cell that is driven without a lease, and a lease for a run that is over', () => {
    expect(checkDeadMan(withEvidence({ heard: [] }))[0]?.what).toMatch(/its leases end/);
    const [first] = SOUND.evidence.states;
    const held = first === undefined ? [] : [{ ...first, state: 'holding' }];
    expect(checkDeadMan(withEvidence({ states: held }))[0]?.what).toMatch(/is holding since/);
  });

  it('I4 finds a current and a load that no intent said', () => {
    const found = checkJournalFirst(withEvidence({ acknowledged: [] })).map(({ what }) => what);
    expect(found.join()).toMatch(/which no acknowledged intent says/);
    const twice = withEvidence({ sent: [...SOUND.evidence.sent, ...again(SOUND.evidence.sent)] });
    expect(checkJournalFirst(twice)[0]?.what).toMatch(/first word|without an intent/);
  });

  it('I5 finds a half-cycle that is repeated, left out, or beyond its target', () => {
    const repeated = withRun(({ halfCycles }) => ({
      halfCycles: halfCycles.map((row, at) => (at === 2 ? { ...row, cycle: 1 } : row)),
    }));
    expect(checkCharge(repeated).length).toBeGreaterThan(0);
    const leftOut = withRun(({ halfCycles }) => ({ halfCycles: halfCycles.slice(0, -1) }));
    expect(
      checkCharge(leftOut)
        .map(({ what }) => what)
        .join(),
    ).toMatch(/is in no half-cycle/);
    const beyond = withEvidence({
      hidden: SOUND.evidence.hidden.map((seen) => ({
        ...seen,
        entry: { ...seen.entry, plate_c: 2 * seen.entry.plate_c },
      })),
    });
    expect(
      checkCharge(beyond)
        .map(({ what }) => what)
        .join(),
    ).toMatch(/was given/);
  });

  it('I6 finds a state without a name or with an error of ours, and a cell left on', () => {
    expect(checkNamedState(withRun(() => ({ state: 'link-lost' })))[0]?.what).toMatch(/is left link-lost/);
    expect(checkNamedState(withRun(() => ({ isSealed: false })))[0]?.what).toMatch(/not sealed/);
    const states = SOUND.evidence.states.map((told) => ({ ...told, reason: 'internal error: x' }));
    expect(checkNamedState(withEvidence({ states }))[0]?.what).toMatch(/internal error/);
    const cells = SOUND.evidence.cells.filter(({ entry }) => entry.cell === 'on');
    expect(checkNamedState(withEvidence({ cells }))[0]?.what).toMatch(/still driven/);
  });
});

/** Everything once more, as if on a second connection. */
function again(sent: Trial['evidence']['sent']): Trial['evidence']['sent'] {
  return sent.map((bytes) => ({ ...bytes, connection: bytes.connection + 100, order: bytes.order + 1e9 }));
}
