// Goal: every command of the language has the one answer that the instrument gives. Method: lines in, lines
// out, on an instrument without errors; what a command does is told by the next ones.
import { describe, expect, it } from 'vitest';
import { CapacitorCell, rig, ZahnerRig } from './rig.ts';

describe('who it is', () => {
  it('is told on both ports, the data port by name, whichever is connected first', () => {
    for (const order of [['text', 'data'] as const, ['data', 'text'] as const]) {
      const host = new ZahnerRig();
      for (const port of order) {
        if (port === 'text') host.connect();
        else host.connectData();
      }
      host.binary?.write('*IDN?\n');
      expect(host.ask('*IDN?')).toBe('ZAHNER-ELEKTRIK,PP212,SIM7,1.1.0');
      expect(host.data).toBe('ZAHNER-ELEKTRIK,PP212,SIM7,1.1.0 binary\n');
    }
  });

  it.each(['PP212', 'PP222', 'PP242', 'XPOT2', 'EL1002'])('is %s where that is the profile', (profile) => {
    expect(rig({ profile }).ask('*IDN?')).toBe(`ZAHNER-ELEKTRIK,${profile},SIM7,1.1.0`);
  });
});

describe('settings', () => {
  it.each([
    ':SESO:COUP gal',
    ':SESO:COUP pot',
    ':SESO:SFRQ 25',
    ':SESO:SFRQ 0.1',
    ':SESO:CRNG 20',
    ':SESO:CRNG:IDX 3',
    ':SESO:CRNG:AUTO 1',
    ':SESO:CRNG:AUTO 0',
    ':SESO:CRNG:AUTO:LLIM 1',
    ':SESO:CRNG:AUTO:ULIM 3',
    ':SESO:VRNG 2.5',
    ':SESO:VRNG:IDX 0',
    ':SESO:INTP 1',
    ':SESO:BAND 1',
    ':SESO:FILT 1000.0',
    ':SESO:STAT OFF',
    ':SESO:IVAL 1e-05',
    ':SESO:UVAL -0.1',
    ':SESO:UREL OCV',
    ':SESO:UREL 0',
    ':SESO:ULIM:MAX 1000',
    ':SESO:ULIM:MIN -1',
    ':SESO:ULIM:STAT ON',
    ':SESO:ILIM:MAX 30',
    ':SESO:ILIM:MIN -30',
    ':SESO:ILIM:STAT OFF',
    ':SESO:UILT 0.1',
    ':PARA:IVAL -0.00113',
    ':PARA:UVAL 3',
    ':PARA:UREL OCV',
    ':PARA:UREL 0',
    ':PARA:TMAX 15',
    ':PARA:TMIN 0',
    ':PARA:TIME 3.1415',
    ':PARA:SCRA -0.05',
    ':PARA:STEP 0.01',
    ':PARA:ULIM:MAX 1000',
    ':PARA:ULIM:MIN 0',
    ':PARA:ULIM:STAT ON',
    ':PARA:ILIM:MAX 0.5',
    ':PARA:ILIM:MIN -0.5',
    ':PARA:ILIM:STAT ON',
    ':PARA:UILT 0',
    ':PARA:CHAR:MAX 100',
    ':PARA:CHAR:MIN -50',
    ':PARA:CHAR:STAT 1',
    ':PARA:TOL:ABS 0.001',
    ':PARA:TOL:REL 0.0',
    ':PARA:TOL:STAT 0',
    ':SYST:LINF 50',
    ':SYST:TIME 2026-05-04T03:02:01',
    '*CLS',
  ])('%s is taken', (command) => {
    expect(rig().ask(command)).toBe('ok');
  });

  it.each([
    [':SESO:FOO 1', 27],
    ['nonsense', 27],
    ['*FOO', 27],
    [':PARA:IVAL?', 27],
    [':MEAS:POGA', 27],
    [':PARA:IVAL', 42],
    [':PARA:IVAL one', 42],
    [':PARA:IVAL nan', 42],
    [':PARA:IVAL 1e999', 42],
    [':SESO:STAT maybe', 42],
    [':SESO:COUP both', 42],
    [':SESO:UREL 1', 42],
    [':SYST:TIME noon', 42],
    [':PARA:IVAL 21', 100],
    [':PARA:UVAL -13', 100],
    [':SESO:SFRQ 0', 100],
    [':SESO:CRNG 25', 100],
    [':SESO:CRNG:IDX 4', 100],
    [':PARA:TMAX 0', 100],
    [':PARA:TMIN -1', 100],
    [':SYST:LINF 0', 100],
    [':SYST:SEPC', 1000],
    [':SYST:HOTS', 1000],
  ])('%s is refused with error %d, and changes nothing', (command, code) => {
    const host = rig();
    expect(host.ask(command)).toBe(`error ${code}`);
    expect(host.ask('*CLS?')).toBe('0');
  });

  it('of frequency and time outlive the power, all others do not', () => {
    const host = rig().set(
      ':SYST:LINF 60',
      ':SYST:TIME 2026-05-04T03:02:01',
      ':SESO:COUP gal',
      ':PARA:TMAX 9',
    );
    host.instrument.restart();
    expect(Number(host.ask(':SYST:LINF?'))).toBe(60);
    host.advanceS(9);
    expect(host.ask(':SYST:TIME?')).toBe('2026-05-04T03:02:10');
    const startMs = host.clock.nowMs();
    host.ask(':MEAS:OCVS?');
    expect(host.clock.nowMs() - startMs).toBeLessThan(1100);
  });
});

