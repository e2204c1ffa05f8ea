// Goal: the cell is opened whatever the script, the instrument and the line do, and nobody is told so before
// it is. Method: transcripts in virtual time of off, runtime errors, emergency stop and lost links.

import { describe, expect, it } from 'vitest';
import {
  CELL_OFF,
  GREETING,
  IDLE,
  methodscriptRig,
  methodscriptRigUp,
  readingLine,
} from '../../support/methodscript-peer.ts';
import {
  CURRENT_PA as I,
  CYCLE,
  END,
  endsOf,
  faultsOf,
  isCellOn,
  OK,
  running,
  saidSince,
  say,
  SETUP,
  timed,
} from '../../support/methodscript-run.ts';

const CELL_OFF_SAID = ['e', 'cell_off', ''];
/** The plate is on its way. */
const PLATING = ['Ts1 begins', 'M000A', readingLine(100_000, -47_000_000, -I)];

describe('off', () => {
  it('during a step: Z at once, then the end of the script, then cell_off, then done', () => {
    const rig = running();
    say(rig, ...PLATING);
    const from = rig.peer(0).heard.length;
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    expect(saidSince(rig, from)).toEqual(['Z']);
    rig.clock.advance(400);
    say(rig, 'Z', readingLine(1_100_000, -47_000_000, -I), '*', ...timed('off', 1_101_000));
    expect(rig.results).toEqual([]);
    say(rig, '');
    expect(saidSince(rig, from)).toEqual(['Z', ...CELL_OFF_SAID]);
    expect([rig.results, isCellOn(rig)]).toEqual([[], true]);
    say(rig, 'e');
    expect(rig.results).toEqual([]);
    say(rig, '');
    expect(rig.results).toEqual([OK]);
    // The device has timed the opening itself.
    expect(endsOf(rig)).toEqual([[1, 'off', 1_101_000]]);
    expect(isCellOn(rig)).toBe(false);
  });

  it('with nothing running executes cell_off all the same', () => {
    const rig = methodscriptRigUp();
    rig.peer(0).follow(CELL_OFF);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    expect([rig.peer(0).left, rig.results]).toEqual([[], [OK]]);
  });

  it('asked twice is one procedure with two answers', () => {
    const rig = running();
    say(rig, ...PLATING);
    const from = rig.peer(0).heard.length;
    rig.cycler.channel(1).off(rig.done);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    say(rig, 'Z', '*', ...END, 'e', '');
    expect(saidSince(rig, from)).toEqual(['Z', ...CELL_OFF_SAID]);
    say(rig, 'e', '');
    expect(rig.results).toEqual([OK, OK]);
  });

  it('waits for the answer to a Z that came when the script had just ended', () => {
    const rig = running();
    say(rig, ...PLATING, '*', ...timed('s1 ends', 3_000_000));
    const from = rig.peer(0).heard.length;
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    say(rig, ...END);
    rig.clock.advance(50);
    expect(saidSince(rig, from)).toEqual(['Z']);
    say(rig, 'Z!0006');
    rig.clock.advance(149);
    expect(saidSince(rig, from)).toEqual(['Z']);
    rig.clock.advance(1);
    expect(saidSince(rig, from)).toEqual(['Z', ...CELL_OFF_SAID]);
    say(rig, 'e', '');
    expect(rig.results).toEqual([OK]);
    expect(endsOf(rig)).toEqual([
      [1, 'duration', 3_000_000],
      [2, 'off', 0],
    ]);
  });

  it('does not wait for ever for that answer', () => {
    const rig = running();
    say(rig, ...PLATING);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    say(rig, '*', ...timed('s1 ends', 3_000_000), ...END);
    rig.peer(0).follow(CELL_OFF);
    rig.clock.advance(250);
    expect(rig.results).toEqual([OK]);
  });

  it('says Z once more where no answer comes, and takes the late one', () => {
    const rig = running();
    say(rig, ...PLATING);
    const from = rig.peer(0).heard.length;
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(3000);
    say(rig, readingLine(1_100_000, -47_000_000, -I));
    rig.clock.advance(100);
    expect(saidSince(rig, from)).toEqual(['Z', 'Z']);
    say(rig, 'Z', 'Z', '*', ...END);
    rig.peer(0).follow(['< e', '< ']);
    rig.clock.advance(0);
    expect(saidSince(rig, from)).toEqual(['Z', 'Z', ...CELL_OFF_SAID]);
    expect(rig.results).toEqual([OK]);
  });

  it('reports a timeout where neither Z is answered; the next connection begins with the cell off', () => {
    const rig = running(CYCLE, { scripts: [GREETING] });
    say(rig, ...PLATING);
    rig.cycler.channel(1).off(rig.done);
    for (let second = 0; second < 7; second += 1) {
      rig.clock.advance(1000);
      rig.peer(0).say(readingLine((second + 1) * 1_000_000, -47_000_000, -I));
    }
    expect(rig.results).toMatchObject([{ ok: false, reason: 'timeout' }]);
    rig.clock.advance(2000);
    expect(rig.links.slice(1)).toMatchObject([
      { type: 'lost', detail: 'no answer to Z: the cell may be on' },
      { type: 'up' },
    ]);
    expect(rig.peer(1).left).toEqual([]);
  });

  it('takes a plan back that waits for its turn', () => {
    const rig = methodscriptRigUp({ keepAliveMs: 5000 });
    const channel = rig.cycler.channel(1);
    channel.open(SETUP, rig.done);
    channel.renewLease('waived', rig.done);
    rig.clock.advance(5000);
    expect(rig.peer(0).heard.at(-1)).toBe('t');
    channel.load(CYCLE, rig.done);
    channel.off(rig.done);
    rig.clock.advance(0);
    say(rig, 'tes4_hr1100#Jan 28 2022 11:04:43', 'R*', 'Z!0006');
    rig.peer(0).follow(CELL_OFF);
    rig.clock.advance(200);
    expect(rig.peer(0).heard.filter((line) => line.startsWith('meas_loop'))).toEqual([]);
    expect(rig.results.slice(2)).toMatchObject([{ ok: false, reason: 'closed' }, OK]);
  });

  it('is not lost on a plan whose script is refused meanwhile', () => {
    const rig = methodscriptRigUp();
    const channel = rig.cycler.channel(1);
    channel.open(SETUP, rig.done);
    channel.renewLease('waived', rig.done);
    channel.load(CYCLE, rig.done);
    channel.off(rig.done);
    rig.clock.advance(0);
    // Z fell into the pause behind the error: it has no answer.
    say(rig, 'e!4005: Line 1, Col 1');
    rig.peer(0).follow(CELL_OFF);
    rig.clock.advance(150);
    expect(rig.results.at(-1)).toEqual(OK);
  });

  it('without a link is refused at once', () => {
    const rig = methodscriptRig();
    rig.cycler.channel(1).off(rig.done);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
  });
});

