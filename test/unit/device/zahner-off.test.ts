// Goal: off is said at once and confirmed, whatever is outstanding and in whatever order it is answered; a
// link that goes leaves nothing pending and nothing to be sent later. Method: transcripts, in virtual time.

import { describe, expect, it } from 'vitest';
import { node, PLATE, REST } from '../../support/trees.ts';
import {
  bulkPacket,
  headerPacket,
  rowsUpTo,
  samplePacket,
  type ZahnerRig,
  zahnerRigOpen,
} from './zahner-peer.ts';

const OK = { ok: true, value: null };
const TREE = { nodes: [node(1, 1, { ...PLATE, record: { ...PLATE.record, everyUs: 1_000_000 } })] } as const;

/** A plating step is running since 2.5 s, two samples of it are told. */
function plating(options: Parameters<typeof zahnerRigOpen>[0] = {}): ZahnerRig {
  const rig = zahnerRigOpen(options);
  rig.cycler.channel(1).load(TREE, rig.done);
  rig.settle();
  rig.data().start();
  rig.settle();
  for (const row of rowsUpTo(2)) {
    rig.clock.advance(1000);
    rig.data().say(samplePacket(row));
    rig.settle();
  }
  rig.clock.advance(500);
  rig.text().heardNow();
  rig.results.splice(0);
  return rig;
}

const isCellOn = (rig: ZahnerRig): unknown => {
  const seen: unknown[] = [];
  rig.cycler.channel(1).status((result) => seen.push(result.ok ? result.value.isCellOn : result.reason));
  return seen[0];
};

describe('off', () => {
  it.each([
    ['the abort first', ['ok', 'error 1005']],
    ['the primitive first', ['error 1005', 'ok']],
    ['a primitive that had just ended', ['ok', 'ok']],
  ])('is done when both have answered, %s', (_order, lines) => {
    const rig = plating();
    rig.text().answer = (line) => (line === 'ABOR' ? lines.join('\n') : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.text().heard).toEqual(['ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(isCellOn(rig)).toBe(false);
    rig.data().say(headerPacket(5));
    rig.data().say(bulkPacket([...rowsUpTo(2), [2.4, -0.05, -0.00113]]));
    rig.settle();
    expect(rig.results).toEqual([OK]);
    expect(rig.reports.filter(({ type }) => type === 'samples')).toHaveLength(3);
    expect(rig.reports.at(-1)).toMatchObject({ type: 'stepEnded', reason: 'off', endUs: 2_500_000 });
  });

  it('does not wait for more than 500 ms for the data of what it has aborted', () => {
    const rig = plating();
    rig.text().answer = (line) => (line === 'ABOR' ? 'ok\nerror 1005' : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(499);
    expect(rig.results).toEqual([]);
    rig.clock.advance(1);
    expect(rig.results).toEqual([OK]);
  });

  it('aborts again while the primitive does not answer, and gives the link up in the end', () => {
    const rig = plating();
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1600);
    expect(rig.text().heard).toEqual(['ABOR', 'ABOR', 'ABOR', 'ABOR']);
    expect(isCellOn(rig)).toBe(true);
    rig.clock.advance(400);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost' });
  });

  it('stops an abort that came too early for the primitive by a second one', () => {
    const rig = plating();
    let aborts = 0;
    rig.text().answer = (line) => {
      if (line !== 'ABOR') return undefined;
      aborts += 1;
      return aborts === 1 ? 'ok' : 'ok\nerror 1005';
    };
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1000);
    expect(rig.text().heard).toEqual(['ABOR', 'ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.results).toEqual([OK]);
  });

  it('keeps a step that is still being set from running', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line.startsWith(':PARA:TMAX') ? null : undefined);
    rig.cycler.channel(1).load(TREE, rig.done);
    rig.settle();
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    rig.text().say('ok');
    rig.clock.advance(1000);
    expect(rig.text().heard).toEqual([':PARA:TMAX 3600', 'ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.results).toMatchObject([OK, { ok: false, reason: 'stale' }]);
    expect(rig.reports).toMatchObject([{ type: 'stepEnded', reason: 'off' }]);
  });

  it('is one procedure for all that ask, and confirmed also where nothing runs', () => {
    const rig = zahnerRigOpen();
    rig.cycler.channel(1).off(rig.done);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.text().heard).toEqual(['ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.results).toEqual([OK, OK]);
  });

  it('comes before a step that was loaded meanwhile', () => {
    const rig = zahnerRigOpen();
    rig.cycler.channel(1).off(rig.done);
    rig.cycler.channel(1).load({ nodes: [node(1, 1, REST)] }, rig.done);
    rig.settle();
    expect(rig.text().heard.slice(0, 4)).toEqual(['ABOR', '*CLS', ':SESO:STAT OFF', ':PARA:TMAX 60']);
    expect(rig.text().heard.at(-1)).toBe(':MEAS:OCVS?');
  });

  it('overtakes a step that waits for an earlier one', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === 'ABOR' ? null : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.cycler.channel(1).load({ nodes: [node(1, 1, REST)] }, rig.done);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    rig.text().say('ok');
    rig.clock.advance(1000);
    expect(rig.text().heard).toEqual(['ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'stale' }, OK, OK]);
  });

  it('takes an error for the answer of an abort that had nothing to abort', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === 'ABOR' ? 'error 42' : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.results).toEqual([OK]);
  });

  it('that is not confirmed is the end of the link', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === ':SESO:STAT OFF' ? 'error 42' : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost' });
  });

  it('at the moment of a hard limit tells of both', () => {
    const rig = plating();
    rig.text().answer = (line) =>
      line === 'ABOR' ? 'error 1003\nok' : line.startsWith(':') ? 'error 1006' : 'ok';
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1000);
    expect(rig.text().heard).toEqual(['ABOR', ':SESO:STAT OFF']);
    expect(rig.reports.slice(-2)).toMatchObject([
      { type: 'stepEnded', reason: 'off' },
      { type: 'fault', fault: 'vhard' },
    ]);
  });
});

describe('the emergency stop', () => {
  it('is an abort past everything, and a fault', () => {
    const rig = plating();
    rig.text().answer = (line) => (line === 'ABOR' ? 'ok\nerror 1005' : undefined);
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.clock.advance(1000);
    expect(rig.text().heard).toEqual(['ABOR', '*CLS', ':SESO:STAT OFF']);
    expect(rig.reports.slice(-2)).toMatchObject([
      { type: 'stepEnded', reason: 'fault', endUs: 2_500_000 },
      { type: 'fault', fault: 'stop' },
    ]);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, REST)] }, rig.done);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'fault' }]);
  });

  it('latches where nothing runs, too', () => {
    const rig = zahnerRigOpen();
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.settle();
    expect(rig.reports).toMatchObject([{ type: 'fault', fault: 'stop' }]);
  });
});