describe('questions', () => {
  it('of the moment are answered by a number', () => {
    const host = rig({ cell: new CapacitorCell({ capacityF: 1, startV: 0.25 }) });
    expect(Number(host.ask(':MEAS:VOLT?'))).toBe(0.25);
    expect(Number(host.ask(':MEAS:CURR?'))).toBe(0);
    expect(Number(host.ask(':MEAS:TEMP?'))).toBe(25);
  });

  it('of the system are answered in the form of the client', () => {
    const host = rig();
    expect(Number(host.ask(':SYST:LINF?'))).toBe(50);
    expect(host.ask(':SYST:TIME?')).toMatch(/^2026-01-01T00:00:00$/);
    expect(host.ask(':SYST:MAC?')).toMatch(/^02:00(:[0-9A-F]{2}){4}$/);
    expect(host.ask(':SYST:SOFT:INFO?')).toMatch(/^Version: 1\.1\.0; Branch: /);
  });

  it('for the open-circuit voltage switch off, take seven readings, and give the reference', () => {
    const host = rig({ cell: new CapacitorCell({ capacityF: 1, startV: 0.25, resistanceOhm: 1 }) });
    host.set(':SESO:UVAL 0.25', ':SESO:STAT ON');
    const startMs = host.clock.nowMs();
    expect(Number(host.ask(':MEAS:OCV?'))).toBeCloseTo(0.25, 9);
    expect(host.clock.nowMs() - startMs).toBeCloseTo(140, 6);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'off' });
    host.set(':PARA:UREL OCV', ':PARA:UVAL 0.1', ':PARA:TMAX 0.1').ask(':MEAS:POGA?');
    expect(host.bulk()[0]?.[1]).toBeCloseTo(0.35, 9);
  });
});

describe('the output', () => {
  const cell = (): CapacitorCell => new CapacitorCell({ capacityF: 100, resistanceOhm: 1 });

  it('holds the value of the session while no primitive runs, and follows it', () => {
    const host = rig({ cell: cell() }).set(':SESO:COUP gal', ':SESO:IVAL 0.2', ':SESO:STAT ON');
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(0.2, 9);
    host.set(':SESO:IVAL -0.1');
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(-0.1, 9);
    host.set(':SESO:STAT OFF');
    expect(Number(host.ask(':MEAS:CURR?'))).toBe(0);
  });

  it('is switched off by a change of the coupling, and by nothing less', () => {
    const host = rig({ cell: cell() }).set(':SESO:COUP gal', ':SESO:IVAL 0.2', ':SESO:STAT ON');
    host.set(':SESO:COUP gal');
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(0.2, 9);
    host.set(':SESO:COUP pot');
    expect(Number(host.ask(':MEAS:CURR?'))).toBe(0);
  });

  it('has no limits while no primitive runs', () => {
    const host = rig({ cell: cell() });
    host.set(':SESO:ULIM:MAX 0.1', ':SESO:ULIM:MIN -0.1', ':SESO:ULIM:STAT ON');
    host.set(':SESO:COUP gal', ':SESO:IVAL 0.2', ':SESO:STAT ON');
    host.advanceS(10);
    expect(Number(host.ask(':MEAS:VOLT?'))).toBeCloseTo(0.22, 9);
    expect(host.ask('*CLS?')).toBe('0');
  });

  it('gives no current beyond the shunt in use or the global limit: error 1004', () => {
    const host = rig({ cell: cell() }).set(':SESO:COUP gal', ':SESO:CRNG:AUTO 0', ':SESO:CRNG 0.2');
    host.set(':PARA:IVAL 0.5', ':SESO:IVAL 0.5');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1004');
    expect(host.ask(':SESO:STAT ON')).toBe('error 1004');
    host.set(':SESO:CRNG:IDX 0', ':SESO:ILIM:MAX 0.4', ':SESO:ILIM:MIN -0.4', ':SESO:ILIM:STAT ON');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1004');
    host.set(':SESO:ILIM:STAT OFF', ':PARA:TMAX 0.1');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
  });

  it('must be off for a calibration: error 1007; then it takes some seconds', () => {
    const host = rig({ cell: cell() }).set(':SESO:STAT ON');
    expect(host.ask(':SESO:CALO')).toBe('error 1007');
    host.set(':SESO:STAT OFF');
    const startMs = host.clock.nowMs();
    expect(host.ask(':SESO:CALO')).toBe('ok');
    expect(host.clock.nowMs() - startMs).toBeCloseTo(3000, 6);
  });
});

describe('an electronic load', () => {
  const load = (startV: number): ZahnerRig =>
    rig({ profile: 'EL1002', cell: new CapacitorCell({ capacityF: 10, startV }) }).set(':SESO:COUP gal');

  it('gives no current: error 100', () => {
    expect(load(3).ask(':PARA:IVAL 1')).toBe('error 100');
  });

  it('takes current from a cell with a voltage, down to 0 V and no further', () => {
    const host = load(3).set(':PARA:IVAL -5', ':PARA:TMAX 8', ':SESO:SFRQ 1');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    const rows = host.bulk();
    expect(rows[0]?.[2]).toBeCloseTo(-5, 6);
    expect(rows.at(-1)?.[2]).toBeCloseTo(0, 9);
    // A load looks once a sample: 5 A for less than a second, in 10 F.
    expect(rows.at(-1)?.[1]).toBeGreaterThan(-0.5);
    expect(host.truth.stripChargeNc).toBe(0);
  });

  it('takes nothing from a cell that has none, and charges none', () => {
    const host = load(0).set(':PARA:IVAL -0.1', ':PARA:TMAX 1');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    expect(Math.abs(host.truth.netChargeNc)).toBeLessThan(1);
    host.set(':SESO:COUP pot', ':PARA:UVAL 2');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    expect(host.truth.stripChargeNc).toBeLessThan(1);
  });
});
