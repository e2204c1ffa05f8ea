// A simulated PalmSens instrument that speaks MethodSCRIPT: cell, source meter and firmware put together,
// with power that can be cut. A second implementation of the instrument: nothing of the host but base/.
import { assert } from '../../../src/base/assert.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { DeviceClock } from '../../board/device-clock.ts';
import { drawnError } from '../../board/instrument.ts';
import { SourceMeter } from '../../board/source-meter.ts';
import { chosenCell } from '../../cell/library/chosen-cell.ts';
import { NO_CELL_LOG } from '../../cell-log.ts';
import type { InstrumentOptions, SimulatedInstrument } from '../../simulated-instrument.ts';
import type { CommandHost } from './commands.ts';
import { OwnFaults } from './faults.ts';
import { MethodscriptDevice } from './methodscript-device.ts';
import { instrumentFor, METHODSCRIPT_PROFILES, type Profile, PROFILES } from './profiles.ts';

const CHANNEL = 1;
const DEFAULT_PROFILE = 'es4_lr';
const SEED_DIGITS = 4;

/** Power is on when it returns. Asserts that the profile is one of `METHODSCRIPT_PROFILES`. */
export function createMethodscriptInstrument(options: InstrumentOptions): SimulatedInstrument {
  const { clock, seed, scale = 1, log = NO_CELL_LOG, truth = null } = options;
  const profile = profileNamed(options.profile ?? DEFAULT_PROFILE);
  const instrument = instrumentFor(profile, options.errors ?? 'own');
  const driftPpm = drawnError({ bound: instrument.clockDriftPpm, seed, purpose: 'clock-drift', indices: [] });
  const deviceClock = new DeviceClock({ clock, scale, driftPpm });
  const cell = chosenCell(options.cell, { seed, cell: 0 }).model;
  const source = new SourceMeter({
    channel: CHANNEL,
    seed,
    clock: deviceClock,
    instrument,
    cell,
    log,
    truth,
  });
  const faults = new OwnFaults(options.faults ?? []);
  const permanent: CommandHost['permanent'] = { script: null };
  const serial = `${profile.serialPrefix}SIM${String(seed).padStart(SEED_DIGITS, '0')}`;
  let port: BytePort | null = null;
  let isClosed = false;

  const powerUp = (): MethodscriptDevice => {
    deviceClock.restart();
    source.powerUp();
    return new MethodscriptDevice({ clock, deviceClock, source, profile, serial, faults, permanent });
  };
  const powerDown = (): void => {
    device.catchUp();
    device.powerDown();
    source.powerDown(deviceClock.nowUs());
  };
  let device = powerUp();

  return {
    dataLine: null,
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
      next.onClosed(() => {
        if (port !== next) return;
        port = null;
        device.attach(null);
      });
    },
    restart() {
      assert(!isClosed, 'a closed simulator has no power');
      powerDown();
      device = powerUp();
      device.attach(port);
      device.greet();
    },
    truth(channel) {
      assert(channel === CHANNEL, `channel ${channel} does not exist`);
      device.catchUp();
      const { plateChargeC, stripChargeC } = source.truthAt(deviceClock.nowUs());
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

function profileNamed(name: string): Profile {
  const known = METHODSCRIPT_PROFILES.find((candidate) => candidate === name);
  assert(known !== undefined, `unknown profile ${name}; known: ${METHODSCRIPT_PROFILES.join(', ')}`);
  return PROFILES[known];
}
