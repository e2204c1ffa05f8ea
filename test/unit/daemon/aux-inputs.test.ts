// Goal: temperatures and markers stand in the record of the runs they belong to, at the time at which they
// were heard, and no trouble with them or with the link touches a run. Method: whole runs in virtual time
// beside a thermometer on a memory port.

import { describe, expect, it, onTestFinished } from 'vitest';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { GalvanodeError } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import { type AuxConfig, auxSchema } from '../../../src/config/aux-schema.ts';
import { type AuxPlace, auxPorts, startAuxInputs } from '../../../src/daemon/aux-inputs.ts';
import type { AuxRow } from '../../../src/store/row-readers.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';
import { QUICK, type Rig, rig as createRig, type RigOptions } from '../../support/rig.ts';

const BATH = { name: 'bath', port: '/dev/ttyUSB2', kind: 'temperature' } as const;
const NOTES = { name: 'notes', port: '/dev/ttyUSB2', kind: 'marker', pattern: '^NOTE (.*)$' } as const;

interface AuxRig extends Rig {
  say(text: string): void;
  rows(): AuxRow[];
  /** Ports opened so far. */
  readonly opened: number;
}

function auxRig(options: RigOptions = {}, inputs: readonly object[] = [BATH, NOTES]): AuxRig {
  const rig = createRig(options);
  let far: BytePort | null = null;
  let opened = 0;
  const auxInputs = startAuxInputs({
    inputs: inputs.map((input): AuxConfig => auxSchema.parse(input)),
    clock: rig.clock,
    log: createLogger('silent'),
    portOf: () => (done) => {
      opened += 1;
      const [near, other] = createMemoryPortPair(rig.clock);
      far = other;
      done({ ok: true, port: near });
    },
    record: (reading, belongs) => {
      const place: AuxPlace = { cycler: 'rig', channel: 1 };
      if (belongs(place)) rig.channel.aux.heard(reading);
    },
  });
  onTestFinished(() => auxInputs.close());
  // Added to the rig itself: its getters must go on being asked.
  return Object.defineProperties(rig, {
    say: {
      value: (text: string) => {
        far?.write(text);
        rig.clock.advance(0);
      },
    },
    rows: { value: () => rig.reader().aux(1, 1000) },
    opened: { get: () => opened },
  }) as AuxRig;
}

/** Run time of the next sample boundary is the best truth there is: samples lie 100 ms apart. */
function newestSampleUs(rig: Rig): number {
  const { timeUs } = rig.reader().samplesFrom(Math.max(1, rig.told.storedSeq), 1);
  return timeUs[0] ?? Number.NaN;
}

describe('auxiliary values in a run', () => {
  it('stand at the run time at which they were heard, with a bound of its error', () => {
    const rig = auxRig();
    rig.runToHalfCycle(1, 1000);
    const beforeUs = newestSampleUs(rig);
    rig.say('23.51\nNOTE opened the box\n');
    rig.clock.advance(1000);
    const afterUs = newestSampleUs(rig);
    rig.runToEnd();
    const [temperature, marker, ...others] = rig.rows();
    expect(others).toEqual([]);
    expect(temperature).toMatchObject({
      name: 'bath',
      kind: 'temperature',
      temperatureUk: 296_660_000,
      text: null,
    });
    expect(marker).toMatchObject({
      name: 'notes',
      kind: 'marker',
      text: 'opened the box',
      temperatureUk: null,
    });
    for (const row of [temperature, marker]) {
      expect(row?.timeUs).toBeGreaterThanOrEqual(beforeUs);
      expect(row?.timeUs).toBeLessThanOrEqual(afterUs);
      expect(row?.errorUs).toBeLessThan(10_000);
    }
  });

  it('keep their time through a lost link, with a wider bound', () => {
    const rig = auxRig({ parameters: { ...QUICK, cycles: 8 } });
    const heardMs: number[] = [];
    const say = (): void => {
      heardMs.push(rig.clock.nowMs());
      rig.say('23.51\n');
    };
    rig.runToHalfCycle(1, 500);
    say();
    rig.line.cut();
    rig.clock.advance(2000);
    expect(rig.state).toBe('link-lost');
    say();
    rig.line.plugIn();
    rig.clock.advance(3000);
    expect(rig.state).toBe('running');
    say();
    rig.runToEnd();
    const rows = rig.rows();
    expect(rows).toHaveLength(3);
    const steps = rows.map(({ timeUs }) => timeUs - (rows[0]?.timeUs ?? 0));
    const truth = heardMs.map((ms) => (ms - (heardMs[0] ?? 0)) * 1000);
    rows.forEach(({ errorUs }, index) => {
      expect(Math.abs((steps[index] ?? 0) - (truth[index] ?? 0))).toBeLessThanOrEqual(errorUs + 1000);
    });
  });

  it('are kept from a run while it holds, until it is stopped', () => {
    const rig = auxRig({ lease: { kind: 'renewed', durationMs: 1000, policy: 'off' } });
    rig.runToHalfCycle(1, 500);
    rig.line.cut();
    rig.clock.advance(5000);
    rig.line.plugIn();
    rig.runUntil('the hold', () => rig.state === 'holding');
    rig.say('23.51\n');
    rig.clock.advance(1000);
    expect(rig.rows()).toHaveLength(1);
    rig.channel.stop('enough');
    rig.runToEnd();
    expect(rig.rows()).toHaveLength(1);
  });

  it('do not change the content hash, and are covered by the seal', () => {
    const [bare, beside] = [auxRig(), auxRig()];
    beside.runToHalfCycle(1, 500);
    beside.say('23.51\n');
    for (const rig of [bare, beside]) rig.runToEnd();
    expect(beside.rows()).toHaveLength(1);
    expect(beside.reader().contentHash()).toBe(bare.reader().contentHash());
    const seal = beside.reader().sealRows();
    expect(seal.find(({ table }) => table === 'aux')).toMatchObject({ rows: 1 });
  });

  it('stay out of runs of other channels, and of a run that has no sample yet', () => {
    const rig = auxRig({}, [BATH, { ...BATH, name: 'other', channels: ['rig/2', 'left'] }]);
    rig.say('19.0\n');
    rig.clock.advance(8000);
    rig.say('23.51\n');
    rig.runToEnd();
    expect(rig.rows().map(({ name, temperatureUk }) => [name, temperatureUk])).toEqual([
      ['bath', 296_660_000],
    ]);
  });

  it('share a port where two inputs name the same', () => {
    const rig = auxRig();
    rig.clock.advance(1000);
    expect(rig.opened).toBe(1);
  });

  it('refuse a port that is none before anything is opened', () => {
    const input = auxSchema.parse({ ...BATH, port: 'ttyUSB2' });
    expect(() => auxPorts([input])).toThrow(GalvanodeError);
    expect(() => auxPorts([input])).toThrow(/"aux": port of "bath": "ttyUSB2" is no port/);
  });
});
