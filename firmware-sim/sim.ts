// The simulated battery cycler: board, cells and dialect put together, with power that can be cut. A second
// implementation of the instrument, never a mock of the driver: it imports nothing of the host but base/.
import { assert } from '../src/base/assert.ts';
import type { BytePort } from '../src/base/byte-port.ts';
import type { Clock } from '../src/base/clock.ts';
import { randomKey } from '../src/base/prng.ts';
import { ChannelBoard } from './board/channel-board.ts';
import { DeviceClock, TICK_US } from './board/device-clock.ts';
import { drawnError, type Instrument, INSTRUMENTS, type InstrumentName } from './board/instrument.ts';
import type { CellModel } from './cell/cell-model.ts';
import { chosenCell } from './cell/library/chosen-cell.ts';
import { type CellLog, NO_CELL_LOG } from './cell-log.ts';
import { Gvn1Device } from './dialects/gvn1/gvn1-device.ts';
import type { PowerUpCause } from './dialects/gvn1/session.ts';
import type { CellChoice, ChannelTruth, LineEnd } from './simulated-instrument.ts';
import type { TruthLog } from './truth-log.ts';

export interface SimulatedCyclerOptions {
  readonly clock: Clock;
  readonly seed: number;
  /** 1 to 64. */
  readonly channels: number;
  /** Seconds of cell time in a real second, an integer; default 1. Lease and flush stay in real time. */
  readonly scale?: number;
  /**
   * A name of the cell library or a description, a list of them (channel k takes number k, the last goes on),
   * or cells themselves.
   */
  readonly cells?: CellChoice | readonly (CellChoice | CellModel)[];
  readonly instrument?: InstrumentName | Instrument;
  readonly log?: CellLog;
  /** Gets the hidden state of every cell at each switch, and what happened inside it. */
  readonly truth?: TruthLog | null;
  /** How often this device was powered up before; with the seed it makes the boot id. */
  readonly bootCounter?: number;
  /** Serial number; default `sim-<seed>`. */
  readonly device?: string;
  readonly ringCapacity?: number;
  readonly logCapacity?: number;
  readonly slots?: number;
  /** Longest lease granted, real µs; virtual time may grant years. */
  readonly leaseLongestUs?: number;
}

/** When its port closes, the device runs on, on its lease. */
export interface SimulatedCycler extends LineEnd {
  /** True while a line is connected. */
  readonly isAttached: boolean;
  /** Cuts the power and gives it back: cells open, all state lost, a new boot id; the line stays. */
  reset(cause: PowerUpCause): void;
  truth(channel: number): ChannelTruth;
  /** Power off for good: cells open, port closed, nothing left armed. */
  close(): void;
}

const CHANNELS_MAX = 64;
/** What the page promises of a clock that wraps. */
const WRAP_MIN_US = 60_000_000;
const DEFAULTS = { ringCapacity: 65_536, logCapacity: 4096, slots: 16, leaseLongestUs: 30_000_000 };

export function createSimulatedCycler(options: SimulatedCyclerOptions): SimulatedCycler {
  const { clock, seed, channels, scale = 1, log = NO_CELL_LOG, truth = null } = options;
  assert(
    channels >= 1 && channels <= CHANNELS_MAX,
    `channels must be 1 to ${CHANNELS_MAX}, found ${channels}`,
  );
  const instrument = instrumentFrom(options.instrument ?? 'bench');
  const driftPpm = drawnError({ bound: instrument.clockDriftPpm, seed, purpose: 'clock-drift', indices: [] });
  const deviceClock = new DeviceClock({ clock, scale, driftPpm });
  const boards = Array.from({ length: channels }, (_, index) => {
    const cell = cellFor(options.cells ?? 'bare-zn', { seed, cell: index });
    return new ChannelBoard({ channel: index + 1, seed, clock: deviceClock, instrument, cell, log, truth });
  });
  let bootCounter = options.bootCounter ?? 0;
  let port: BytePort | null = null;
  let isClosed = false;

  const powerUp = (cause: PowerUpCause): Gvn1Device => {
    deviceClock.restart();
    for (const board of boards) board.powerUp();
    const bootId = randomKey(seed, 'boot', bootCounter);
    bootCounter += 1;
    const identity = { ...identityFrom(options), scale, bootId, cause };
    return new Gvn1Device({ clock, deviceClock, boards, instrument, identity });
  };
  const powerDown = (): void => {
    device.catchUp();
    device.powerDown();
    for (const board of boards) board.powerDown(device.doneTick(board.channel));
  };
  const detach = (gone: BytePort): void => {
    if (port !== gone) return;
    port = null;
    device.attach(null);
  };
  let device = powerUp('power');

  return {
    get isAttached() {
      return port !== null;
    },
    attach(next) {
      assert(!isClosed, 'a closed simulator has no line');
      port?.close();
      port = next;
      device.attach(next);
      next.onBytes((text) => {
        if (port === next) device.receive(text);
      });
      next.onClosed(() => detach(next));
    },
    reset(cause) {
      powerDown();
      device = powerUp(cause);
      device.attach(port);
    },
    truth(channel) {
      device.catchUp();
      const board = boards[channel - 1];
      assert(board !== undefined, `channel ${channel} does not exist`);
      const { plateChargeC, stripChargeC } = board.truthAt(device.doneTick(channel));
      const [plateChargeNc, stripChargeNc] = [plateChargeC * 1e9, stripChargeC * 1e9];
      return { plateChargeNc, stripChargeNc, netChargeNc: stripChargeNc - plateChargeNc };
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      powerDown();
      port?.close();
      port = null;
    },
  };
}

function identityFrom(options: SimulatedCyclerOptions) {
  return {
    dev: options.device ?? `sim-${options.seed}`,
    model: 'gvn-sim',
    firmware: '0.1.0',
    ringCapacity: options.ringCapacity ?? DEFAULTS.ringCapacity,
    logCapacity: options.logCapacity ?? DEFAULTS.logCapacity,
    slots: options.slots ?? DEFAULTS.slots,
    leaseLongestUs: options.leaseLongestUs ?? DEFAULTS.leaseLongestUs,
  };
}

function instrumentFrom(chosen: InstrumentName | Instrument): Instrument {
  const instrument = typeof chosen === 'string' ? INSTRUMENTS[chosen] : chosen;
  const { clockWrapUs, samplingJitterUs } = instrument;
  assert(
    clockWrapUs === Number.POSITIVE_INFINITY || (clockWrapUs >= WRAP_MIN_US && clockWrapUs % TICK_US === 0),
    `clockWrapUs must be whole ticks and at least ${WRAP_MIN_US}, found ${clockWrapUs}`,
  );
  assert(samplingJitterUs < TICK_US, `samplingJitterUs must be under a tick, found ${samplingJitterUs}`);
  return instrument;
}

function cellFor(
  cells: CellChoice | readonly (CellChoice | CellModel)[],
  identity: { readonly seed: number; readonly cell: number },
): CellModel {
  const list = typeof cells === 'string' || 'kind' in cells ? [cells] : cells;
  const chosen = list[identity.cell] ?? list.at(-1);
  assert(chosen !== undefined, 'the list of cells must not be empty');
  return chosenCell(chosen, identity).model;
}
