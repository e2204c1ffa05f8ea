// Goal: off is off whatever is under way, nothing drives again behind it, and neither a source at its
// compliance nor a line that damages, delays or loses what it carries is taken for a measurement. Method:
// transcripts and the source's own log, in virtual time.

import { describe, expect, it } from 'vitest';
import type { StepEndReport } from '../../../src/device/cycler.ts';
import { NO_LIMITS, type LookAheadTree } from '../../../src/steps/step.ts';
import { keithley2400RigRunning, type Keithley2400Rig } from '../../support/keithley2400-peer.ts';
import { halfCycle, node } from '../../support/trees.ts';

const HOUR = halfCycle({
  durationMaxUs: 3_600_000_000,
  limits: NO_LIMITS,
  record: { everyUs: 1_000_000, voltageDeltaNv: null, currentDeltaPa: null },
});
const DRIVEN: LookAheadTree = { nodes: [node(1, 1, HOUR)] };
const NEXT: LookAheadTree = { nodes: [node(2, 2, HOUR)] };

function endsOf(rig: Keithley2400Rig): readonly StepEndReport[] {
  return rig.reports.filter((report): report is StepEndReport => report.type === 'stepEnded');
}

function faultsOf(rig: Keithley2400Rig): readonly string[] {
  return rig.reports.filter((report) => report.type === 'fault').map(({ fault }) => fault);
}

function flagsOf(rig: Keithley2400Rig): readonly number[] {
  return rig.reports.filter((report) => report.type === 'samples').flatMap(({ flags }) => flags);
}