describe('a runtime error', () => {
  it.each([
    ['0032', 'overload', []],
    ['0032', 'overload', ['']],
    ['0028', 'device-error !0028 division by zero (Line 12)', ['']],
  ])('!%s opens the cell after a pause, then faults as %s', (code, fault, tail) => {
    const rig = running();
    say(rig, ...PLATING);
    const from = rig.peer(0).heard.length;
    say(rig, `!${code}: Line 12`, ...tail);
    rig.clock.advance(149);
    expect([saidSince(rig, from), isCellOn(rig), faultsOf(rig)]).toEqual([[], true, []]);
    rig.peer(0).follow(CELL_OFF);
    rig.clock.advance(1);
    expect(rig.peer(0).left).toEqual([]);
    expect([isCellOn(rig), faultsOf(rig)]).toEqual([false, [fault]]);
    expect(endsOf(rig)).toMatchObject([[1, 'fault', expect.any(Number)]]);
  });

  it('of cell_off itself is never called off', () => {
    const rig = running(CYCLE, { scripts: [GREETING] });
    say(rig, ...PLATING);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    say(rig, 'Z', '*', ...END);
    say(rig, 'e', '!0032: Line 1');
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost' });
    rig.clock.advance(2000);
    expect(rig.links.at(-1)).toMatchObject({ type: 'up' });
  });
});

describe('an end that was not asked for', () => {
  it('by a stop is a fault of that name', () => {
    const rig = running();
    say(rig, ...PLATING);
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.clock.advance(0);
    expect(rig.peer(0).heard.at(-1)).toBe('Z');
    rig.peer(0).follow(CELL_OFF);
    say(rig, 'Z', '*', ...timed('off', 500_000), '');
    expect([faultsOf(rig), isCellOn(rig)]).toEqual([['stop'], false]);
    expect(endsOf(rig)).toEqual([[1, 'fault', 500_000]]);
  });

  it('for no reason is a fault, once cell_off was executed', () => {
    const rig = running();
    say(rig, ...PLATING);
    rig.peer(0).follow(CELL_OFF);
    say(rig, '');
    expect([faultsOf(rig), isCellOn(rig)]).toEqual([['device-error'], false]);
  });

  it('in a step that nobody planned ends the session', () => {
    const rig = running(CYCLE, { scripts: [GREETING] });
    say(rig, 'Ts7 begins');
    expect(rig.links.at(-1)).toMatchObject({
      type: 'lost',
      detail: expect.stringMatching(/step 7/) as string,
    });
  });

  it('and an emergency stop without a port says so', () => {
    expect(methodscriptRig().cycler.emergencyStop()).toBe(false);
  });
});

