// The simulated instrument of a story, with its logs and its faults of clock and cell. Those of the line are
// made by the cable, resets by the world: they must end when the faults of a story end.
import type { CellLog } from '../../firmware-sim/cell-log.ts';
import { INSTRUMENTS } from '../../firmware-sim/board/instrument.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import type { Fault } from '../../firmware-sim/faults/fault.ts';
import { createFaultyInstrument, type SoundParts } from '../../firmware-sim/faults/faulty-instrument.ts';
import { createSimulatedCycler } from '../../firmware-sim/sim.ts';
import type { InstrumentOptions, SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import type { TruthLog } from '../../firmware-sim/truth-log.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { InstrumentStory } from './story.ts';

export interface InstrumentLogs {
  readonly log: CellLog;
  readonly truth: TruthLog;
}

export function buildInstrument(
  story: InstrumentStory,
  seed: number,
  { clock, ...logs }: InstrumentLogs & { readonly clock: Clock },
): SimulatedInstrument {
  const { cell, cellFault, clockDriftPpm, dialect } = story;
  const drift: Fault[] =
    clockDriftPpm === 0 ? [] : [{ name: 'clock-drift', value: clockDriftPpm, atS: null }];
  const faults = cellFault === null ? drift : [...drift, cellFault];
  const options: InstrumentOptions = { clock, seed, cell, faults, ...logs };
  if (dialect !== 'gvn1') return createInstrument(dialect, options);
  return createFaultyInstrument(options, { ownFaults: [], create: (parts) => cycler(parts, story) });
}

/** As create-instrument.ts makes it, with a clock that may wrap and a ring that may be small. */
function cycler({ options, cellAt }: SoundParts, story: InstrumentStory): SimulatedInstrument {
  const { clock, seed, log, truth } = options;
  const { clockWrapS, ringSamples, runs } = story;
  const channels = runs.length;
  const clockWrapUs = clockWrapS === null ? Number.POSITIVE_INFINITY : clockWrapS * 1e6;
  const made = createSimulatedCycler({
    ...{ clock, seed, channels },
    cells: Array.from({ length: channels }, (_, index) => cellAt(index)),
    instrument: { ...INSTRUMENTS.bench, clockWrapUs },
    ringCapacity: ringSamples,
    ...(log === undefined ? {} : { log }),
    ...(truth === undefined ? {} : { truth }),
  });
  return {
    attach: (port) => made.attach(port),
    dataLine: null,
    get isAttached() {
      return made.isAttached;
    },
    restart: () => made.reset('power'),
    truth: (channel) => made.truth(channel),
    close: () => made.close(),
  };
}