describe('off', () => {
  it('between two readings is the next message, dated by the instrument', () => {
    const rig = keithley2400RigRunning(DRIVEN, { wireMs: 20 });
    rig.clock.advance(5500);
    rig.peer(0).transcript.length = 0;
    const offMs = rig.clock.nowMs();
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1000);
    expect(rig.peer(0).heard).toEqual([
      ':OUTP OFF',
      ':SYST:TIME?',
      ':OUTP OFF',
      ':SOUR:CURR:LEV 0',
      ':OUTP?',
    ]);
    expect(rig.results).toEqual([
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
    const [end] = endsOf(rig);
    const [flow, stopped] = rig.peer(0).flows;
    expect(stopped?.atMs).toBe(offMs + 20);
    expect(end?.reason).toBe('off');
    const flowedUs = ((stopped?.atMs ?? 0) - (flow?.atMs ?? 0)) * 1000;
    expect(Math.abs((end?.endUs ?? 0) - (end?.startUs ?? 0) - flowedUs)).toBeLessThan(1000);
  });

  it('while a reading is under way clears it and does not wait for it', () => {
    const rig = keithley2400RigRunning(DRIVEN, { wireMs: 20, readingMs: 100 });
    rig.clock.runUntil(() => rig.peer(0).heard.filter((message) => message === ':READ?').length === 4);
    rig.peer(0).transcript.length = 0;
    const offMs = rig.clock.nowMs();
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1000);
    expect(rig.peer(0).transcript).toEqual([
      '> ^X',
      '> :OUTP OFF',
      '> :OUTP OFF',
      '> :SYST:TIME?',
      expect.stringMatching(/^< 1\.\d+e\+2$/),
      '> :OUTP OFF',
      '> :SOUR:CURR:LEV 0',
      '> :OUTP?',
      '< 0',
    ]);
    expect(rig.peer(0).flows.at(-1)).toEqual({ atMs: offMs + 20, currentA: 0 });
    expect(endsOf(rig)).toMatchObject([{ reason: 'off' }]);
    expect(rig.links).toHaveLength(1);
  });

  it('is not misled by a reading that was on its way to us', () => {
    const rig = keithley2400RigRunning(DRIVEN, { wireMs: 45, readingMs: 100 });
    // The instrument has spoken, and nobody has heard it yet.
    rig.clock.runUntil(() => rig.peer(0).transcript.at(-1)?.startsWith('< -') === true);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(1000);
    expect(rig.results.at(-1)).toEqual({ ok: true, value: null });
    expect(rig.links).toHaveLength(1);
    expect(rig.peer(0).isOutputOn).toBe(false);
  });

  it.each([0, 1, 20, 40, 60, 80, 100, 120])(
    '%i ms after a step was asked for leaves nothing driven',
    (waitMs) => {
      const rig = keithley2400RigRunning(DRIVEN, { wireMs: 20 });
      rig.clock.advance(waitMs);
      rig.cycler.channel(1).off(rig.done);
      rig.clock.advance(2000);
      expect(rig.peer(0).isOutputOn).toBe(false);
      expect(rig.peer(0).levelA).toBe(0);
      expect(rig.results).toHaveLength(2);
      expect(rig.results.filter(({ ok }) => ok).length).toBeGreaterThan(0);
      expect(endsOf(rig)).toMatchObject([{ reason: 'off' }]);
      expect(faultsOf(rig)).toEqual([]);
    },
  );

  it('takes back a step that waits behind another question', () => {
    const rig = keithley2400RigRunning(null, { wireMs: 50 }, { keepAliveMs: 1000 });
    rig.clock.runUntil(() => rig.peer(0).heard.includes(':SYST:TIME?'));
    rig.cycler.channel(1).load(DRIVEN, rig.done);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(2000);
    expect(rig.peer(0).heard).not.toContain(':OUTP ON');
    expect(rig.results).toMatchObject([{ ok: true }, { ok: false, reason: 'stale' }]);
  });

  it('overtakes settings that are being made', () => {
    const rig = keithley2400RigRunning(null, { wireMs: 5 });
    rig.cycler.channel(1).release('01JA', () => undefined);
    rig.cycler.channel(1).open({ run: 'B', rangeIndex: 3, limits: limitsOf(1) }, rig.done);
    rig.clock.advance(30);
    rig.peer(0).transcript.length = 0;
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(2000);
    expect(rig.results).toMatchObject([{ ok: true }, { ok: false, reason: 'stale' }]);
    expect(rig.peer(0).heard.at(-1)).toBe(':OUTP?');
  });

  it('that leaves the output on costs the link, and is told again at the next one', () => {
    let isStuck = false;
    const rig = keithley2400RigRunning(DRIVEN, {
      reply: (message) => (message === ':OUTP?' && isStuck ? '1' : undefined),
    });
    rig.clock.advance(1500);
    isStuck = true;
    rig.cycler.channel(1).off(rig.done);
    rig.clock.runUntil(() => rig.peers.length === 2);
    isStuck = false;
    rig.clock.advance(1000);
    expect(rig.results.at(-1)).toMatchObject({ ok: false, reason: 'refused' });
    expect(rig.peer(1).heard.slice(0, 3)).toEqual(['^X', ':OUTP:SMOD HIMP', ':OUTP OFF']);
    expect(rig.links.map(({ type }) => type)).toEqual(['up', 'lost', 'up']);
  });

  it('by an emergency stop is out of band and latched', () => {
    const rig = keithley2400RigRunning(DRIVEN, { wireMs: 20 });
    rig.clock.advance(3010);
    rig.peer(0).transcript.length = 0;
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.clock.advance(1000);
    expect(rig.peer(0).heard.slice(0, 2)).toEqual(['^X', ':OUTP OFF']);
    expect(endsOf(rig)).toMatchObject([{ reason: 'fault' }]);
    expect(faultsOf(rig)).toEqual(['stop']);
    rig.cycler.channel(1).load(NEXT, rig.done);
    expect(rig.results.at(-1)).toMatchObject({ ok: false, reason: 'fault' });
    expect(rig.links).toHaveLength(1);
  });

  it('by an emergency stop says when there is no link', () => {
    const rig = keithley2400RigRunning(null);
    rig.cycler.close();
    expect(rig.cycler.emergencyStop()).toBe(false);
  });
});

describe('compliance', () => {
  it('of one reading is a flag', () => {
    const rig = keithley2400RigRunning(DRIVEN);
    rig.clock.advance(2050);
    rig.peer(0).status |= 1 << 3;
    rig.clock.advance(100);
    rig.peer(0).status &= ~(1 << 3);
    rig.clock.advance(3000);
    expect(flagsOf(rig)).toEqual([1, 0, 4, 0, 0, 0]);
    expect(faultsOf(rig)).toEqual([]);
  });

  it.each([
    ['its own', 3],
    ['that of the range', 16],
  ])('of two readings, %s, opens the cell and is a fault', (_title, bit) => {
    const rig = keithley2400RigRunning(DRIVEN);
    rig.clock.advance(2050);
    rig.peer(0).status |= 1 << bit;
    rig.clock.advance(2000);
    expect(rig.peer(0).isOutputOn).toBe(false);
    expect(endsOf(rig)).toMatchObject([{ reason: 'fault' }]);
    expect(faultsOf(rig)).toEqual(['compliance']);
  });
});

