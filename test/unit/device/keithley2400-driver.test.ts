// Goal: the Keithley 2400 driver says what the manual says, in an order that is safe for a cell, and makes
// of the answers what the daemon asked for. Method: transcripts of messages and replies in virtual time.

import { describe, expect, it } from 'vitest';
import { KEITHLEY2400 } from '../../../src/device/drivers/keithley2400.ts';
import { NO_LIMITS, type LookAheadTree } from '../../../src/steps/step.ts';
import {
  IDENTITY,
  keithley2400Rig,
  keithley2400RigRunning,
  SETUP,
  type Keithley2400Rig,
} from '../../support/keithley2400-peer.ts';
import { halfCycle, node, REST } from '../../support/trees.ts';

const PLATING = halfCycle({ durationMaxUs: 4_000_000, limits: NO_LIMITS });
const STRIPPING = halfCycle({
  half: 'strip',
  mode: { kind: 'cc', currentPa: 1_130_000_000 },
  durationMaxUs: 4_000_000,
  limits: NO_LIMITS,
});
const ONE_PLATING: LookAheadTree = { nodes: [node(1, 1, PLATING)] };

function readingsOf(rig: Keithley2400Rig): number {
  return rig.peer(0).heard.filter((message) => message === ':READ?').length;
}

describe('connecting', () => {
  it('opens the cell first, proves it, and tells of the instrument then', () => {
    const rig = keithley2400Rig();
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    expect(rig.peer(0).transcript).toEqual([
      '> ^X',
      '> :OUTP:SMOD HIMP',
      '> :OUTP OFF',
      '> *IDN?',
      `< ${IDENTITY}`,
      '> *ESR?',
      '< 0',
      '> *CLS',
      '> :SYST:ERR?',
      '< 0,"No error"',
      '> :OUTP:SMOD HIMP',
      '> :SYST:ERR?',
      '< 0,"No error"',
      '> :OUTP OFF',
      '> :SOUR:CURR:LEV 0',
      '> :OUTP?',
      '< 0',
      '> :SYST:TIME?',
      '< 1.000000e+2',
      '> :SOUR:CURR:LEV 0',
      '> :SYST:TIME?',
      '< 1.000000e+2',
    ]);
    expect(rig.links).toMatchObject([
      {
        type: 'up',
        identity: { dialect: 'keithley2400', deviceId: '1234567', model: '2400', firmware: 'C30' },
        capabilities: {
          channels: 1,
          modes: ['rest', 'cc'],
          limits: { voltage: 'host', charge: 'host', shortFloor: 'host' },
          deadMan: 'nobody',
          hasChargeCounter: false,
          voltageSpanNv: 20_000_000_000,
          tickUs: 20_000,
        },
      },
    ]);
  });

  it.each([['\r\n'], ['\n'], ['\n\r']])('takes replies that end with %j', (terminator) => {
    const rig = keithley2400Rig({ terminator });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });

  it('is not misled by what was on its way to somebody else', () => {
    const rig = keithley2400Rig({
      reply: (message) =>
        message === '*IDN?' ? `+1.0002E-03,+9.9\r0,"No error"\r+1.2${IDENTITY}` : undefined,
    });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    expect(rig.links).toMatchObject([{ type: 'up', identity: { deviceId: '1234567' } }]);
    expect(rig.cycler.counters.linesDropped).toBe(2);
  });

  it('says that an instrument of another model is not driven, and tries again after 30 s', () => {
    const rig = keithley2400Rig({ identity: 'KEITHLEY INSTRUMENTS INC.,MODEL 2430,7,C30' });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.peers.length === 2);
    expect(rig.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
    expect(rig.links[0]).toHaveProperty('detail', expect.stringContaining('MODEL 2430'));
    expect(rig.clock.nowMs()).toBe(30_000);
  });

  it('does not come up while the output stays on, says so once, and goes on trying', () => {
    const rig = keithley2400Rig({ reply: (message) => (message === ':OUTP?' ? '1' : undefined) });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.peers.length === 4);
    expect(rig.links).toMatchObject([
      { type: 'lost', detail: 'its output stays on; switch it off at its front panel' },
    ]);
  });

  it('does not come up where "off" cannot be made to mean "relay open"', () => {
    const rig = keithley2400Rig({
      reply: (message, peer) =>
        message === ':SYST:ERR?' && peer.heard.at(-2) === ':OUTP:SMOD HIMP'
          ? '-221,"Settings conflict"'
          : undefined,
    });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.peers.length === 2);
    expect(rig.links).toMatchObject([
      { type: 'lost', detail: ':OUTP:SMOD HIMP was refused: -221, Settings conflict' },
    ]);
  });

  it('calls itself lost when nobody answers', () => {
    const rig = keithley2400Rig({ reply: () => null });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    expect(rig.links).toMatchObject([{ type: 'lost', reason: 'timeout' }]);
    expect(rig.clock.nowMs()).toBe(1500);
  });

  it('knows a power-up between two connections, and a simulator by its serial number', () => {
    const identity = IDENTITY.replace('1234567', 'SIM0001');
    let events = '128';
    const rig = keithley2400Rig({ identity, reply: (message) => (message === '*ESR?' ? events : undefined) });
    rig.cycler.start();
    for (events of ['128', '0', '128', '0']) {
      rig.clock.runUntil(() => rig.links.at(-1)?.type === 'up');
      rig.peer(rig.peers.length - 1).hangUp();
      rig.clock.runUntil(() => rig.links.at(-1)?.type === 'lost');
    }
    const ups = rig.links.filter((link) => link.type === 'up');
    const boots = ups.map(({ identity: found }) => found.bootId);
    expect(ups[0]?.identity.model).toBe('2400-sim');
    expect(boots[1]).toBe(boots[0]);
    expect(boots[2]).not.toBe(boots[0]);
    expect(boots[3]).toBe(boots[2]);
  });
});

