// The simulated Zahner potentiostat: cell, source meter and firmware put together, two lines, power that can
// be cut. A second implementation of the instrument: it imports nothing of the host but base/.
import { assert } from '../../../src/base/assert.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { DeviceClock } from '../../board/device-clock.ts';
import { drawnError } from '../../board/instrument.ts';
import { SourceMeter } from '../../board/source-meter.ts';
import { chosenCell } from '../../cell/library/chosen-cell.ts';
import { NO_CELL_LOG } from '../../cell-log.ts';
import type { InstrumentOptions, LineEnd, SimulatedInstrument } from '../../simulated-instrument.ts';
import { DataStream } from './data-stream.ts';
import { FaultPlan } from './faults.ts';
import type { FirmwareState, PermanentMemory } from './firmware-state.ts';
import { OutputStage } from './output-stage.ts';
import { type Profile, profileFor } from './profiles.ts';
import { initialSettings } from './settings.ts';
import { ZahnerDevice } from './zahner-device.ts';

const CHANNEL = 1;
const DEFAULT_PROFILE = 'PP212';

export function createZahnerInstrument(options: InstrumentOptions): SimulatedInstrument {
  return new ZahnerInstrument(options);
}

class ZahnerInstrument implements SimulatedInstrument {
  readonly dataLine: LineEnd;
  readonly #options: InstrumentOptions;
  readonly #profile: Profile;
  readonly #deviceClock: DeviceClock;
  readonly #source: SourceMeter;
  readonly #faults: FaultPlan;
  readonly #memory: PermanentMemory = { lineFrequencyHz: 50, timeOffsetMs: 0 };
  #device: ZahnerDevice;
  #textPort: BytePort | null = null;
  #dataPort: BytePort | null = null;
  #isClosed = false;

  constructor(options: InstrumentOptions) {
    const { clock, seed, scale = 1, log = NO_CELL_LOG, truth = null } = options;
    this.#options = options;
    this.#profile = profileFor(options.profile ?? DEFAULT_PROFILE, options.errors ?? 'own');
    const { instrument } = this.#profile;
    const driftPpm = drawnError({
      bound: instrument.clockDriftPpm,
      seed,
      purpose: 'clock-drift',
      indices: [],
    });
    this.#deviceClock = new DeviceClock({ clock, scale, driftPpm });
    const cell = chosenCell(options.cell, { seed, cell: 0 }).model;
    const channel = CHANNEL;
    this.#source = new SourceMeter({ channel, seed, clock: this.#deviceClock, instrument, cell, log, truth });
    this.#faults = new FaultPlan(options.faults ?? [], seed);
    this.#device = this.#powerUp();
    this.dataLine = { attach: (port) => this.#attachData(port) };
  }

  get isAttached(): boolean {
    return this.#textPort !== null;
  }

  attach(port: BytePort): void {
    assert(!this.#isClosed, 'a closed simulator has no line');
    this.#textPort?.close();
    this.#textPort = port;
    this.#device.attach(port);
    port.onBytes((text) => {
      if (this.#textPort === port) this.#device.receive(text);
    });
    port.onClosed(() => {
      if (this.#textPort !== port) return;
      this.#textPort = null;
      this.#device.attach(null);
    });
  }

  restart(): void {
    assert(!this.#isClosed, 'a closed simulator has no power');
    this.#powerDown();
    this.#device = this.#powerUp();
    this.#device.attach(this.#textPort);
    this.#device.attachData(this.#dataPort);
  }

  truth(channel: number): ReturnType<SimulatedInstrument['truth']> {
    assert(channel === CHANNEL, `channel ${channel} does not exist`);
    this.#device.catchUp();
    const { plateChargeC, stripChargeC } = this.#source.truthAt(this.#deviceClock.nowUs());
    const [plateChargeNc, stripChargeNc] = [plateChargeC * 1e9, stripChargeC * 1e9];
    return { plateChargeNc, stripChargeNc, netChargeNc: stripChargeNc - plateChargeNc };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#powerDown();
    this.#dropLines();
  }

  #attachData(port: BytePort): void {
    assert(!this.#isClosed, 'a closed simulator has no line');
    this.#dataPort?.close();
    this.#dataPort = port;
    this.#device.attachData(port);
    port.onBytes((text) => {
      if (this.#dataPort === port) this.#device.receiveData(text);
    });
    port.onClosed(() => {
      if (this.#dataPort !== port) return;
      this.#dataPort = null;
      this.#device.attachData(null);
    });
  }

  #powerUp(): ZahnerDevice {
    const { clock, seed } = this.#options;
    const faults = this.#faults;
    this.#deviceClock.restart();
    this.#source.powerUp();
    const state: FirmwareState = {
      clock,
      seed,
      profile: this.#profile,
      stage: new OutputStage({ source: this.#source, profile: this.#profile, faults }),
      stream: new DataStream(faults),
      faults,
      settings: initialSettings(),
      memory: this.#memory,
      latched: null,
      ocvV: 0,
      finals: { pot: null, gal: null },
      draws: 0,
    };
    return new ZahnerDevice({ state, deviceClock: this.#deviceClock, reboot: () => this.#reboot() });
  }

  #powerDown(): void {
    this.#device.catchUp();
    this.#device.powerDown();
    this.#source.powerDown(this.#deviceClock.nowUs());
  }

  /** As after `*RST`: the USB device goes and comes back, so both lines end. */
  #reboot(): void {
    this.#powerDown();
    this.#dropLines();
    this.#device = this.#powerUp();
  }

  #dropLines(): void {
    const ports = [this.#textPort, this.#dataPort];
    this.#textPort = null;
    this.#dataPort = null;
    for (const port of ports) port?.close();
  }
}
