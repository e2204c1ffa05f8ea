// The simulated Keithley SourceMeter: cell, source meter and firmware put together, with power that can be
// cut. A second implementation of the instrument, never a mock of the driver: it imports nothing of the host
// but base/.
import { assert } from '../../../src/base/assert.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { DeviceClock } from '../../board/device-clock.ts';
import { drawnError } from '../../board/instrument.ts';
import { SourceMeter } from '../../board/source-meter.ts';
import { chosenCell } from '../../cell/library/chosen-cell.ts';
import { NO_CELL_LOG } from '../../cell-log.ts';
import type { InstrumentOptions, SimulatedInstrument } from '../../simulated-instrument.ts';
import { type Accuracy, createAccuracy } from './accuracy.ts';
import type { Memory } from './core.ts';
import { Keithley2400Device } from './keithley2400-device.ts';
import { OwnFaults } from './own-faults.ts';
import { type Profile, PROFILES } from './profiles.ts';
import { DEFAULT_MENU, type LineMenu } from './serial-line.ts';
import { TraceBuffer } from './trace-buffer.ts';

export interface Keithley2400Options extends InstrumentOptions {
  /** What the front panel's COMMUNICATION menu is set to. Default: no flow control, LF. */
  readonly menu?: Partial<LineMenu>;
}

/** Models of the family, the default first. */
export const KEITHLEY2400_PROFILES: readonly string[] = ['2400', '2401', '2410', '2420', '2440'];

const CHANNEL = 1;
const SETUPS = 5;
const LOCATIONS = 100;

/** Power is on when it returns. */
export function createKeithley2400Instrument(options: Keithley2400Options): SimulatedInstrument {
  return new Keithley2400Instrument(options);
}

class Keithley2400Instrument implements SimulatedInstrument {
  readonly dataLine = null;
  readonly #options: Keithley2400Options;
  readonly #profile: Profile;
  readonly #accuracy: Accuracy;
  readonly #deviceClock: DeviceClock;
  readonly #meter: SourceMeter;
  readonly #faults: OwnFaults;
  readonly #memory: Memory = {
    setups: Array.from({ length: SETUPS }, () => null),
    locations: Array.from({ length: LOCATIONS }, () => null),
    powerOnSetup: 'RST',
    trace: new TraceBuffer(),
  };
  #device: Keithley2400Device;
  #port: BytePort | null = null;
  #isClosed = false;

  constructor(options: Keithley2400Options) {
    const { clock, seed, scale = 1, log = NO_CELL_LOG, truth = null, errors = 'own' } = options;
    this.#options = options;
    this.#profile = profileFor(options.profile);
    this.#accuracy = createAccuracy(this.#profile, { seed, errors });
    const { instrument } = this.#accuracy;
    const drift = { bound: instrument.clockDriftPpm, seed, purpose: 'clock-drift', indices: [] };
    this.#deviceClock = new DeviceClock({ clock, scale, driftPpm: drawnError(drift) });
    const cell = chosenCell(options.cell, { seed, cell: 0 }).model;
    const channel = CHANNEL;
    this.#meter = new SourceMeter({ channel, seed, clock: this.#deviceClock, instrument, cell, log, truth });
    this.#faults = new OwnFaults(options.faults ?? [], { startMs: clock.nowMs(), scale });
    this.#device = this.#powerUp();
  }

  get isAttached(): boolean {
    return this.#port !== null;
  }

  attach(port: BytePort): void {
    assert(!this.#isClosed, 'a closed simulator has no line');
    this.#port?.close();
    this.#port = port;
    this.#device.attach(port);
    port.onBytes((text) => {
      if (this.#port === port) this.#device.receive(text);
    });
    port.onClosed(() => {
      if (this.#port !== port) return;
      this.#port = null;
      this.#device.attach(null);
    });
  }

  restart(): void {
    assert(!this.#isClosed, 'a closed simulator has no power');
    this.#device.powerDown();
    this.#device = this.#powerUp();
    this.#device.attach(this.#port);
  }

  truth(channel: number): ReturnType<SimulatedInstrument['truth']> {
    assert(channel === CHANNEL, `channel ${channel} does not exist`);
    this.#device.catchUp();
    const { plateChargeC, stripChargeC } = this.#meter.truthAt(this.#deviceClock.nowUs());
    const [plateChargeNc, stripChargeNc] = [plateChargeC * 1e9, stripChargeC * 1e9];
    return { plateChargeNc, stripChargeNc, netChargeNc: stripChargeNc - plateChargeNc };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#device.powerDown();
    this.#port?.close();
    this.#port = null;
  }

  #powerUp(): Keithley2400Device {
    const { clock, seed, menu } = this.#options;
    this.#deviceClock.restart();
    this.#meter.powerUp();
    return new Keithley2400Device({
      clock,
      deviceClock: this.#deviceClock,
      meter: this.#meter,
      profile: this.#profile,
      accuracy: this.#accuracy,
      memory: this.#memory,
      menu: { ...DEFAULT_MENU, ...menu },
      seed,
      faults: this.#faults,
    });
  }
}

function profileFor(name = '2400'): Profile {
  const profile = PROFILES[name];
  assert(profile !== undefined, `there is no model ${name}; known: ${Object.keys(PROFILES).join(', ')}`);
  return profile;
}
