// Goal: a step is one primitive that the instrument ends by itself; every sample is told once and in order,
// and the reason of the end is the right one. Method: transcripts of both ports, in virtual time.

import { describe, expect, it } from 'vitest';
import type { SamplesReport, StepEndReport } from '../../../src/device/cycler.ts';
import { NO_LIMITS, type Step } from '../../../src/steps/step.ts';
import { halfCycle, node, REST } from '../../support/trees.ts';
import {
  appendixPacket,
  bulkPacket,
  HARD_LIMITS,
  headerPacket,
  rowsUpTo,
  samplePacket,
  type SiRow,
  type ZahnerRig,
  zahnerRigOpen,
  zahnerRigUp,
} from './zahner-peer.ts';

const OK = { ok: true, value: null };

/** 10 s at -1.13 mA. */
const PLATE = halfCycle({
  durationMaxUs: 12_000_000,
  limits: {
    ...NO_LIMITS,
    netChargeNc: -11_300_000,
    voltageMinNv: -500_000_000,
    voltageDebounceUs: 1_000_000,
  },
  record: { everyUs: 1_000_000, voltageDeltaNv: null, currentDeltaPa: null },
});

const SET_PLATE = [
  ':PARA:TMAX 10',
  ':SESO:SFRQ 1',
  ':PARA:ULIM:MAX 2',
  ':PARA:ULIM:MIN -0.5',
  ':PARA:UILT 1',
  ':PARA:ULIM:STAT ON',
  ':PARA:IVAL -0.00113',
  ':PARA:CHAR:MAX 0.0113',
  ':PARA:CHAR:MIN -0.0113',
  ':PARA:CHAR:STAT 1',
];
const CONFIRM_OFF = ['ABOR', '*CLS', ':SESO:STAT OFF'];

function load(rig: ZahnerRig, step: Step = PLATE): void {
  rig.cycler.channel(1).load({ nodes: [node(1, 1, step)] }, rig.done);
  rig.settle();
}

/** Loaded, begun, its first words heard. */
function begun(step: Step = PLATE): ZahnerRig {
  const rig = zahnerRigOpen();
  load(rig, step);
  rig.data().start();
  rig.settle();
  return rig;
}

/** One second passes before each. */
function stream(rig: ZahnerRig, rows: readonly SiRow[]): void {
  for (const row of rows) {
    rig.clock.advance(1000);
    rig.data().say(samplePacket(row));
    rig.settle();
  }
}

function endOfData(rig: ZahnerRig, ...packets: readonly Buffer[]): void {
  for (const packet of [headerPacket(3), ...packets, headerPacket(4)]) rig.data().say(packet);
  rig.settle();
}

function answer(rig: ZahnerRig, line: string): void {
  rig.text().say(line);
  rig.settle();
}

function timesOf(rig: ZahnerRig): readonly number[] {
  return rig.reports
    .filter((report): report is SamplesReport => report.type === 'samples')
    .flatMap(({ timeUs, stepStartUs = 0 }) => timeUs.map((atUs) => (atUs - stepStartUs) / 1e6));
}

function endsOf(rig: ZahnerRig): readonly StepEndReport[] {
  return rig.reports.filter((report) => report.type === 'stepEnded');
}

function faultsOf(rig: ZahnerRig): readonly string[] {
  return rig.reports.flatMap((report) => (report.type === 'fault' ? [report.fault] : []));
}

describe('a run', () => {
  it('is opened with its range and hard limits, the cell off', () => {
    const rig = zahnerRigUp();
    rig.cycler.channel(1).open({ run: '01JA', rangeIndex: 2, limits: HARD_LIMITS }, rig.done);
    rig.settle();
    expect(rig.text().heard).toEqual([
      '*CLS',
      ':SESO:STAT OFF',
      ':SESO:COUP gal',
      ':SESO:CRNG:AUTO 0',
      ':SESO:CRNG 0.005',
      ':SESO:ULIM:MAX 2',
      ':SESO:ULIM:MIN -2',
      ':SESO:ULIM:STAT ON',
      ':SESO:ILIM:MAX 0.005',
      ':SESO:ILIM:MIN -0.005',
      ':SESO:ILIM:STAT ON',
      ':SESO:UILT 0',
      ':PARA:ILIM:STAT OFF',
      ':PARA:TOL:STAT 0',
    ]);
    expect(rig.results).toEqual([OK]);
  });

  it('is refused where a setting is, with its number and meaning', () => {
    const rig = zahnerRigUp();
    rig.text().answer = (line) => (line.startsWith(':SESO:CRNG ') ? 'error 100' : undefined);
    rig.cycler.channel(1).open({ run: '01JA', rangeIndex: 2, limits: HARD_LIMITS }, rig.done);
    rig.settle();
    expect(rig.results).toEqual([
      {
        ok: false,
        reason: 'refused',
        detail: ':SESO:CRNG 0.005 was refused: error 100: the value is outside what it can do',
      },
    ]);
  });

  it('is refused where the model has no such range', () => {
    const rig = zahnerRigUp();
    rig.cycler.channel(1).open({ run: '01JA', rangeIndex: 9, limits: HARD_LIMITS }, rig.done);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
    expect(rig.text().heard).toEqual([]);
  });
});

