// Goal: whatever a line loses, doubles or delays, every sample is passed on once and in order, and a gap is
// recorded exactly where the device no longer has one.
// Method: a device with a ring and a step log; a line with seeded faults; replays that the line may break
// too. The host learns the device's position at the end, as it does with each lease.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import {
  ReportSequencer,
  type SequencedEnd,
  type SequencedSamples,
} from '../../../src/samples/report-sequencer.ts';

type Report = SequencedSamples | SequencedEnd;

function samplesOf(firstN: number, count: number, stepNumber: number): SequencedSamples {
  const column = (scale: number): number[] =>
    Array.from({ length: count }, (_, index) => scale * (firstN + index));
  return {
    type: 'samples',
    firstN,
    stepNumber,
    timeUs: column(1000),
    voltageNv: column(3),
    currentPa: column(5),
    netChargeNc: column(7),
    flags: column(0),
  };
}

function endOf(stepNumber: number, lastN: number): SequencedEnd {
  return { type: 'stepEnded', stepNumber, lastN };
}

interface Heard {
  /** `n` for a sample, `-n` for one in a gap, `end k` for the end of a step. */
  readonly passed: (number | string)[];
  readonly gaps: { readonly firstN: number; readonly count: number }[];
  readonly askedSamples: { readonly from: number; readonly to: number }[];
  readonly askedEnds: number[];
}

interface Rig extends Heard {
  readonly sequencer: ReportSequencer<SequencedEnd>;
}

function rig(start = { nextN: 0, stepNumber: 1 }): Rig {
  const heard: Heard = { passed: [], gaps: [], askedSamples: [], askedEnds: [] };
  const sequencer = new ReportSequencer<SequencedEnd>(
    {
      samples(report) {
        report.timeUs.forEach((timeUs, index) => {
          // Every column must have been cut at the same place.
          const n = report.firstN + index;
          expect([
            timeUs,
            report.voltageNv[index],
            report.currentPa[index],
            report.netChargeNc[index],
          ]).toEqual([1000 * n, 3 * n, 5 * n, 7 * n]);
          heard.passed.push(n);
        });
      },
      stepEnded: (report) => void heard.passed.push(`end ${report.stepNumber}`),
      gap: (range) => void heard.gaps.push(range),
      askSamples: (range) => void heard.askedSamples.push(range),
      askStepEnds: (from) => void heard.askedEnds.push(from),
    },
    start,
  );
  return { ...heard, sequencer };
}