describe('the settings of a run', () => {
  it('are each checked, with the output off', () => {
    const rig = keithley2400Rig({}, { isRemoteSensing: true });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    rig.peer(0).transcript.length = 0;
    rig.cycler.channel(1).open(SETUP, rig.done);
    rig.clock.runUntil(() => rig.results.length > 0);
    expect(rig.results).toEqual([{ ok: true, value: null }]);
    const settings = rig.peer(0).heard.filter((message) => message !== ':SYST:ERR?');
    expect(settings).toEqual([
      ':OUTP OFF',
      ':OUTP:SMOD HIMP',
      ':SOUR:CLE:AUTO OFF',
      ':SOUR:FUNC CURR',
      ':SOUR:CURR:MODE FIX',
      ':SOUR:CURR:LEV 0',
      ':SOUR:CURR:RANG 1E-02',
      ':SENS:FUNC:CONC ON',
      ":SENS:FUNC 'VOLT','CURR'",
      ':SENS:VOLT:PROT 2.04E+00',
      ':SENS:VOLT:RANG 2E+00',
      ':SENS:VOLT:NPLC 1',
      ':SENS:AVER OFF',
      ':SYST:RSEN ON',
      ':SYST:TIME:RES:AUTO OFF',
      ':FORM:ELEM VOLT,CURR,TIME,STAT',
      ':ARM:COUN 1',
      ':TRIG:COUN 1',
    ]);
    expect(rig.peer(0).heard).toHaveLength(2 * settings.length);
  });

  it('are refused in the words of the instrument, and nothing is sent after that', () => {
    const rig = keithley2400Rig({
      reply: (message, peer) =>
        message === ':SYST:ERR?' && peer.heard.at(-2)?.startsWith(':SENS:VOLT:PROT') === true
          ? '-222,"Parameter data out of range"'
          : undefined,
    });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    rig.cycler.channel(1).open(SETUP, rig.done);
    rig.clock.runUntil(() => rig.results.length > 0);
    const detail = ':SENS:VOLT:PROT 2.04E+00 was refused: -222, Parameter data out of range';
    expect(rig.results).toEqual([{ ok: false, reason: 'refused', detail }]);
    expect(rig.peer(0).heard.at(-2)).toBe(':SENS:VOLT:PROT 2.04E+00');
  });

  it.each([
    ['a range that it does not have', { ...SETUP, rangeIndex: 9 }, /range 9/],
    [
      'a limit beyond its span',
      { ...SETUP, limits: { ...SETUP.limits, voltageMinNv: -25_000_000_000 } },
      /25 V is beyond the 20 V/,
    ],
  ])('are not sent for %s', (_title, setup, detail) => {
    const rig = keithley2400Rig();
    rig.cycler.start();
    rig.clock.runUntil(() => rig.links.length > 0);
    const before = rig.peer(0).heard.length;
    rig.cycler.channel(1).open(setup, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: false, reason: 'refused', detail: expect.stringMatching(detail) },
    ]);
    expect(rig.peer(0).heard).toHaveLength(before);
  });
});