describe('a step', () => {
  it('is set in full, and runs when all of it was taken', () => {
    const rig = zahnerRigOpen();
    load(rig);
    expect(rig.text().heard).toEqual([...SET_PLATE, ':MEAS:TEMP?', ':MEAS:POGA?']);
    expect(rig.results).toEqual([]);
    rig.data().start();
    rig.settle();
    expect(rig.results).toEqual([OK]);
    rig.cycler.channel(1).status(rig.done);
    expect(rig.results.at(-1)).toMatchObject({ value: { state: 'step', stepNumber: 1, isCellOn: true } });
  });

  it('has begun after 250 ms where the data port says nothing yet', () => {
    const rig = zahnerRigOpen();
    load(rig);
    rig.clock.advance(249);
    expect(rig.results).toEqual([]);
    rig.clock.advance(1);
    expect(rig.results).toEqual([OK]);
  });

  it('does not run where a parameter is refused', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line.startsWith(':PARA:IVAL') ? 'error 1004' : undefined);
    load(rig);
    expect(rig.text().heard).not.toContain(':MEAS:POGA?');
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
    expect(faultsOf(rig)).toHaveLength(1);
  });

  it('is a fault of the run where the primitive is refused', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line === ':MEAS:POGA?' ? 'error 1006' : undefined);
    load(rig);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'fault' }]);
    rig.cycler.channel(1).status(rig.done);
    expect(rig.results.at(-1)).toMatchObject({ value: { isCellOn: false } });
  });

  it('is set from the beginning, the latch cleared, after one that was refused', () => {
    const rig = zahnerRigOpen();
    rig.text().answer = (line) => (line.startsWith(':PARA:') ? 'error 1006' : undefined);
    load(rig);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'fault' }]);
    rig.text().answer = () => undefined;
    rig.text().heardNow();
    const [fault = ''] = faultsOf(rig);
    rig.cycler.channel(1).clearFault(fault, rig.done);
    rig.cycler.channel(1).renewLease('waived', rig.done);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, PLATE)] }, rig.done);
    rig.settle();
    expect(rig.text().heard.slice(0, 2)).toEqual(['*CLS', ':SESO:STAT OFF']);
    expect(rig.text().heard.at(-1)).toBe(':MEAS:POGA?');
  });

  it('is refused in a mode that the driver has not', () => {
    const rig = zahnerRigOpen();
    load(rig, { ...PLATE, mode: { kind: 'cv', voltageNv: 500_000_000 } });
    expect(rig.text().heard).toEqual([]);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
  });

  it('is measured at open circuit where it rests', () => {
    const rig = begun(REST);
    expect(rig.text().heard).toEqual([
      ':PARA:TMAX 60',
      ':SESO:SFRQ 1',
      ':PARA:ULIM:STAT OFF',
      ':MEAS:TEMP?',
      ':MEAS:OCVS?',
    ]);
    rig.cycler.channel(1).status(rig.done);
    expect(rig.results.at(-1)).toMatchObject({ value: { stepNumber: 1, isCellOn: false } });
    stream(rig, rowsUpTo(60, 0.001, 0));
    endOfData(rig);
    answer(rig, 'ok');
    expect(endsOf(rig)).toMatchObject([{ reason: 'duration', endNetChargeNc: 0 }]);
  });

  it('may take its whole duration before it is answered', () => {
    const rig = begun(REST);
    rig.clock.advance(69_000);
    expect(rig.links).toHaveLength(1);
    rig.clock.advance(2000);
    expect(rig.links[1]).toMatchObject({ type: 'lost', reason: 'timeout' });
  });

  it('tells of its samples as they come, and of its end when both ports have', () => {
    const rig = begun();
    stream(rig, rowsUpTo(10));
    expect(timesOf(rig)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    answer(rig, 'ok');
    expect(endsOf(rig)).toEqual([]);
    endOfData(rig, bulkPacket(rowsUpTo(10)));
    expect(endsOf(rig)).toMatchObject([
      {
        stepNumber: 1,
        reason: 'net-charge',
        startUs: 0,
        endUs: 10_000_000,
        endNetChargeNc: -11_300_000,
        lastN: 9,
      },
    ]);
    expect(timesOf(rig)).toHaveLength(10);
    expect(rig.cycler.counters).toEqual({ linesDropped: 0, framesLost: 0, retries: 0 });
  });

  it('is followed by the next with nothing between them but its parameters', () => {
    const rig = zahnerRigOpen();
    const strip = {
      ...PLATE,
      mode: { kind: 'cc', currentPa: 1_130_000_000 } as const,
      limits: { ...NO_LIMITS, netChargeNc: 0 },
    };
    const nodes = [node(1, 1, PLATE, { 'net-charge': 2 }), node(2, 2, strip)] as const;
    rig.cycler.channel(1).load({ nodes }, rig.done);
    rig.settle();
    rig.data().start();
    rig.settle();
    stream(rig, rowsUpTo(10));
    endOfData(rig);
    rig.text().heardNow();
    answer(rig, 'ok');
    expect(rig.text().heardNow()).toEqual([
      ':PARA:TMAX 10',
      ':SESO:SFRQ 1',
      ':PARA:ULIM:STAT OFF',
      ':PARA:IVAL 0.00113',
      ':PARA:CHAR:MAX 0.0113',
      ':PARA:CHAR:MIN -0.0113',
      ':PARA:CHAR:STAT 1',
      ':MEAS:POGA?',
    ]);
    rig.clock.advance(20);
    rig.data().start();
    rig.settle();
    stream(rig, rowsUpTo(10, 0.05, 0.00113));
    answer(rig, 'ok');
    endOfData(rig);
    expect(endsOf(rig)).toMatchObject([
      { stepNumber: 1, nextNodeId: 2 },
      { stepNumber: 2, startUs: 10_020_000, endUs: 20_020_000, endNetChargeNc: 0, nextNodeId: 0 },
    ]);
    expect(rig.text().heard).toEqual([]);
  });
});