describe('the report sequencer', () => {
  it('passes reports that come in order straight on', () => {
    const { sequencer, passed, askedSamples, askedEnds } = rig();
    for (const report of [samplesOf(0, 2, 1), samplesOf(2, 1, 1), endOf(1, 2), samplesOf(3, 1, 2)]) {
      sequencer.accept(report);
    }
    expect(passed).toEqual([0, 1, 2, 'end 1', 3]);
    expect([askedSamples, askedEnds]).toEqual([[], []]);
    expect(sequencer.position).toEqual({ nextN: 4, stepNumber: 2 });
  });

  it('passes nothing on twice, and of a report that overlaps only what is new', () => {
    const { sequencer, passed } = rig();
    for (const report of [
      samplesOf(0, 3, 1),
      samplesOf(0, 3, 1),
      samplesOf(1, 4, 1),
      endOf(1, 4),
      endOf(1, 4),
    ]) {
      sequencer.accept(report);
    }
    expect(passed).toEqual([0, 1, 2, 3, 4, 'end 1']);
  });

  it('holds what is newer than a loss, asks once for what is missing, and passes all in order', () => {
    const { sequencer, passed, askedSamples } = rig();
    sequencer.accept(samplesOf(0, 2, 1));
    sequencer.accept(samplesOf(5, 2, 1));
    sequencer.accept(samplesOf(7, 2, 1));
    expect(passed).toEqual([0, 1]);
    expect(askedSamples).toEqual([{ from: 2, to: 4 }]);
    sequencer.accept(samplesOf(2, 3, 1));
    sequencer.samplesAnswered({ from: 2, to: 4 });
    expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('holds a step end until the last sample of its step has come', () => {
    const { sequencer, passed, askedSamples } = rig();
    sequencer.accept(endOf(1, 3));
    expect(askedSamples).toEqual([{ from: 0, to: 3 }]);
    sequencer.accept(samplesOf(0, 4, 1));
    expect(passed).toEqual([0, 1, 2, 3, 'end 1']);
  });

  it('holds the samples of a step until the end of the step before has come', () => {
    const { sequencer, passed, askedEnds } = rig();
    sequencer.accept(samplesOf(0, 2, 1));
    sequencer.accept(samplesOf(2, 2, 2));
    expect(passed).toEqual([0, 1]);
    expect(askedEnds).toEqual([1]);
    sequencer.accept(endOf(1, 1));
    sequencer.stepEndsAnswered();
    expect(passed).toEqual([0, 1, 'end 1', 2, 3]);
  });

  it('records as a gap exactly what the device no longer has', () => {
    const { sequencer, passed, gaps } = rig();
    sequencer.accept(samplesOf(0, 2, 1));
    sequencer.accept(samplesOf(10, 2, 1));
    sequencer.accept(samplesOf(6, 4, 1));
    sequencer.samplesAnswered({ from: 6, to: 9 });
    expect(gaps).toEqual([{ firstN: 2, count: 4 }]);
    expect(passed).toEqual([0, 1, 6, 7, 8, 9, 10, 11]);
  });

  it('records the whole loss as a gap when the device has nothing of it', () => {
    const { sequencer, passed, gaps } = rig();
    sequencer.accept(samplesOf(4, 2, 1));
    sequencer.samplesAnswered({ from: 4, to: 3 });
    expect(gaps).toEqual([{ firstN: 0, count: 4 }]);
    expect(passed).toEqual([4, 5]);
  });

  it('records a gap before a step end when its samples are gone', () => {
    const { sequencer, passed, gaps } = rig();
    sequencer.accept(endOf(1, 3));
    sequencer.samplesAnswered({ from: 4, to: 3 });
    expect(gaps).toEqual([{ firstN: 0, count: 4 }]);
    expect(passed).toEqual(['end 1']);
  });

  it('asks for what the status of the device shows to be missing at the very end', () => {
    const { sequencer, askedSamples, askedEnds } = rig();
    sequencer.accept(samplesOf(0, 2, 1));
    sequencer.deviceIsAt({ nextN: 5, endedStepNumber: 1 });
    expect(askedSamples).toEqual([{ from: 2, to: 4 }]);
    expect(askedEnds).toEqual([1]);
    sequencer.deviceIsAt({ nextN: 2, endedStepNumber: 0 });
    expect([askedSamples.length, askedEnds.length]).toEqual([1, 1]);
  });

  it('asks for at most a thousand samples at a time, and goes on until all have come', () => {
    const { sequencer, askedSamples, passed } = rig();
    sequencer.accept(samplesOf(2500, 1, 1));
    for (const from of [0, 1000, 2000]) {
      const asked = askedSamples.at(-1);
      expect(asked).toEqual({ from, to: Math.min(2499, from + 999) });
      sequencer.accept(samplesOf(from, Math.min(1000, 2500 - from), 1));
      sequencer.samplesAnswered(asked ?? { from: 0, to: 0 });
    }
    expect(passed).toHaveLength(2501);
  });

  it('asks again after a link was lost in the middle of a back-fill', () => {
    const { sequencer, askedSamples, passed } = rig();
    sequencer.accept(samplesOf(4, 1, 1));
    sequencer.linkLost();
    sequencer.deviceIsAt({ nextN: 5, endedStepNumber: 0 });
    expect(askedSamples).toEqual([
      { from: 0, to: 3 },
      { from: 0, to: 4 },
    ]);
    sequencer.accept(samplesOf(0, 5, 1));
    expect(passed).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses a sample of a step that has ended: the device contradicts itself', () => {
    const { sequencer } = rig();
    sequencer.accept(samplesOf(0, 1, 1));
    sequencer.accept(endOf(1, 0));
    expect(() => sequencer.accept(samplesOf(1, 1, 1))).toThrow(AssertionFailed);
  });

  it('starts where it is told: a run does not begin with the first sample of the device', () => {
    const { sequencer, passed } = rig({ nextN: 100, stepNumber: 4 });
    sequencer.accept(samplesOf(98, 4, 4));
    expect(passed).toEqual([100, 101]);
  });
});

/** A device of whose samples the ring keeps `ring`, and a line that breaks some of its frames. */
interface World {
  /** Samples in each step. */
  readonly steps: readonly number[];
  readonly samplesPerFrame: number;
  readonly ring: number;
  /** For each frame sent: lost, doubled, or delivered. */
  readonly faults: readonly ('lost' | 'doubled' | 'fine')[];
  /** Fate of replays, in order; when it runs out they work. */
  readonly replays: readonly ('link lost' | 'fine')[];
}

const worlds: fc.Arbitrary<World> = fc.record({
  steps: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
  samplesPerFrame: fc.integer({ min: 1, max: 5 }),
  ring: fc.integer({ min: 1, max: 100 }),
  faults: fc.array(fc.constantFrom('lost', 'doubled', 'fine', 'fine'), { minLength: 60, maxLength: 60 }),
  replays: fc.array(fc.constantFrom('link lost', 'fine'), { maxLength: 6 }),
});

function framesOf({ steps, samplesPerFrame }: World): {
  readonly frames: Report[];
  readonly ends: SequencedEnd[];
} {
  const frames: Report[] = [];
  const ends: SequencedEnd[] = [];
  let n = 0;
  steps.forEach((count, index) => {
    for (let sent = 0; sent < count; sent += samplesPerFrame) {
      frames.push(samplesOf(n + sent, Math.min(samplesPerFrame, count - sent), index + 1));
    }
    n += count;
    const end = endOf(index + 1, n - 1);
    frames.push(end);
    ends.push(end);
  });
  return { frames, ends };
}

/**
 * Plays a world through a sequencer; requests are answered between two frames, by what the ring still has
 * then.
 */
function playWorld(world: World): Heard & { readonly total: number } {
  const { frames, ends } = framesOf(world);
  const { sequencer, ...heard } = rig();
  const total = world.steps.reduce((sum, count) => sum + count, 0);
  const replays = [...world.replays];
  let answeredSamples = 0;
  let answeredEnds = 0;
  /** Device position: numbers below have been taken, steps up to have ended. */
  const device = { nextN: 0, endedStepNumber: 0 };
  const stepOf = (n: number): number => ends.findIndex(({ lastN }) => n <= lastN) + 1;

  const answerSamples = ({ from, to }: { readonly from: number; readonly to: number }): void => {
    if (replays.shift() === 'link lost') return sequencer.linkLost();
    const range = { from: Math.max(from, device.nextN - world.ring), to: Math.min(to, device.nextN - 1) };
    for (let n = range.from; n <= range.to; n += 1) sequencer.accept(samplesOf(n, 1, stepOf(n)));
    sequencer.samplesAnswered(range);
  };
  const answerEnds = (from: number): void => {
    if (replays.shift() === 'link lost') return sequencer.linkLost();
    for (const end of ends.slice(from - 1, device.endedStepNumber)) sequencer.accept(end);
    sequencer.stepEndsAnswered();
  };
  const answerAll = (): void => {
    while (answeredSamples < heard.askedSamples.length || answeredEnds < heard.askedEnds.length) {
      const samples = heard.askedSamples[answeredSamples];
      if (samples !== undefined) {
        answeredSamples += 1;
        answerSamples(samples);
      }
      const end = heard.askedEnds[answeredEnds];
      if (end !== undefined) {
        answeredEnds += 1;
        answerEnds(end);
      }
    }
  };

  frames.forEach((frame, index) => {
    if (frame.type === 'samples') device.nextN = frame.firstN + frame.timeUs.length;
    else device.endedStepNumber = frame.stepNumber;
    const fault = world.faults[index % world.faults.length];
    if (fault !== 'lost') sequencer.accept(frame);
    if (fault === 'doubled') sequencer.accept(frame);
    answerAll();
  });
  for (let poll = 0; poll < 20; poll += 1) {
    sequencer.deviceIsAt(device);
    answerAll();
  }
  expect(sequencer.position).toEqual({ nextN: total, stepNumber: world.steps.length + 1 });
  return { ...heard, total };
}

describe('any loss, doubling and broken back-fill', () => {
  it('passes every sample once and in order or in one gap, and every step end once, in its place', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { passed, gaps, total } = playWorld(world);
        const numbers = passed.filter((entry) => typeof entry === 'number');
        const missing = gaps.flatMap(({ firstN, count }) =>
          Array.from({ length: count }, (_, index) => firstN + index),
        );
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect([...numbers, ...missing].sort((a, b) => a - b)).toEqual(
          Array.from({ length: total }, (_, n) => n),
        );
        expect(passed.filter((entry) => typeof entry === 'string')).toEqual(
          world.steps.map((_, index) => `end ${index + 1}`),
        );
        let step = 1;
        const { ends } = framesOf(world);
        for (const entry of passed) {
          if (typeof entry === 'string') step += 1;
          else expect(ends[step - 1]?.lastN).toBeGreaterThanOrEqual(entry);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing at all while the ring holds the whole run', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { gaps } = playWorld({ ...world, ring: 1000 });
        expect(gaps).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gives up only what the ring has lost when a whole request is answered by nothing', () => {
    const { sequencer, gaps, askedSamples } = rig({ nextN: 100, stepNumber: 1 });
    sequencer.accept(samplesOf(70_100, 5, 1));
    expect(askedSamples).toEqual([{ from: 100, to: 1099 }]);
    // The ring begins at 4600: nothing of the thousand that were asked for is left.
    sequencer.samplesAnswered({ from: 4600, to: 1099 });
    expect(gaps).toEqual([{ firstN: 100, count: 4500 }]);
    expect(askedSamples.at(-1)).toEqual({ from: 4600, to: 5599 });
  });
});

describe('a request that fails, as on a link that is down', () => {
  it.each<[string, Report, 'askedSamples' | 'askedEnds', (failed: Rig['sequencer']) => void]>([
    ['samples', samplesOf(5, 2, 1), 'askedSamples', (failed) => failed.samplesNotAnswered()],
    ['step ends', samplesOf(0, 2, 3), 'askedEnds', (failed) => failed.stepEndsNotAnswered()],
  ])('for %s is made again when the device tells where it is, and not before', (_, newer, asked, fail) => {
    const heard = rig();
    heard.sequencer.accept(newer);
    expect(heard[asked]).toHaveLength(1);
    fail(heard.sequencer);
    expect(heard[asked]).toHaveLength(1);
    expect([...heard.askedSamples, ...heard.askedEnds]).toHaveLength(1);
    heard.sequencer.deviceIsAt({ nextN: 7, endedStepNumber: 2 });
    expect(heard[asked]).toHaveLength(2);
  });
});

describe('a device that has forgotten what is missing', () => {
  it('leaves a gap, and what waited behind it is passed on', () => {
    const { sequencer, passed, gaps } = rig();
    sequencer.accept(samplesOf(0, 3, 1));
    sequencer.accept(samplesOf(5, 2, 1));
    sequencer.deviceHasForgotten();
    expect(passed.filter((one) => typeof one === 'number' && one >= 0)).toEqual([0, 1, 2, 5, 6]);
    expect(gaps).toEqual([{ firstN: 3, count: 2 }]);
    expect(sequencer.position).toEqual({ nextN: 7, stepNumber: 1 });
  });

  it('takes the numbers of steps whose ends are not known with it', () => {
    const { sequencer, gaps } = rig();
    sequencer.accept(samplesOf(0, 3, 1));
    sequencer.accept(samplesOf(3, 4, 2));
    sequencer.deviceHasForgotten();
    expect(gaps).toEqual([{ firstN: 3, count: 4 }]);
    expect(sequencer.position).toEqual({ nextN: 7, stepNumber: 1 });
  });

  it('asks nothing of it', () => {
    const { sequencer, askedSamples, askedEnds } = rig();
    sequencer.accept(samplesOf(2, 1, 1));
    const asked = [askedSamples.length, askedEnds.length];
    sequencer.deviceHasForgotten();
    expect([askedSamples.length, askedEnds.length]).toEqual(asked);
  });
});
