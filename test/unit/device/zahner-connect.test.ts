// Goal: a Zahner link is up only with both ports of one instrument speaking and the cell open. Method:
// transcripts of the text port and the ways in which either port can fail, in virtual time.

import { describe, expect, it } from 'vitest';
import { ZAHNER } from '../../../src/device/drivers/zahner.ts';
import {
  bulkPacket,
  IDENTITY,
  rowsUpTo,
  zahnerRig,
  type ZahnerRigOptions,
  zahnerRigUp,
} from './zahner-peer.ts';

const GREETING = ['ABOR', '*CLS', '*IDN?', ':SESO:STAT OFF'];

function started(options: ZahnerRigOptions = {}) {
  const rig = zahnerRig(options);
  rig.cycler.start();
  rig.settle();
  return rig;
}

describe('connecting', () => {
  it('switches off before it asks, and is up when both ports have said who they are', () => {
    const rig = started();
    expect(rig.text().heard).toEqual(GREETING);
    expect(rig.links).toMatchObject([
      {
        type: 'up',
        identity: { dialect: 'zahner', deviceId: '33000', model: 'XPOT2', firmware: '1.1.0' },
        capabilities: {
          channels: 1,
          modes: ['rest', 'cc'],
          limits: { voltage: 'device', charge: 'device', shortFloor: 'host' },
          recordRules: 'host',
          recordBursts: null,
          deadMan: 'step-bound',
          hasChargeCounter: false,
          tickUs: 1_000_000,
        },
      },
    ]);
  });

  it.each([
    ['nothing ran', { ABOR: ['ok'] }],
    ['there is nothing to abort', { ABOR: ['error 42'] }],
    ['a primitive ran and answers first', { ABOR: ['error 1005', 'ok'] }],
    ['a primitive ran and answers last', { ABOR: ['ok', 'error 1005'] }],
    ['a primitive had just ended', { ABOR: ['ok', 'ok'] }],
    ['a primitive answers late', { ABOR: ['ok'], '*CLS': ['error 1005', 'ok'] }],
  ] as const)('comes up where %s', (_case, answers: Readonly<Record<string, readonly string[]>>) => {
    const rig = started({
      onText: (peer) => {
        peer.answer = (line) => answers[line]?.join('\n');
      },
    });
    expect(rig.text().heard).toEqual(GREETING);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
    expect(rig.cycler.counters.linesDropped).toBe(0);
  });

  it('goes on after 500 ms where ABOR is not answered at all', () => {
    const rig = started({ onText: (peer) => (peer.answer = (line) => (line === 'ABOR' ? null : undefined)) });
    rig.clock.runUntil(() => rig.links.length > 0);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
    expect(rig.clock.nowMs()).toBe(500);
  });

  it('clears again where it is still blocked', () => {
    let refusals = 2;
    const rig = started({
      onText: (peer) => {
        peer.answer = (line) => (line === '*IDN?' && refusals-- > 0 ? 'error 1006' : undefined);
      },
    });
    expect(rig.text().heard).toEqual([
      'ABOR',
      '*CLS',
      '*IDN?',
      '*CLS',
      '*IDN?',
      '*CLS',
      ...GREETING.slice(2),
    ]);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });

  it('throws away what a primitive of before still has to say on the data port', () => {
    const rest = bulkPacket(rowsUpTo(40)).subarray(7).toString('latin1');
    const rig = started({ greeting: `${rest}${IDENTITY} binary\n` });
    expect(rig.links).toMatchObject([{ type: 'up' }]);
    expect(rig.reports).toEqual([]);
  });

  it('marks a simulated instrument by its serial number', () => {
    const identity = 'ZAHNER-ELEKTRIK,PP212,SIM7,1.2.0';
    const rig = started({
      greeting: `${identity} binary\n`,
      onText: (peer) => (peer.answer = (line) => (line === '*IDN?' ? identity : undefined)),
    });
    expect(rig.links).toMatchObject([{ identity: { model: 'PP212-sim', deviceId: 'SIM7' } }]);
  });
});

