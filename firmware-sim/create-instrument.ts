// The simulated instrument of any dialect by name, with its faults. The one place that knows all dialects: a
// new one is one entry here and one name in dialects/dialect-name.ts.
import { assert } from '../src/base/assert.ts';
import { NO_CELL_LOG } from './cell-log.ts';
import type { DialectName } from './dialects/dialect-name.ts';
import {
  createKeithley2400Instrument,
  KEITHLEY2400_PROFILES,
} from './dialects/keithley2400/keithley2400-instrument.ts';
import { KEITHLEY2400_FAULTS } from './dialects/keithley2400/own-faults.ts';
import { METHODSCRIPT_FAULTS } from './dialects/methodscript/faults.ts';
import { createMethodscriptInstrument } from './dialects/methodscript/methodscript-instrument.ts';
import { METHODSCRIPT_PROFILES } from './dialects/methodscript/profiles.ts';
import { ZAHNER_FAULTS } from './dialects/zahner/faults.ts';
import { ZAHNER_PROFILES } from './dialects/zahner/profiles.ts';
import { createZahnerInstrument } from './dialects/zahner/zahner-instrument.ts';
import { createFaultyInstrument, type SoundParts } from './faults/faulty-instrument.ts';
import { createSimulatedCycler } from './sim.ts';
import type { InstrumentOptions, SimulatedInstrument } from './simulated-instrument.ts';

/** What only the cycler of this project can have beside the rest. */
export interface InstrumentRequest extends InstrumentOptions {
  readonly channels?: number;
  /** How often it was powered up before: with the seed it makes the boot id. */
  readonly bootCounter?: number;
  /** Longest lease granted, real µs; virtual time may grant years. */
  readonly leaseLongestUs?: number;
}

export interface DialectEntry {
  /** Models of the family, the default first; none where there is but one. */
  readonly profiles: readonly string[];
  readonly channelsMax: number;
  /** Faults that the emulator makes itself. */
  readonly faults: readonly string[];
  create(parts: SoundParts, request: InstrumentRequest): SimulatedInstrument;
}

export const DIALECTS: Readonly<Record<DialectName, DialectEntry>> = {
  gvn1: { profiles: [], channelsMax: 64, faults: [], create: createGvn1 },
  methodscript: {
    profiles: METHODSCRIPT_PROFILES,
    channelsMax: 1,
    faults: METHODSCRIPT_FAULTS,
    create: single(createMethodscriptInstrument),
  },
  keithley2400: {
    profiles: KEITHLEY2400_PROFILES,
    channelsMax: 1,
    faults: KEITHLEY2400_FAULTS,
    create: single(createKeithley2400Instrument),
  },
  zahner: {
    profiles: ZAHNER_PROFILES,
    channelsMax: 1,
    faults: ZAHNER_FAULTS,
    create: single(createZahnerInstrument),
  },
};

/**
 * Power is on when it returns. Asserts that the dialect has the profile, the channels and the faults that are
 * asked for: whoever takes them from outside checks them first (`DIALECTS`, `parseFault`).
 */
export function createInstrument(dialect: DialectName, request: InstrumentRequest): SimulatedInstrument {
  const entry = DIALECTS[dialect];
  const { channels = 1, profile } = request;
  assert(channels >= 1 && channels <= entry.channelsMax, `${dialect} has no ${channels} channels`);
  assert(profile === undefined || entry.profiles.includes(profile), `${dialect} has no profile ${profile}`);
  return createFaultyInstrument(request, {
    ownFaults: entry.faults,
    create: (parts) => entry.create(parts, request),
  });
}

/** An emulator that has one cell. */
function single(
  create: (options: InstrumentOptions) => SimulatedInstrument,
): (parts: SoundParts) => SimulatedInstrument {
  return ({ options, cellAt }) => create({ ...options, cell: cellAt(0) });
}

function createGvn1({ options, cellAt }: SoundParts, request: InstrumentRequest): SimulatedInstrument {
  const { clock, seed, scale = 1, errors = 'own', log = NO_CELL_LOG, truth = null } = options;
  const { channels = 1, bootCounter = 0, leaseLongestUs } = request;
  const cells = Array.from({ length: channels }, (_, index) => cellAt(index));
  const instrument = errors === 'own' ? 'bench' : errors;
  const cycler = createSimulatedCycler({
    clock,
    seed,
    channels,
    scale,
    cells,
    instrument,
    log,
    truth,
    bootCounter,
    ...(leaseLongestUs === undefined ? {} : { leaseLongestUs }),
  });
  return {
    attach: (port) => cycler.attach(port),
    dataLine: null,
    get isAttached() {
      return cycler.isAttached;
    },
    restart: () => cycler.reset('power'),
    truth: (channel) => cycler.truth(channel),
    close: () => cycler.close(),
  };
}
