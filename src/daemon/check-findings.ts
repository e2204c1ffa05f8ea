// What the readings of a dummy-resistor check say of an instrument. Pure.
import type { Capabilities } from '../device/cycler.ts';

export interface CheckReading {
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
}

export interface PhaseReadings {
  readonly zeroBefore: readonly CheckReading[];
  readonly plus: readonly CheckReading[];
  readonly minus: readonly CheckReading[];
  readonly zeroAfter: readonly CheckReading[];
}

export interface CheckBasis {
  readonly currentPa: number;
  readonly resistorMohm: number;
  readonly fullScalePa: number;
  readonly capabilities: Pick<Capabilities, 'accuracy'>;
}

export interface CheckFindings {
  /** Readings with no current: what the meters show of nothing. */
  readonly zeroVoltageNv: number;
  readonly zeroCurrentPa: number;
  /** How far the zeros moved during the check. */
  readonly zeroDriftNv: number;
  readonly noiseNv: number;
  readonly noisePa: number;
  readonly plus: DirectionFindings;
  readonly minus: DirectionFindings;
  /** |V/R| of plus over that of minus, less 1: biases every efficiency by as much; the resistor cancels. */
  readonly directionMismatchPpm: number;
  /** What of it a source offset alone would make: (V+ + V-)/2R over the current. */
  readonly sourceOffsetPpm: number;
  /** Bound of the data sheet on (V/R - I_set)/I_set, resistor aside. */
  readonly boundPpm: number;
  readonly isWithinBound: boolean;
}

export interface DirectionFindings {
  readonly voltageNv: number;
  readonly currentPa: number;
  /** Current reading against the current that was set. */
  readonly readingOffPpm: number;
  /** Voltage over resistor against the current that was set; the resistor's own tolerance is in it. */
  readonly resistorOffPpm: number;
}

/** The first readings of a phase belong to the change, not to the state. */
const SETTLE_US = 2_000_000;
const READINGS_MIN = 5;
/** mV of pA through mohm: 1e-12 A x 1e-3 ohm is 1e-6 nV. */
const NV_PER_PA_MOHM = 1e-6;

/** null: too few readings in a phase to say anything. */
export function findingsOf(phases: PhaseReadings, basis: CheckBasis): CheckFindings | null {
  const [before, plus, minus, after] = [
    settled(phases.zeroBefore),
    settled(phases.plus),
    settled(phases.minus),
    settled(phases.zeroAfter),
  ];
  if ([before, plus, minus, after].some(({ length }) => length < READINGS_MIN)) return null;
  const voltages = (readings: readonly CheckReading[]): number[] =>
    readings.map((reading) => reading.voltageNv);
  const currents = (readings: readonly CheckReading[]): number[] =>
    readings.map((reading) => reading.currentPa);
  const zeroVoltageNv = (mean(voltages(before)) + mean(voltages(after))) / 2;
  const fullNv = basis.currentPa * basis.resistorMohm * NV_PER_PA_MOHM;
  const direction = (readings: readonly CheckReading[], sign: 1 | -1): DirectionFindings => {
    const [voltageNv, currentPa] = [mean(voltages(readings)), mean(currents(readings))];
    return {
      voltageNv: Math.round(voltageNv),
      currentPa: Math.round(currentPa),
      readingOffPpm: tenths(((sign * currentPa) / basis.currentPa - 1) * 1e6),
      resistorOffPpm: tenths(((sign * (voltageNv - zeroVoltageNv)) / fullNv - 1) * 1e6),
    };
  };
  const [forward, backward] = [direction(plus, 1), direction(minus, -1)];
  const boundPpm = boundOf(basis, fullNv);
  return {
    zeroVoltageNv: Math.round(zeroVoltageNv),
    zeroCurrentPa: Math.round((mean(currents(before)) + mean(currents(after))) / 2),
    zeroDriftNv: Math.round(mean(voltages(after)) - mean(voltages(before))),
    noiseNv: Math.round(deviation(voltages(plus))),
    noisePa: Math.round(deviation(currents(plus))),
    plus: forward,
    minus: backward,
    directionMismatchPpm: tenths(forward.resistorOffPpm - backward.resistorOffPpm),
    sourceOffsetPpm: tenths((forward.resistorOffPpm - backward.resistorOffPpm) / 2),
    boundPpm: Math.ceil(boundPpm),
    isWithinBound: [forward, backward].every(({ resistorOffPpm }) => Math.abs(resistorOffPpm) <= boundPpm),
  };
}

/** Gain and offset of both meters, as the data sheet bounds them, relative to what is measured here. */
function boundOf({ currentPa, fullScalePa, capabilities }: CheckBasis, fullNv: number): number {
  const { accuracy } = capabilities;
  const currentPpm = accuracy.currentGainPpm + (accuracy.currentOffsetPpmOfRange * fullScalePa) / currentPa;
  return currentPpm + accuracy.voltageGainPpm + (2 * accuracy.voltageOffsetNv * 1e6) / fullNv;
}

function settled(readings: readonly CheckReading[]): readonly CheckReading[] {
  const fromUs = (readings[0]?.timeUs ?? 0) + SETTLE_US;
  return readings.filter(({ timeUs }) => timeUs >= fromUs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function tenths(ppm: number): number {
  return Math.round(ppm * 10) / 10 + 0;
}
