// Goal: the swarm can be relied on: a seed is the same story and the same world for ever, options replace
// what they name, a mutant stands where it looks. Method: few seeds, lived through twice; the sources read.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawStoryOf } from './draw-orders.ts';
import { drawStory } from './draw-story.ts';
import { MUTANTS } from './mutants.ts';
import { replacedOnce } from './mutate.ts';
import { parseStory, type Story } from './story.ts';
import { livedThrough, runTrial } from './trial.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Each with a dialect of its own, and a daemon that is killed. */
const SEEDS = [4, 9, 12, 28];
/** Found by nights of the swarm, each a bug of its own, mended since; outside the seeds of every day. */
const ONCE_FAILED = [2590, 3027, 3575, 5396, 7390, 12_904, 13_522, 14_321, 14_618];

describe('a seed', () => {
  it.each(SEEDS)('%i gives the same world twice, to the last byte and row', (seed) => {
    const [first, second] = [runTrial(drawStory(seed)), runTrial(drawStory(seed))];
    expect(second.digest).toBe(first.digest);
    expect(second).toEqual(first);
    expect(first.figures.samples).toBeGreaterThan(0);
  });

  it('gives another world than its neighbour', () => {
    expect(runTrial(drawStory(12)).digest).not.toBe(runTrial(drawStory(13)).digest);
  });

  it('survives being printed and read again', () => {
    const story = drawStory(5);
    expect(parseStory(JSON.stringify(story), drawStory(6))).toEqual(story);
  });
});

describe('a seed that failed once', () => {
  it.each(ONCE_FAILED)('%i holds all invariants', (seed) => {
    expect(runTrial(drawStory(seed)).violations).toEqual([]);
  });
});

describe('a seed with orders of the operator', () => {
  /** 100 failed once: a skip in a probe left its charge behind. */
  it.each([100, 240, 23])('%i holds all invariants', (seed) => {
    expect(runTrial(drawStoryOf(seed, 'faults-and-orders')).violations).toEqual([]);
  });

  it('has the faults of the same seed without them, and asks at least once', () => {
    const [plain, ordered] = [drawStory(7), drawStoryOf(7, 'faults-and-orders')];
    expect(drawStoryOf(7, 'faults')).toEqual(plain);
    expect(ordered.faults).toEqual(plain.faults);
    expect(ordered.orders.length).toBeGreaterThan(0);
  });
});

describe('options', () => {
  it('replace what they name and leave the rest', () => {
    const drawn = drawStory(1);
    expect(parseStory('{"faults":[]}', drawn)).toEqual({ ...drawn, faults: [] });
  });

  it.each(['[]', 'null', '{"fault":[]}'])('%s are refused with what is allowed', (text) => {
    expect(() => parseStory(text, drawStory(1))).toThrow(/options: /);
  });
});

describe('a daemon that is killed', () => {
  const killed: Story = {
    ...drawStory(12),
    faults: [{ what: 'kill', atMs: 9000, forMs: 1000 }],
    faultsUntilMs: 12_000,
  };

  it('is followed by another that goes on with its run', () => {
    const { trial } = livedThrough(killed);
    expect(trial.evidence.notes.filter(({ what }) => what === 'started')).toHaveLength(2);
    expect(trial.runs.map(({ run }) => run)).toHaveLength(killed.instruments[0]?.runs.length ?? 0);
    const lives = new Set(trial.evidence.acknowledged.map(({ life }) => life));
    expect([...lives]).toEqual([1, 2]);
  });

  it('says nothing more after its death', () => {
    const { evidence } = livedThrough(killed).trial;
    const death = evidence.notes.find(({ what }) => what === 'killed');
    const later = evidence.sent.filter(({ life, order }) => life === 1 && order > (death?.order ?? 0));
    expect(death).toBeDefined();
    expect(later).toEqual([]);
  });
});

describe('a mutant', () => {
  it.each(MUTANTS)('$name stands in the source where it looks, exactly once', ({ edits, name }) => {
    for (const edit of edits) {
      const text = readFileSync(join(ROOT, edit.file), 'utf8');
      expect(replacedOnce(text, { name, ...edit })).not.toBe(text);
    }
  });

  it('that has rotted is an error', () => {
    const edit = { name: 'old', file: 'a.ts', find: 'x', replace: 'y' };
    expect(() => replacedOnce('a', edit)).toThrow('mutant old: a.ts has "x" 0 times, not once');
    expect(() => replacedOnce('x x', edit)).toThrow(/1 times|2 times/);
  });
});
