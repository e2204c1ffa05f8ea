// A simulated instrument with what was asked to go wrong: its cell, its clock and its lines are replaced by
// faulty ones before it is built, and its power is cut in time. Knows no dialect; what a dialect makes itself
// is passed on to it. `re-enumerate` is left to whoever gives the line its name (attach/place.ts).
import type { Timer } from '../../src/base/clock.ts';
import type { CellModel } from '../cell/cell-model.ts';
import { chosenCell } from '../cell/library/chosen-cell.ts';
import type { InstrumentOptions, LineEnd, SimulatedInstrument } from '../simulated-instrument.ts';
import { DeviceTime } from './device-time.ts';
import { DriftingClock, TrueTimeCell } from './drifting-clock.ts';
import type { Fault } from './fault.ts';
import { faultEntry, faultValue } from './fault-menu.ts';
import { type CellFault, FaultyCell } from './faulty-cell.ts';
import { FaultyLine } from './faulty-line.ts';

/** What the instrument proper is made from: its faults are those it makes itself. */
export interface SoundParts {
  readonly options: InstrumentOptions;
  /** The cell in holder `index`, from 0. */
  readonly cellAt: (index: number) => CellModel;
}

/** An emulator, and the faults that it makes itself: it is told of those, and they are nobody else's then. */
export interface Emulator {
  readonly ownFaults: readonly string[];
  create(parts: SoundParts): SimulatedInstrument;
}

/** Builds the instrument and puts the faults of `options` around it. */
export function createFaultyInstrument(options: InstrumentOptions, emulator: Emulator): SimulatedInstrument {
  const faults = options.faults ?? [];
  const rate = clockRateOf(faults);
  const clock = rate === 1 ? options.clock : new DriftingClock(options.clock, rate);
  const { seed, scale = 1 } = options;
  const cellAt = (index: number): CellModel => faultyCell(options, { index, rate });
  const own = faults.filter(({ name }) => emulator.ownFaults.includes(name));
  const instrument = emulator.create({ options: { ...options, clock, faults: own }, cellAt });
  const ofLine = faults.filter((fault) => !own.includes(fault) && faultEntry(fault.name).place === 'line');
  const time = new DeviceTime(clock, scale);
  const line = { clock, time, seed, faults: ofLine };
  const mainLine = new FaultyLine({ ...line, content: 'text' });
  const binaryLine = new FaultyLine({ ...line, content: 'binary' });
  const resets = faults
    .filter(({ name }) => name === 'reset')
    .map(({ atS }): Timer => time.after(atS ?? 0, () => instrument.restart()));
  const { dataLine } = instrument;
  return {
    attach: (port) => instrument.attach(mainLine.wrap(port)),
    dataLine: dataLine === null ? null : behind(dataLine, binaryLine),
    get isAttached() {
      return instrument.isAttached;
    },
    restart: () => instrument.restart(),
    truth: (channel) => instrument.truth(channel),
    close() {
      for (const reset of resets) reset.cancel();
      mainLine.close();
      binaryLine.close();
      instrument.close();
    },
  };
}

function behind(end: LineEnd, line: FaultyLine): LineEnd {
  return { attach: (port) => end.attach(line.wrap(port)) };
}

function clockRateOf(faults: readonly Fault[]): number {
  const drift = faults.find(({ name }) => name === 'clock-drift');
  return drift === undefined ? 1 : 1 + faultValue(drift) * 1e-6;
}

/** Several faults of a cell are put around each other, in the order in which they were named. */
function faultyCell(
  options: InstrumentOptions,
  place: { readonly index: number; readonly rate: number },
): CellModel {
  const chosen = chosenCell(options.cell, { seed: options.seed, cell: place.index });
  let cell = chosen.model;
  for (const fault of options.faults ?? []) {
    const made = cellFaultOf(fault);
    if (made === null) continue;
    // The cell's own seconds are true ones.
    const atS = (fault.atS ?? 0) / place.rate;
    cell = new FaultyCell({ inner: cell, fault: made, atS, areaCm2: chosen.areaCm2 });
  }
  return place.rate === 1 ? cell : new TrueTimeCell(cell, place.rate);
}

function cellFaultOf(fault: Fault): CellFault | null {
  switch (fault.name) {
    case 'cell-short':
      return { kind: 'hard-short', resistanceOhm: faultValue(fault) * 1e-3 };
    case 'cell-soft-short':
      return { kind: 'soft-short-began', resistanceOhm: faultValue(fault) };
    case 'cell-open':
      return { kind: 'open-circuit' };
    default:
      return null;
  }
}
