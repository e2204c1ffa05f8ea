// A simulated instrument and the driver that has met it, joined in memory on virtual time: for a whole
// simulation, and for asking what an instrument could do. No process, no port, no waiting.
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import type { CellDescription } from '../../firmware-sim/cell/library/cell-description.ts';
import type { LineEnd, SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import type { TruthLog } from '../../firmware-sim/truth-log.ts';
import { assert } from '../base/assert.ts';
import type { OpenPort } from '../base/byte-port.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { DialectName } from '../config/dialect-names.ts';
import type { Capabilities, Cycler, LinkReport } from '../device/cycler.ts';
import { findDialect } from '../device/dialects.ts';
import { createTappedCycler } from '../device/tapped-cycler.ts';

export interface SimulatedLinkOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Channels that the instrument has at least. */
  readonly channels: number;
  readonly cellModel: CellDescription | string;
  readonly dialect: DialectName;
  /** A model of the dialect's family; default: its first. */
  readonly profile?: string;
  /** Errors of the instrument; `own`: those of its data sheet. */
  readonly instrument: InstrumentName | 'own';
  /** For `galvanode replay`. */
  readonly isWireRecorded?: boolean;
  readonly truth?: TruthLog | null;
}

export interface SimulatedLink {
  readonly device: SimulatedInstrument;
  readonly cycler: Cycler;
  readonly up: Extract<LinkReport, { readonly type: 'up' }>;
  close(): void;
}

/** Longest lease and look-ahead that a simulator in virtual time grants: ten years. */
const LEASE_LONGEST_US = 315_360_000_000_000;

export function simulatedLink(options: SimulatedLinkOptions): SimulatedLink {
  const { clock, dialect, profile } = options;
  const device = createInstrument(dialect, {
    clock,
    seed: options.seed,
    channels: options.channels,
    cell: options.cellModel,
    errors: options.instrument,
    truth: options.truth ?? null,
    leaseLongestUs: LEASE_LONGEST_US,
    ...(profile === undefined ? {} : { profile }),
  });
  const { dataLine } = device;
  const ports = {
    openPort: memoryLine(device, clock),
    ...(dataLine === null ? {} : { openDataPort: memoryLine(dataLine, clock) }),
  };
  const setup = { name: 'simulator', clock, token: 'simulate', keepAliveMs: null, ...ports };
  const driver = findDialect(dialect);
  const isRecorded = options.isWireRecorded === true;
  const cycler = isRecorded ? createTappedCycler(driver, setup, { isVirtual: true }) : driver.create(setup);
  const up = identify(cycler, clock);
  return {
    device,
    cycler,
    up,
    close() {
      cycler.close();
      device.close();
    },
  };
}

/** What an instrument could do that nobody has at hand: asked of its emulator. */
export function simulatedCapabilities(
  options: Pick<SimulatedLinkOptions, 'dialect' | 'instrument' | 'profile'>,
): Capabilities {
  const clock = new VirtualClock();
  const link = simulatedLink({ ...options, clock, seed: 1, channels: 1, cellModel: 'dummy-10-ohm' });
  link.close();
  return link.up.capabilities;
}

function memoryLine(end: LineEnd, clock: VirtualClock): OpenPort {
  return (done) => {
    const line = createMemoryPair(clock);
    end.attach(line.device);
    clock.defer(() => done({ ok: true, port: line.host }));
  };
}

function identify(cycler: Cycler, clock: VirtualClock): SimulatedLink['up'] {
  const heard: { link: LinkReport | null } = { link: null };
  cycler.onLink((report) => {
    heard.link = report;
  });
  cycler.start();
  clock.runUntil(() => heard.link !== null);
  const { link } = heard;
  assert(
    link?.type === 'up',
    `the simulator must answer: ${link?.type === 'lost' ? link.detail : 'silence'}`,
  );
  return link;
}
