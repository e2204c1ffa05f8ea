// Goal: what the output really does to a cell, on and off, with relay, auto-off and loss of power. Method: a
// resistor with a voltage of its own, the cell log, the charge that the cell knows.
import { describe, expect, it } from 'vitest';
import { GALVANOSTAT, load, Rig } from './rig.ts';

const BATTERY_V = 0.5;

/** A cell that pushes current wherever it is let; power-up is over. */
function battery(): Rig {
  const rig = new Rig({ cell: load(100, BATTERY_V) });
  rig.clock.advance(2000);
  return rig;
}

function chargeWhileOffNc(rig: Rig, ms: number): number {
  const before = rig.instrument.truth(1).netChargeNc;
  rig.clock.advance(ms);
  return rig.instrument.truth(1).netChargeNc - before;
}

describe('output off', () => {
  it('NORMal leaves the cell on a 0 V source of 0.5 % of the current range', () => {
    const rig = battery();
    rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 1;:SOUR:CURR:RANG 0.01;:SOUR:CURR 1e-3;:OUTP ON', ':OUTP OFF');
    expect(rig.lastSwitch).toMatchObject({ cell: 'on', i_pa: -50_000_000 });
    expect(chargeWhileOffNc(rig, 10_000)).toBeCloseTo(-50e-6 * 10 * 1e9, 0);
  });

  it('HIMPedance opens the relay', () => {
    const rig = battery();
    rig.send(GALVANOSTAT, ':SOUR:CURR 1e-3;:OUTP ON', ':OUTP OFF');
    rig.clock.advance(20);
    expect(rig.lastSwitch).toMatchObject({ cell: 'off', i_pa: 0, why: 'off' });
    expect(chargeWhileOffNc(rig, 10_000)).toBe(0);
  });

  it('GUARd sources 0 A', () => {
    const rig = new Rig({ cell: load(100) });
    rig.clock.advance(2000);
    rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 1;:OUTP:SMOD GUAR;:SOUR:CURR 1e-4;:OUTP ON', ':OUTP OFF');
    expect(rig.lastSwitch).toMatchObject({ cell: 'on', i_pa: 0 });
    expect(chargeWhileOffNc(rig, 10_000)).toBe(0);
  });

  it('ZERO is a 0 V source of the programmed current', () => {
    const rig = battery();
    rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 1;:SOUR:CURR:RANG 0.01;:OUTP:SMOD ZERO;:SOUR:CURR 2e-3');
    rig.send(':OUTP ON', ':OUTP OFF');
    expect(rig.lastSwitch).toMatchObject({ cell: 'on', i_pa: -2_000_000_000 });
  });

  it('takes another state at once', () => {
    const rig = battery();
    expect(rig.lastSwitch?.cell).toBe('on');
    rig.send(':OUTP:SMOD HIMP');
    expect(rig.lastSwitch?.cell).toBe('off');
    rig.send(':OUTP:SMOD NORM');
    expect(rig.lastSwitch?.cell).toBe('on');
  });

  it('refuses to measure', () => {
    const rig = new Rig();
    expect(rig.errorOf(':READ?')).toBe(803);
    expect(rig.errorOf(':INIT')).toBe(803);
    expect(rig.errorOf(':FETC?')).toBe(-230);
  });
});

describe('the relay', () => {
  it('needs 15 ms, for which commands wait', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT);
    expect(rig.msOf(':OUTP ON;:OUTP?')).toBeGreaterThanOrEqual(15);
    rig.send(':OUTP:SMOD NORM;:OUTP OFF');
    rig.clock.advance(2000);
    expect(rig.msOf(':OUTP ON;:OUTP?')).toBeLessThanOrEqual(1);
  });

  it.each([':SYST:RSEN 0', ':ROUT:TERM REAR', ':SYST:GUAR OHMS', '*RST', ':SYST:PRES', ':SOUR:CLE'])(
    'opens with %s',
    (message) => {
      const rig = new Rig();
      rig.send(GALVANOSTAT, ':OUTP ON');
      rig.clock.advance(20);
      rig.send(message);
      expect(rig.ask(':OUTP?')).toBe('0');
    },
  );
});