describe('a lost link', () => {
  it('fails what waits, and the step that ran ends as link-lost when the cell is known to be off', () => {
    const rig = running(CYCLE, { scripts: [GREETING] });
    say(rig, ...PLATING);
    rig.cycler.channel(1).off(rig.done);
    rig.peer(0).hangUp();
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost', reason: 'closed' });
    expect(endsOf(rig)).toEqual([]);
    rig.clock.advance(2000);
    expect(rig.links.at(-1)).toMatchObject({ type: 'up' });
    expect(isCellOn(rig)).toBe(false);
    rig.cycler.channel(1).replayStepEnds(0, rig.done);
    expect(endsOf(rig)).toMatchObject([[1, 'link-lost', 100_000]]);
  });

  it('is what a script is that says nothing for 3 s more than it should', () => {
    const rig = running(CYCLE, { scripts: [GREETING] });
    say(rig, ...PLATING);
    rig.clock.advance(2000);
    say(rig, readingLine(2_000_000, -47_000_000, -I));
    rig.clock.advance(4000);
    expect(rig.links.at(-1)).toMatchObject({ type: 'up' });
    rig.clock.advance(150);
    expect(rig.links.at(-1)).toMatchObject({
      type: 'lost',
      detail: 'nothing heard from the running script for 4 s',
    });
  });

  it('never carries a plan to the next connection', () => {
    const rig = methodscriptRigUp({ scripts: [GREETING] });
    const channel = rig.cycler.channel(1);
    channel.open(SETUP, rig.done);
    channel.renewLease('waived', rig.done);
    channel.load(CYCLE, rig.done);
    rig.peer(0).hangUp();
    rig.clock.advance(3000);
    expect(rig.results[2]).toMatchObject({ ok: false, reason: 'closed' });
    expect(rig.peer(1).heard.filter((line) => line.startsWith('meas_loop'))).toEqual([]);
    expect(rig.peer(1).unexpected).toEqual([]);
  });

  it('is noticed while nothing runs, by asking who is there', () => {
    const rig = methodscriptRigUp({ keepAliveMs: 1000, scripts: [[...IDLE]] });
    rig.peer(0).follow(['> t', '< tes4_hr1100#Jan 28 2022 11:04:43', '< R*', '> t']);
    rig.clock.advance(1000);
    expect(rig.links.at(-1)).toMatchObject({ type: 'up' });
    rig.clock.advance(4000);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost', reason: 'timeout' });
  });

  it('is not looked for while a script runs, which speaks unasked', () => {
    const rig = running(CYCLE, { keepAliveMs: 1000 });
    say(rig, ...PLATING);
    const from = rig.peer(0).heard.length;
    for (let second = 1; second < 10; second += 1) {
      rig.clock.advance(1000);
      say(rig, readingLine(second * 1_000_000 + 100_000, -47_000_000, -I));
    }
    expect(saidSince(rig, from)).toEqual([]);
  });

  it('by this side leaves no timer behind', () => {
    const rig = running(CYCLE, { keepAliveMs: 1000 });
    say(rig, ...PLATING);
    rig.cycler.close();
    rig.clock.advance(0);
    expect(rig.clock.isPending).toBe(false);
    rig.cycler.readClock(rig.done);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
  });
});

describe('the clock of the channel', () => {
  it('is kept by the host and goes on between steps', () => {
    const rig = methodscriptRigUp();
    rig.cycler.readClock(rig.done);
    rig.clock.advance(2500);
    rig.cycler.readClock(rig.done);
    const [first, second] = rig.results.map((result) => (result.ok ? result.value : null));
    expect(first).toMatchObject({ deviceUs: 1_000_000, sentMs: 1000, receivedMs: 1000 });
    expect(second).toMatchObject({ deviceUs: 3_500_000, sentMs: 3500, receivedMs: 3500 });
  });
});
