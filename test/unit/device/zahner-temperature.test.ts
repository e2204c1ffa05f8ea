// Goal: a thermocouple at the back is read once before each step and told with the step's first reading; a
// missing, broken or silent one never keeps a step from running. Method: transcripts, in virtual time.

import { describe, expect, it } from 'vitest';
import { NO_LIMITS } from '../../../src/steps/step.ts';
import { halfCycle, node } from '../../support/trees.ts';
import { headerPacket, rowsUpTo, samplePacket, type ZahnerRig, zahnerRigOpen } from './zahner-peer.ts';

const QUESTION = ':MEAS:TEMP?';
const THREE_SECONDS = halfCycle({ limits: NO_LIMITS, durationMaxUs: 3_000_000 });

/** Answers the question so, `null` not at all, on every connection. */
function rigWith(answer: string | null): ZahnerRig {
  return zahnerRigOpen({
    onText: (peer) => (peer.answer = (line) => (line === QUESTION ? answer : undefined)),
  });
}

function load(rig: ZahnerRig, stepNumber = 1): void {
  rig.cycler.channel(1).load({ nodes: [node(stepNumber, stepNumber, THREE_SECONDS)] }, rig.done);
  rig.settle();
}

/** Runs to its end with three readings, one a second. */
function runStep(rig: ZahnerRig, stepNumber = 1): void {
  load(rig, stepNumber);
  rig.data().start();
  for (const row of rowsUpTo(3)) {
    rig.clock.advance(1000);
    rig.data().say(samplePacket(row));
    rig.settle();
  }
  for (const state of [3, 4]) rig.data().say(headerPacket(state));
  rig.settle();
  rig.text().say('ok');
  rig.settle();
}

/** Another one where the link was lost. */
function reconnect(rig: ZahnerRig): void {
  rig.clock.runUntil(() => rig.links.at(-1)?.type === 'lost');
  rig.clock.runUntil(() => rig.links.at(-1)?.type === 'up');
  rig.cycler.channel(1).renewLease('waived', rig.done);
  rig.text().heardNow();
}

const questionsTo = (rig: ZahnerRig): number => rig.text().heard.filter((line) => line === QUESTION).length;
const auxOf = (rig: ZahnerRig) => rig.reports.filter(({ type }) => type === 'aux');

describe('the temperature of the instrument', () => {
  it('is asked for when all is set, and told behind the first reading, dated at the start', () => {
    const rig = rigWith('2.315000000e+01');
    rig.clock.advance(5000);
    runStep(rig);
    expect(rig.text().heard.slice(-2)).toEqual([QUESTION, ':MEAS:POGA?']);
    expect(rig.reports.slice(0, 2)).toMatchObject([
      { type: 'samples', stepStartUs: 5_000_000 },
      {
        type: 'aux',
        name: 'instrument',
        timeUs: 5_000_000,
        value: { kind: 'temperature', temperatureUk: 296_300_000 },
      },
    ]);
    expect(auxOf(rig)).toHaveLength(1);
  });

  it('is asked for once a step', () => {
    const rig = rigWith('23');
    for (const stepNumber of [1, 2, 3]) runStep(rig, stepNumber);
    expect(questionsTo(rig)).toBe(3);
    expect(auxOf(rig)).toHaveLength(3);
  });

  it.each(['-127', '8.5e+02', '9.9e+37'])(
    'that reads %s is left out and counted, and asked again',
    (text) => {
      const rig = rigWith(text);
      for (const stepNumber of [1, 2]) runStep(rig, stepNumber);
      expect(questionsTo(rig)).toBe(2);
      expect(auxOf(rig)).toEqual([]);
      expect(rig.cycler.counters).toEqual({ linesDropped: 0, framesLost: 2, retries: 0 });
    },
  );

  it('of a step that brought no reading is not told with the next one', () => {
    let celsius = 20;
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === QUESTION ? String((celsius += 1)) : undefined);
    load(rig);
    rig.text().say('ok');
    rig.clock.advance(4000);
    rig.cycler.channel(1).clearFault('unexplained', rig.done);
    rig.cycler.channel(1).renewLease('waived', rig.done);
    runStep(rig, 2);
    expect(auxOf(rig)).toMatchObject([{ value: { temperatureUk: 295_150_000 } }]);
  });
});

describe('an instrument without a sensor', () => {
  it.each(['error 42', 'error 27', 'no temperature sensor connected', 'ok', 'nan', ''])(
    'that answers "%s" is asked once, and runs its steps',
    (text) => {
      const rig = rigWith(text);
      for (const stepNumber of [1, 2]) runStep(rig, stepNumber);
      expect(questionsTo(rig)).toBe(1);
      expect(rig.reports.map(({ type }) => type)).not.toContain('aux');
      expect(rig.reports.filter(({ type }) => type === 'stepEnded')).toHaveLength(2);
      expect(rig.reports.filter(({ type }) => type === 'fault')).toEqual([]);
      expect(rig.cycler.counters).toEqual({ linesDropped: 0, framesLost: 0, retries: 0 });
    },
  );

  it('is asked again on the next connection', () => {
    const rig = rigWith('error 42');
    runStep(rig);
    rig.text().hangUp();
    reconnect(rig);
    load(rig, 2);
    expect(questionsTo(rig)).toBe(1);
  });
});

describe('a question for the temperature', () => {
  it('that is never answered costs the link once, and is not put again', () => {
    const rig = rigWith(null);
    load(rig);
    reconnect(rig);
    runStep(rig, 2);
    expect(questionsTo(rig)).toBe(0);
    expect(rig.text().heard.at(-1)).toBe(':MEAS:POGA?');
    expect(rig.links.map(({ type }) => type)).toEqual(['up', 'lost', 'up']);
  });

  it.each(['error 1005', '25'])('that a stop overtakes starts no step, and is put again after %s', (text) => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === QUESTION ? null : line === 'ABOR' ? `${text}\nok` : undefined);
    load(rig);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.text().heardNow().slice(-4)).toEqual([QUESTION, 'ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.results).toMatchObject([{ ok: true }, { ok: false, reason: 'stale' }]);
    load(rig, 2);
    expect(questionsTo(rig)).toBe(1);
    expect(auxOf(rig)).toEqual([]);
  });
});