describe('auto output-off', () => {
  it('turns the output on for each reading only', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SOUR:CLE:AUTO 1;:SOUR:CURR 1e-3;:FORM:ELEM VOLT;:TRIG:COUN 3');
    expect(rig.ask(':READ?')).toBe('+1.000000E-01,+1.000000E-01,+1.000000E-01');
    expect(rig.ask(':OUTP?')).toBe('0');
    expect(rig.cellLog.filter(({ cell }) => cell === 'on')).toHaveLength(3);
    expect(rig.lastSwitch?.cell).toBe('off');
  });

  it('waits for the trigger count where it is told to', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SOUR:CLE:AUTO 1;:SOUR:CLE:AUTO:MODE TCO;:SOUR:CURR 1e-3;:TRIG:COUN 3');
    rig.ask(':READ?');
    expect(rig.cellLog.filter(({ cell }) => cell === 'on')).toHaveLength(1);
    expect(rig.lastSwitch?.cell).toBe('off');
  });

  it('bounds what a lost host can leave behind', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SOUR:CLE:AUTO 1;:SOUR:CURR 1e-3;:TRIG:COUN 100;:INIT');
    const line = rig.connect();
    line.close();
    rig.clock.advance(3_600_000);
    expect(rig.lastSwitch?.cell).toBe('off');
    expect(rig.instrument.truth(1).netChargeNc).toBeLessThan(1e-3 * 25 * 1e9);
  });
});

describe('CONFigure and MEASure', () => {
  it('turn the output on, as the manual warns', () => {
    const rig = new Rig();
    rig.send(
      ':SOUR:FUNC CURR;:SENS:VOLT:PROT 1;:SOUR:CURR 1e-3;:TRIG:COUN 5;:SENS:VOLT:NPLC 10',
      ':CONF:VOLT',
    );
    expect(rig.ask(':OUTP?;:TRIG:COUN?;:SENS:VOLT:NPLC?;:CONF?')).toBe('1;1;1.000000E+00;"VOLT:DC"');
    rig.send('*RST;:SOUR:VOLT 0.1;:FORM:ELEM CURR');
    expect(Number(rig.ask(':MEAS:CURR?'))).toBeCloseTo(1.05e-4, 8);
    expect(rig.ask(':OUTP?')).toBe('1');
  });
});

describe('loss of power', () => {
  it('opens the relay, clears settings and clock, and keeps the buffer', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SOUR:CURR 1e-3;:TRAC:POIN 2;FEED:CONT NEXT;:TRIG:COUN 2;:OUTP ON');
    rig.ask(':READ?');
    rig.send(':SENS:VOLT:NPLC 5');
    rig.instrument.restart();
    expect(rig.cellLog.slice(-2)).toMatchObject([
      { cell: 'off', why: 'power' },
      { cell: 'off', why: 'power' },
    ]);
    expect(rig.ask(':OUTP?;:SENS:VOLT:NPLC?;:TRAC:POIN:ACT?')).toBe('0;1.000000E+00;2');
    expect(Number(rig.ask(':SYST:TIME?'))).toBeLessThan(0.1);
    expect(rig.ask('*ESR?')).toBe('128');
  });

  it('is followed by the output-off state of the power-on setup after a moment', () => {
    const rig = battery();
    rig.instrument.restart();
    expect(rig.lastSwitch?.cell).toBe('off');
    rig.clock.advance(2000);
    expect(rig.lastSwitch?.cell).toBe('on');
    rig.send(':OUTP:SMOD HIMP;*SAV 0;:SYST:POS SAV0');
    rig.instrument.restart();
    rig.clock.advance(2000);
    expect(rig.lastSwitch?.cell).toBe('off');
  });

  it('for good leaves nothing armed', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':OUTP ON;:ARM:COUN INF;:INIT');
    rig.clock.advance(1000);
    rig.instrument.close();
    rig.clock.advance(0);
    expect(rig.lastSwitch?.cell).toBe('off');
    expect(rig.clock.isPending).toBe(false);
    expect(rig.instrument.isAttached).toBe(false);
  });
});

describe('the host that goes', () => {
  it('changes nothing at the output', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SOUR:CURR 1e-3;:OUTP ON');
    rig.clock.advance(1000);
    rig.connect().close();
    rig.clock.advance(3_600_000);
    expect(rig.instrument.isAttached).toBe(false);
    expect(rig.lastSwitch?.cell).toBe('on');
    expect(rig.instrument.truth(1).netChargeNc).toBeCloseTo(1e-3 * 3601 * 1e9, -3);
  });
});
