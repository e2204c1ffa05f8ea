// What can be asked: who, what is measured now, and the system's own. Must never change anything but the
// open-circuit voltage that was asked for.
import { randomKey } from '../../../src/base/prng.ts';
import { isoFromMs } from './calendar.ts';
import { floatText } from './error-codes.ts';
import type { FirmwareState } from './firmware-state.ts';

/** What the vendor's library asks for: it warns of a newer one and refuses an older one. */
const FIRMWARE_VERSION = '1.1.0';
const OCV_READINGS = 7;
/** Of the sensor at the back; cells of the simulator know their own temperature as a parameter only. */
const TEMPERATURE_C = 25;

/** The serial number is the only thing that tells an emulator from an instrument. */
export function identityText({ profile, seed }: FirmwareState): string {
  return `ZAHNER-ELEKTRIK,${profile.model},SIM${seed},${FIRMWARE_VERSION}`;
}

/** null where there is no such query. */
export function answerQuery(state: FirmwareState, header: string, us: number): string | null {
  const { clock, memory, stage, seed } = state;
  switch (header) {
    case 'MEAS:VOLT?':
      return floatText(stage.source.reading(us).voltageNv * 1e-9);
    case 'MEAS:CURR?':
      return floatText(stage.source.reading(us).currentPa * 1e-12);
    case 'MEAS:TEMP?':
      return floatText(TEMPERATURE_C);
    case 'SYST:LINF?':
      return floatText(memory.lineFrequencyHz);
    case 'SYST:TIME?':
      return isoFromMs(clock.wallMs() + memory.timeOffsetMs);
    case 'SYST:MAC?':
      return macAddress(seed);
    case 'SYST:SOFT:INFO?':
      return softwareInfo();
    default:
      return null;
  }
}

/** The mean of some readings, which becomes what voltages are counted from. */
export function readOcv(state: FirmwareState, us: number): string {
  let sumNv = 0;
  for (let index = 0; index < OCV_READINGS; index += 1) {
    sumNv += state.stage.source.reading(us).voltageNv;
  }
  state.ocvV = (sumNv / OCV_READINGS) * 1e-9;
  return floatText(state.ocvV);
}

/** Of the block for local use: not one of the vendor's. */
function macAddress(seed: number): string {
  const key = randomKey(seed, 'zahner-mac');
  const bytes = [24, 16, 8, 0].map((shift) => (key >>> shift) & 0xff);
  return ['02', '00', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':').toUpperCase();
}

/** The form of the example in control.py, getSoftwareInfo. */
function softwareInfo(): string {
  const built = `Hash: ${'0'.repeat(40)}; Target: Release; Compile time: 2022-01-01T00:00:00.000000+00:00`;
  return `Version: ${FIRMWARE_VERSION}; Branch: master; ${built}`;
}