describe('readings that are none', () => {
  /** From 2 s on, for so many readings. */
  function damaged(lines: readonly string[]): Keithley2400Rig {
    let left = [...lines];
    const rig = keithley2400RigRunning(DRIVEN, {
      reply: (message, peer) => {
        const isDue = peer.heard.filter((heard) => heard === ':READ?').length > 2;
        if (message !== ':READ?' || !isDue) return undefined;
        const [line, ...rest] = left;
        left = rest;
        return line;
      },
    });
    rig.clock.advance(6500);
    return rig;
  }

  it.each([
    ['beyond every range', '+9.900000E+37,-1.130000E-03,+1.030000E+02,+3.891300E+04'],
    ['unmeasured', '+9.910000E+37,-1.130000E-03,+1.030000E+02,+3.891200E+04'],
    ['damaged', '+4.520000E-02,-1.13x000E-03,+1.030000E+02,+3.891200E+04'],
    ['torn in two', '+4.520000E-02,-1.13\r0000E-03,+1.030000E+02,+3.891200E+04'],
    ['behind a line that is none', 'x\r+4.520000E-02,-1.130000E-03,+1.020000E+02,+3.891200E+04'],
    ['of a time that cannot be', '+4.520000E-02,-1.130000E-03,+9.030000E+02,+3.891200E+04'],
  ])('are absent and counted, and the next one says so: %s', (_title, line) => {
    const rig = damaged([line]);
    expect(rig.cycler.counters.framesLost).toBe(1);
    expect(flagsOf(rig)).toEqual([1, 0, 0x20, 0, 0, 0]);
    expect(faultsOf(rig)).toEqual([]);
    expect(rig.peer(0).isOutputOn).toBe(true);
  });

  it('three times in a row leave the cell unseen: off, and a fault', () => {
    const line = '+9.900000E+37,-1.130000E-03,+1.030000E+02,+3.891300E+04';
    const rig = damaged([line, line, line]);
    expect(faultsOf(rig)).toEqual(['no-reading']);
    expect(rig.peer(0).isOutputOn).toBe(false);
  });
});

describe('a lost link', () => {
  it('ends the step as lost once the cell is known to be open, and makes the settings again', () => {
    const rig = keithley2400RigRunning(DRIVEN);
    rig.clock.advance(3500);
    rig.peer(0).hangUp();
    rig.clock.runUntil(() => rig.links.length === 3);
    expect(rig.links.map(({ type }) => type)).toEqual(['up', 'lost', 'up']);
    rig.cycler.channel(1).replayStepEnds(1, rig.done);
    expect(endsOf(rig)).toMatchObject([{ reason: 'link-lost', stepNumber: 1 }]);
    rig.cycler.channel(1).renewLease('waived', () => undefined);
    rig.cycler.channel(1).load(NEXT, rig.done);
    rig.clock.advance(2000);
    expect(rig.results.at(-1)).toEqual({ ok: true, value: null });
    const { heard } = rig.peer(1);
    expect(heard).toContain(':SENS:VOLT:PROT 2.04E+00');
    expect(heard.indexOf(':OUTP ON')).toBeGreaterThan(heard.indexOf(':TRIG:COUN 1'));
    expect(rig.peer(1).levelA).toBe(-1.13e-3);
  });

  it('is noticed by a reading that does not come, and what waits fails once', () => {
    let isSilent = false;
    const rig = keithley2400RigRunning(DRIVEN, { reply: () => (isSilent ? null : undefined) });
    rig.clock.advance(2500);
    isSilent = true;
    rig.clock.advance(600);
    rig.cycler.channel(1).off(rig.done);
    rig.cycler.readClock(rig.done);
    rig.clock.runUntil(() => rig.links.length === 2);
    expect(rig.links.at(-1)).toMatchObject({ type: 'lost', reason: 'timeout' });
    expect(rig.results.slice(1)).toMatchObject([
      { ok: false, reason: 'timeout' },
      { ok: false, reason: 'timeout' },
    ]);
    expect(rig.peer(0).isOutputOn).toBe(false);
  });

  it('keeps no order for the next connection', () => {
    const rig = keithley2400RigRunning(DRIVEN, { wireMs: 20 });
    rig.clock.advance(10);
    rig.peer(0).hangUp();
    rig.clock.runUntil(() => rig.links.length === 3);
    rig.clock.advance(5000);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'closed' }]);
    expect(rig.peer(1).heard).not.toContain(':OUTP ON');
  });

  it('that nobody misses is probed by a question that changes nothing', () => {
    const rig = keithley2400RigRunning(null, {}, { keepAliveMs: 1000 });
    rig.clock.advance(3500);
    expect(new Set(rig.peer(0).heard)).toEqual(new Set([':SYST:TIME?']));
  });
});

function limitsOf(voltageV: number): {
  voltageMaxNv: number;
  voltageMinNv: number;
  currentMaxPa: number;
  netChargeMaxNc: number;
} {
  const voltageNv = voltageV * 1e9;
  return { voltageMaxNv: voltageNv, voltageMinNv: -voltageNv, currentMaxPa: 1e9, netChargeMaxNc: 1e9 };
}
