// Goal: the dummy-resistor check finds the errors that an instrument really has, and leaves its channel open.
// Method: the emulated cycler with a resistor in place of the cell, errors drawn by seed; in virtual time.

import { describe, expect, it } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { INSTRUMENTS, type Instrument } from '../../../firmware-sim/board/instrument.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import { createSimulatedCycler } from '../../../firmware-sim/sim.ts';
import type { Result } from '../../../src/base/result.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { checkInstrument, type InstrumentCheck } from '../../../src/daemon/instrument-check.ts';
import type { LinkReport } from '../../../src/device/cycler.ts';
import { createGvn1Cycler } from '../../../src/device/drivers/gvn1.ts';

const ORDER = { channel: 1, currentPa: 1_000_000_000, resistorMohm: 100_000 };

interface Outcome {
  readonly result: Result<InstrumentCheck>;
  readonly cellLog: readonly CellLogEntry[];
}

function check(
  options: {
    readonly instrument?: Instrument;
    readonly ohm?: number;
    readonly currentPa?: number;
    readonly cutAtMs?: number;
    readonly stopAtMs?: number;
  } = {},
): Outcome {
  const clock = new VirtualClock();
  const cellLog: CellLogEntry[] = [];
  const device = createSimulatedCycler({
    clock,
    seed: 7,
    channels: 1,
    cells: [new ResistiveCell({ openCircuitV: 0, resistanceOhm: options.ohm ?? 100 })],
    instrument: options.instrument ?? INSTRUMENTS.ideal,
    log: { write: (entry) => cellLog.push(entry), close: () => undefined },
  });
  const cycler = createGvn1Cycler({
    name: 'left',
    clock,
    token: 'check',
    openPort(done) {
      const line = createMemoryPair(clock);
      device.attach(line.device);
      if (options.cutAtMs !== undefined) clock.after(options.cutAtMs, () => line.device.close());
      clock.defer(() => done({ ok: true, port: line.host }));
    },
  });
  const links: LinkReport[] = [];
  cycler.onLink((report) => links.push(report));
  cycler.start();
  clock.runUntil(() => links.length > 0);
  const [link] = links;
  if (link?.type !== 'up') throw new Error('the emulator does not answer');
  const results: Result<InstrumentCheck>[] = [];
  const { capabilities, identity } = link;
  const { deviceId, model } = identity;
  const order = { ...ORDER, currentPa: options.currentPa ?? ORDER.currentPa };
  const subject = { cycler, capabilities, deviceId, model, clock };
  const stop = checkInstrument(subject, order, (result) => results.push(result));
  if (options.stopAtMs === 0) stop();
  else if (options.stopAtMs !== undefined) clock.after(options.stopAtMs, stop);
  clock.runUntil(() => results.length > 0 || clock.nowMs() > 600_000);
  const [result] = results;
  if (result === undefined) throw new Error('no answer within ten minutes');
  cycler.close();
  return { result, cellLog };
}

function found({ result }: Outcome): InstrumentCheck {
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

describe('the dummy-resistor check', () => {
  it('finds nothing wrong with an ideal instrument, and says on which range it looked', () => {
    const outcome = check();
    expect(found(outcome)).toMatchObject({
      rangeFullScalePa: 10_000_000_000,
      zeroVoltageNv: 0,
      zeroCurrentPa: 0,
      plus: { voltageNv: 100_000_000, currentPa: 1_000_000_000, readingOffPpm: 0, resistorOffPpm: 0 },
      minus: { voltageNv: -100_000_000, currentPa: -1_000_000_000, resistorOffPpm: 0 },
      directionMismatchPpm: 0,
      isWithinBound: true,
    });
  });

  it('drives each direction for ten seconds and leaves the channel open', () => {
    const { cellLog } = check();
    const driven = cellLog.filter(({ cell }) => cell === 'on').map(({ i_pa }) => i_pa);
    expect(driven).toEqual([1_000_000_000, -1_000_000_000]);
    expect(cellLog.at(-1)).toMatchObject({ cell: 'off' });
  });

  it('finds the offset of a source, which shows as a mismatch of the directions', () => {
    // A data sheet of 0.1 % of 10 mA; what this unit has of it is read off the resistor.
    const offset = found(check({ instrument: { ...INSTRUMENTS.ideal, sourceOffsetPpmOfRange: 1000 } }));
    const { plus, minus, sourceOffsetPpm } = offset;
    expect(Math.abs(sourceOffsetPpm)).toBeGreaterThan(50);
    expect(plus.resistorOffPpm).toBeCloseTo(sourceOffsetPpm, 0);
    expect(minus.resistorOffPpm).toBeCloseTo(-sourceOffsetPpm, 0);
    expect(offset.isWithinBound).toBe(true);
  });

  it.each(['bench', 'coin-cycler', 'reference', 'research-potentiostat'] as const)(
    'finds a sound %s within its data sheet',
    (name) => {
      expect(found(check({ instrument: INSTRUMENTS[name] })).isWithinBound).toBe(true);
    },
  );

  it('tells a resistor that is not what it is said to be', () => {
    expect(found(check({ ohm: 101 }))).toMatchObject({
      isWithinBound: false,
      plus: { resistorOffPpm: 10_000 },
    });
  });

  it('refuses, before anything is driven, a current that the span cannot show', () => {
    const { result, cellLog } = check({ currentPa: 50_000_000_000 });
    expect(result).toMatchObject({ ok: false, code: 'RANGE_EXCEEDED' });
    expect(result.ok ? '' : result.message).toMatch(
      /^"--current": on this resistor it makes 5\.00 V, beyond/,
    );
    expect(cellLog.some(({ cell }) => cell === 'on')).toBe(false);
  });

  it('ends with a reason where the link goes', () => {
    const { result } = check({ cutAtMs: 15_000 });
    expect(result).toMatchObject({ ok: false, code: 'LINK_TIMEOUT' });
    // Nobody saw it open, so nobody says that it is.
    expect(result.ok ? '' : result.message).toMatch(/the cell was not seen to open/);
  });

  it.each([0, 1, 5_000, 15_000, 25_000])(
    'opens the cell and ends where it is stopped after %i ms',
    (atMs) => {
      const { result, cellLog } = check({ stopAtMs: atMs });
      expect(result).toMatchObject({ ok: false, code: 'DEVICE_REFUSED' });
      expect(result.ok ? '' : result.message).toMatch(/stopped by the operator; the cell is open$/);
      expect(cellLog.at(-1)?.cell).toBe('off');
    },
  );
});