describe('samples', () => {
  it.each([
    ['the bulk packet', bulkPacket(rowsUpTo(10))],
    ['a bulk packet from the fourth on', bulkPacket(rowsUpTo(10).slice(3), 3)],
    ['an appendix', appendixPacket([[5, -0.05, -0.00113]])],
  ])('wait for what the instrument did not send live, which comes with %s', (_source, rest) => {
    const rig = begun();
    const rows = rowsUpTo(10);
    stream(rig, rows.slice(0, 4));
    rig.clock.advance(1000);
    stream(rig, rows.slice(5));
    expect(timesOf(rig)).toEqual([1, 2, 3, 4]);
    answer(rig, 'ok');
    endOfData(rig, rest);
    expect(timesOf(rig)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(endsOf(rig)).toMatchObject([{ reason: 'net-charge', endNetChargeNc: -11_300_000 }]);
    expect(rig.cycler.counters.framesLost).toBe(0);
  });

  it('are each told once and in order, whichever of them are not sent live', () => {
    const rows = rowsUpTo(6);
    const whole = rows.map(([second]) => second);
    for (let dropped = 0; dropped < 2 ** rows.length; dropped += 1) {
      const isDropped = (index: number): boolean => ((dropped >> index) & 1) === 1;
      const missing = rows.filter((_row, index) => isDropped(index));
      for (const rest of [bulkPacket(rows), appendixPacket(missing)]) {
        const rig = begun({ ...PLATE, durationMaxUs: 6_000_000 });
        for (const [index, row] of rows.entries()) {
          rig.clock.advance(1000);
          if (!isDropped(index)) rig.data().say(samplePacket(row));
        }
        answer(rig, 'ok');
        endOfData(rig, rest);
        expect(timesOf(rig)).toEqual(whole);
        expect(endsOf(rig)).toMatchObject([{ reason: 'duration', endNetChargeNc: -6_780_000 }]);
      }
    }
  });

  it('do not wait where the host watches for a short; what comes too late is counted', () => {
    const floor = { shortFloorNv: 1_000_000, shortFloorDebounceUs: 2_000_000 };
    const rig = begun({ ...PLATE, limits: { ...PLATE.limits, ...floor } });
    stream(rig, [...rowsUpTo(4), ...rowsUpTo(10).slice(5)]);
    expect(timesOf(rig)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
    answer(rig, 'ok');
    endOfData(rig, bulkPacket(rowsUpTo(10)));
    expect(timesOf(rig)).toHaveLength(9);
    expect(rig.cycler.counters.framesLost).toBe(1);
  });

  it('are told once where the end of a step shows the last of them', () => {
    const rig = begun();
    answer(rig, 'ok');
    endOfData(rig, bulkPacket(rowsUpTo(10)));
    expect(timesOf(rig)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('that begin to come behind the answer of a step do not keep it from ending', () => {
    const rig = zahnerRigOpen();
    load(rig);
    answer(rig, 'ok');
    rig.data().start();
    rig.data().say(samplePacket([10, -0.05, -0.00113]));
    rig.clock.advance(3000);
    expect(endsOf(rig)).toMatchObject([{ reason: 'net-charge' }]);
  });

  it('of a step whose data never end are handed on after 3 s, and none of it is the next step’s', () => {
    const rig = begun();
    stream(rig, [...rowsUpTo(4), ...rowsUpTo(10).slice(5)]);
    answer(rig, 'ok');
    rig.clock.advance(3000);
    expect(timesOf(rig)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
    expect(rig.cycler.counters.framesLost).toBe(1);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, REST)] }, rig.done);
    rig.settle();
    rig.data().say(bulkPacket(rowsUpTo(10)));
    rig.settle();
    expect(timesOf(rig)).toHaveLength(9);
    rig.data().start();
    rig.settle();
    stream(rig, rowsUpTo(1, 0.001, 0));
    expect(timesOf(rig)).toHaveLength(10);
  });
});

describe('an end', () => {
  it('is the voltage limit that was passed for its tolerance time', () => {
    const rig = begun();
    stream(rig, [...rowsUpTo(5), [6, -0.52, -0.00113], [7, -0.55, -0.00113]]);
    endOfData(rig);
    answer(rig, 'ok');
    expect(endsOf(rig)).toMatchObject([{ reason: 'voltage-min', endUs: 7_000_000, voltageNv: -550_000_000 }]);
  });

  it('is a fault where the current did not flow', () => {
    const rig = begun();
    stream(rig, rowsUpTo(10, -0.3, -0.0005));
    endOfData(rig);
    answer(rig, 'ok');
    expect(endsOf(rig)).toMatchObject([{ reason: 'fault' }]);
    expect(faultsOf(rig)).toEqual(['compliance']);
  });

  it('is a fault where nothing explains it', () => {
    const rig = begun();
    stream(rig, rowsUpTo(5));
    endOfData(rig);
    answer(rig, 'ok');
    expect(faultsOf(rig)).toEqual(['unexplained']);
  });

  it.each([
    ['vhard', [6, -2.1, -0.00113]],
    ['ihard', [6, -0.05, -0.0051]],
  ] as const)('at a hard limit is the fault %s, which is not cleared before somebody asks', (fault, row) => {
    const rig = begun();
    stream(rig, [...rowsUpTo(5), row]);
    rig.text().heardNow();
    rig.text().answer = (line) => (line === 'ABOR' || line === '*CLS' ? 'ok' : 'error 1006');
    answer(rig, 'error 1003');
    endOfData(rig);
    expect(endsOf(rig)).toMatchObject([{ reason: 'fault', endUs: 6_000_000 }]);
    expect(faultsOf(rig)).toEqual([fault]);
    expect(rig.text().heardNow()).toEqual([]);
    rig.results.splice(0);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, REST)] }, rig.done);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'fault' }]);
    expect(rig.text().heardNow()).toEqual([]);
    rig.text().answer = () => undefined;
    rig.cycler.channel(1).clearFault(fault, rig.done);
    rig.cycler.channel(1).renewLease('waived', rig.done);
    rig.cycler.channel(1).load({ nodes: [node(2, 2, REST)] }, rig.done);
    rig.settle();
    const heard = rig.text().heardNow();
    expect(heard.slice(0, 3)).toEqual(['*CLS', ':SESO:STAT OFF', ':SESO:COUP gal']);
    expect(heard.at(-1)).toBe(':MEAS:OCVS?');
  });

  it('by an error of another kind is a fault of the hardware, and off is confirmed', () => {
    const rig = begun();
    stream(rig, rowsUpTo(3));
    rig.text().heardNow();
    answer(rig, 'error 1007');
    endOfData(rig);
    expect(faultsOf(rig)).toEqual(['hw']);
    expect(rig.text().heard).toEqual(CONFIRM_OFF);
  });

  it('by somebody else’s abort is the fault stop', () => {
    const rig = begun();
    stream(rig, rowsUpTo(3));
    answer(rig, 'error 1005');
    endOfData(rig);
    expect(faultsOf(rig)).toEqual(['stop']);
  });
});