describe('a link that is lost', () => {
  it('fails what is pending, keeps the step, and ends it as link-lost when both ports are back', () => {
    const rig = plating();
    rig.data().say(samplePacket([5, -0.05, -0.00113]));
    rig.settle();
    rig.cycler.channel(1).off(rig.done);
    rig.text().hangUp();
    rig.settle();
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
    // What was held for a missing sample is told; how the step ended is not known.
    expect(rig.reports.filter(({ type }) => type === 'samples')).toHaveLength(3);
    expect(rig.reports.some(({ type }) => type === 'stepEnded')).toBe(false);
    expect(isCellOn(rig)).toBe('closed');
    rig.clock.runUntil(() => rig.links.at(-1)?.type === 'up');
    rig.cycler.channel(1).replayStepEnds(1, () => undefined);
    expect(rig.reports.at(-1)).toMatchObject({ type: 'stepEnded', reason: 'link-lost', isReplay: true });
    expect(isCellOn(rig)).toBe(false);
  });

  it('sends nothing of before on the next connection, and sets all anew before the next step', () => {
    const rig = plating();
    rig.data().hangUp();
    rig.clock.runUntil(() => rig.links.length === 3);
    expect(rig.text().heardNow()).toEqual(['ABOR', '*CLS', '*IDN?', ':SESO:STAT OFF']);
    rig.cycler.channel(1).renewLease('waived', rig.done);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, REST)] }, rig.done);
    rig.settle();
    const heard = rig.text().heardNow();
    expect(heard).toContain(':SESO:ULIM:STAT ON');
    expect(heard).toContain(':SESO:CRNG 0.005');
    expect(heard.at(-1)).toBe(':MEAS:OCVS?');
  });

  it('fails a step that was being set', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = () => null;
    rig.cycler.channel(1).load(TREE, rig.done);
    rig.settle();
    rig.text().hangUp();
    rig.settle();
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
  });

  it('answers an off that only waited for data with success: the cell is known to be open', () => {
    const rig = plating();
    rig.text().answer = (line) => (line === 'ABOR' ? 'ok\nerror 1005' : undefined);
    rig.cycler.channel(1).off(rig.done);
    rig.settle();
    expect(rig.results).toEqual([]);
    rig.data().hangUp();
    rig.settle();
    expect(rig.results).toEqual([OK]);
  });

  it('is noticed on the data port while the text port waits for the end of the primitive', () => {
    const rig = plating({ keepAliveMs: 1000 });
    rig.clock.advance(9400);
    expect(rig.links).toHaveLength(1);
    rig.clock.advance(200);
    expect(rig.links[1]).toMatchObject({ type: 'lost' });
    expect(rig.links[1]).toHaveProperty('detail', expect.stringMatching(/no sample within 10000 ms/));
  });
});