describe('a step', () => {
  it('is read more often while its burst lasts', () => {
    const record = { ...PLATING.record, burst: { everyUs: 200_000, forUs: 2_000_000 } };
    const tree: LookAheadTree = { nodes: [node(1, 1, { ...PLATING, record, durationMaxUs: 8_000_000 })] };
    const rig = keithley2400RigRunning(tree);
    rig.clock.advance(20_000);
    const timesUs = rig.reports.flatMap((report) => (report.type === 'samples' ? report.timeUs : []));
    const startUs = rig.reports.find((report) => report.type === 'stepEnded')?.startUs ?? 0;
    const sinceUs = timesUs.map((timeUs) => timeUs - startUs);
    // At its start, each 200 ms for 2 s, and its end.
    expect(sinceUs.filter((us) => us < 2_300_000).length).toBeGreaterThanOrEqual(10);
    expect(sinceUs.filter((us) => us >= 2_300_000)).toHaveLength(1);
  });

  it('is switched on at 0 A, driven, read, taken to 0 A and opened', () => {
    const rig = keithley2400RigRunning(ONE_PLATING);
    rig.clock.advance(10_000);
    const { heard } = rig.peer(0);
    expect(heard.slice(0, 7)).toEqual([
      ':SOUR:CURR:LEV 0',
      ':OUTP ON',
      ':SOUR:CURR:LEV -1.13E-03',
      ':SYST:TIME?',
      ':SYST:ERR?',
      ':READ?',
      ':READ?',
    ]);
    expect(heard.slice(7).filter((message) => message !== ':READ?')).toEqual([
      ':SOUR:CURR:LEV 0',
      ':SYST:TIME?',
      ':OUTP OFF',
      ':SYST:TIME?',
      ':OUTP OFF',
      ':SOUR:CURR:LEV 0',
      ':OUTP?',
    ]);
    expect(rig.reports.at(-1)).toMatchObject({ type: 'stepEnded', reason: 'duration', nextNodeId: 0 });
  });

  it('goes over to the next without opening the output, range kept', () => {
    const rig = keithley2400RigRunning({
      nodes: [node(1, 1, PLATING, { duration: 2 }), node(2, 2, STRIPPING)],
    });
    rig.clock.runUntil(() => rig.peer(0).levelA > 0);
    rig.clock.advance(0);
    expect(rig.peer(0).heard.slice(-6)).toEqual([
      ':SOUR:CURR:LEV 0',
      ':SYST:TIME?',
      ':SOUR:CURR:LEV 1.13E-03',
      ':SYST:TIME?',
      ':SYST:ERR?',
      ':READ?',
    ]);
    expect(rig.peer(0).heard).not.toContain(':OUTP OFF');
  });

  it('that is a rest stands at 0 A in the lowest range, output on, and is left by way of 0 A', () => {
    const rig = keithley2400RigRunning({
      nodes: [
        node(1, 1, PLATING, { duration: 2 }),
        node(2, 2, { ...REST, durationMaxUs: 3_000_000 }, { duration: 3 }),
        node(3, 3, STRIPPING),
      ],
    });
    rig.clock.runUntil(() => rig.peer(0).heard.includes(':SOUR:CURR:LEV 1.13E-03'));
    const moves = rig.peer(0).heard.filter((message) => /^:(SOUR|OUTP)/.test(message));
    expect(moves).toEqual([
      ':SOUR:CURR:LEV 0',
      ':OUTP ON',
      ':SOUR:CURR:LEV -1.13E-03',
      ':SOUR:CURR:LEV 0',
      ':SOUR:CURR:LEV 0',
      ':SOUR:CURR:RANG 1E-06',
      ':SOUR:CURR:LEV 0',
      ':SOUR:CURR:LEV 0',
      ':SOUR:CURR:RANG 1E-02',
      ':SOUR:CURR:LEV 1.13E-03',
    ]);
  });

  it('is read as often as the record asks for, and not again while a reading is under way', () => {
    const record = { everyUs: 250_000, voltageDeltaNv: null, currentDeltaPa: null };
    const rig = keithley2400RigRunning({ nodes: [node(1, 1, { ...PLATING, record })] });
    rig.clock.advance(3000);
    expect(readingsOf(rig)).toBe(13);
    const slow = keithley2400RigRunning({ nodes: [node(1, 1, { ...PLATING, record })] }, { readingMs: 300 });
    slow.clock.advance(3000);
    expect(readingsOf(slow)).toBe(7);
  });

  it('beyond the range of the run is refused before anything is sent', () => {
    const step = { ...PLATING, mode: { kind: 'cc', currentPa: 20_000_000_000 } } as const;
    const rig = keithley2400RigRunning({ nodes: [node(1, 1, step)] });
    rig.clock.advance(100);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
    expect(rig.peer(0).heard).toEqual([]);
  });

  it('that the instrument does not take is over before it is read, the cell open', () => {
    const rig = keithley2400RigRunning(ONE_PLATING, {
      reply: (message, peer) =>
        message === ':SYST:ERR?' && peer.isOutputOn ? '+802,"OUTPUT blocked by output enable"' : undefined,
    });
    rig.clock.advance(2000);
    const detail = 'the last order was refused: 802, OUTPUT blocked by output enable';
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused', detail }]);
    expect(rig.peer(0).isOutputOn).toBe(false);
    expect(readingsOf(rig)).toBe(0);
  });

  it('ends by a limit on the reading that passed it, and the next takes over', () => {
    const limits = { ...NO_LIMITS, voltageMinNv: -100_000_000 };
    const rig = keithley2400RigRunning(
      { nodes: [node(1, 1, { ...PLATING, limits }, { 'voltage-min': 2 }), node(2, 2, STRIPPING)] },
      { voltageV: (currentA, sinceMs) => (currentA < 0 ? -0.04 - sinceMs / 20_000 : 0.04) },
    );
    rig.clock.runUntil(() => rig.peer(0).levelA > 0);
    expect(rig.reports.find((report) => report.type === 'stepEnded')).toMatchObject({
      reason: 'voltage-min',
      nextNodeId: 2,
    });
    expect(rig.peer(0).heard).not.toContain(':OUTP OFF');
  });
});

describe('the dialect', () => {
  it('asks for a name and reads it, however much else was heard', () => {
    const { probe } = KEITHLEY2400;
    expect(probe?.ask).toBe('*IDN?\r');
    expect(probe?.parse(`\u0013rubbish\r\n${IDENTITY}\r\n`)).toEqual({
      model: '2400',
      serial: '1234567',
      firmware: 'C30',
    });
    expect(probe?.parse(IDENTITY)).toBeNull();
    expect(probe?.parse('ZAHNER-ELEKTRIK,PP212,33000,1.1.0\n')).toBeNull();
  });

  it('has one channel', () => {
    const rig = keithley2400Rig();
    expect(() => rig.cycler.channel(2)).toThrow(/channel must be 1/);
  });
});