describe('a wrong instrument', () => {
  const says = (identity: string): ZahnerRigOptions => ({
    onText: (peer) => (peer.answer = (line) => (line === '*IDN?' ? identity : undefined)),
  });

  it.each([
    ['old firmware', says('ZAHNER-ELEKTRIK,XPOT2,33000,1.0.9'), /firmware 1\.0\.9; update/],
    ['ports that are swapped', says(`${IDENTITY} binary`), /swapped/],
    ['a data port that is none', { greeting: `${IDENTITY}\n` }, /swapped/],
    ['the data port of another one', { greeting: 'ZAHNER-ELEKTRIK,XPOT2,33001,1.1.0 binary\n' }, /33001/],
    ['a data port that says nothing', { greeting: null }, /does not say who it is/],
    [
      'one that does not switch off',
      { onText: (peer) => (peer.answer = (line) => (line === ':SESO:STAT OFF' ? 'error 42' : undefined)) },
      /does not switch off/,
    ],
  ] as const satisfies readonly (readonly [string, ZahnerRigOptions, RegExp])[])(
    'is lost, with one line of detail, at %s',
    (_found, options, detail) => {
      const rig = started(options);
      rig.clock.runUntil(() => rig.links.length > 0);
      expect(rig.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
      expect(rig.links[0]).toHaveProperty('detail', expect.stringMatching(detail));
      expect(rig.links[0]).toHaveProperty('detail', expect.stringMatching(/^[^\n]{10,160}$/));
      expect(rig.text().isClosed).toBe(true);
    },
  );

  it('is one without a data port in the configuration', () => {
    const rig = started({ hasDataPort: false });
    expect(rig.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
    expect(rig.links[0]).toHaveProperty('detail', expect.stringMatching(/name the data port/));
  });
});

describe('a link that is lost', () => {
  it.each([
    ['text', (rig: ReturnType<typeof zahnerRigUp>) => rig.text().hangUp()],
    ['data', (rig: ReturnType<typeof zahnerRigUp>) => rig.data().hangUp()],
  ] as const)('is so when the %s port closes, and comes back with both', (_port, hangUp) => {
    const rig = zahnerRigUp();
    hangUp(rig);
    rig.clock.runUntil(() => rig.links.length === 3);
    expect(rig.links).toMatchObject([{ type: 'up' }, { type: 'lost', reason: 'closed' }, { type: 'up' }]);
    expect([rig.texts.length, rig.datas.length]).toEqual([2, 2]);
    expect(rig.text().heard).toEqual(GREETING);
  });

  it('is noticed by the keep-alive when the instrument falls silent', () => {
    const rig = zahnerRigUp({ keepAliveMs: 1000 });
    rig.text().answer = () => null;
    rig.clock.runUntil(() => rig.links.length === 2);
    expect(rig.links[1]).toMatchObject({ type: 'lost', reason: 'timeout' });
    expect(rig.clock.nowMs()).toBe(3000);
  });

  it('is asked for nothing any more once it is closed', () => {
    const rig = zahnerRigUp();
    rig.cycler.close();
    rig.cycler.readClock(rig.done);
    rig.clock.advance(60_000);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
    expect(rig.texts).toHaveLength(1);
    expect(rig.cycler.emergencyStop()).toBe(false);
  });
});

describe('the probe', () => {
  it('knows an instrument by its text port', () => {
    expect(ZAHNER.probe?.ask).toBe('*IDN?\n');
    expect(ZAHNER.probe?.parse(`${IDENTITY}\r\n`)).toEqual({
      model: 'XPOT2',
      serial: '33000',
      firmware: '1.1.0',
    });
  });

  it.each(['', IDENTITY, `${IDENTITY} binary\n`, 'KEITHLEY INSTRUMENTS INC.,MODEL 2400,1,C30\n'])(
    'does not take "%s" for one',
    (heard) => {
      expect(ZAHNER.probe?.parse(heard)).toBeNull();
    },
  );
});
