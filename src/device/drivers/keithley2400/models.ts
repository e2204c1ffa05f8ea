// The instruments of the series and what they can do, from their data sheets (SPEC-2400, -2410, -2420,
// -2440; one year, 23 °C ± 5 °C). Data only; a model that is not here is not driven, since its ranges are
// not known.
import { HOSTED_CAPABILITIES } from '../../hosted/hosted-capabilities.ts';
import type { Accuracy, Capabilities } from '../../cycler.ts';

export interface Model {
  /** Full scale of each current range, rising; a level may go 5 % beyond. */
  readonly currentRangesPa: readonly number[];
  /** Full scales of the voltage measurement that are used, rising. */
  readonly voltageRangesNv: readonly number[];
  readonly accuracy: Accuracy;
}

const UA = 1_000_000;
const MA = 1_000 * UA;
const A = 1_000 * MA;
const V = 1_000_000_000;

/** What the voltage measurement and the compliance reach beyond their full scale, in ppm of it. */
export const OVER_RANGE_PPM = 50_000;

/**
 * Bounds over all ranges, because the range is chosen later: of the 2400 they are those of its 1 A range
 * (0.22 % + 570 uA); up to 100 mA it is four times better (0.055 % + 60 ppm). Ranges of more volts than 20
 * are left out: no cell of this project has them, and the instrument gives less current there (p. 18-62).
 */
const MODEL_2400: Model = {
  currentRangesPa: [UA, 10 * UA, 100 * UA, MA, 10 * MA, 100 * MA, A],
  voltageRangesNv: [V / 5, 2 * V, 20 * V],
  accuracy: {
    currentGainPpm: 2200,
    currentOffsetPpmOfRange: 570,
    voltageGainPpm: 150,
    voltageOffsetNv: 1_500_000,
  },
};

export const MODELS: Readonly<Record<string, Model>> = {
  '2400': MODEL_2400,
  '2400-C': MODEL_2400,
  '2400-LV': MODEL_2400,
  '2401': MODEL_2400,
  '2410': {
    currentRangesPa: [UA, 10 * UA, 100 * UA, MA, 20 * MA, 100 * MA, A],
    voltageRangesNv: MODEL_2400.voltageRangesNv,
    accuracy: { ...MODEL_2400.accuracy, voltageOffsetNv: 1_000_000 },
  },
  '2420': {
    currentRangesPa: [10 * UA, 100 * UA, MA, 10 * MA, 100 * MA, A, 3 * A],
    voltageRangesNv: MODEL_2400.voltageRangesNv,
    accuracy: {
      currentGainPpm: 670,
      currentOffsetPpmOfRange: 570,
      voltageGainPpm: 150,
      voltageOffsetNv: 1_000_000,
    },
  },
  '2440': {
    currentRangesPa: [10 * UA, 100 * UA, MA, 10 * MA, 100 * MA, A, 5 * A],
    voltageRangesNv: [V / 5, 2 * V, 10 * V],
    accuracy: {
      currentGainPpm: 1000,
      currentOffsetPpmOfRange: 684,
      voltageGainPpm: 150,
      voltageOffsetNv: 750_000,
    },
  },
};

/**
 * One mains period of each converter and the latency of one short message: what the end of a step is good
 * for.
 */
const TICK_US = 20_000;

/** A query, two conversions and 56 bytes take 150 ms at 9600 baud, as the instrument leaves the factory. */
const BURST_EVERY_MIN_US = 200_000;

/** Nothing but the compliance is enforced by the instrument: the host judges, and nobody watches the host. */
export function capabilitiesOf({ currentRangesPa, voltageRangesNv, accuracy }: Model): Capabilities {
  return {
    ...HOSTED_CAPABILITIES,
    channels: 1,
    modes: ['rest', 'cc'],
    limits: { voltage: 'host', charge: 'host', shortFloor: 'host' },
    recordBursts: { by: 'host', everyMinUs: BURST_EVERY_MIN_US },
    deadMan: 'nobody',
    currentRangesPa,
    voltageSpanNv: voltageRangesNv.at(-1) ?? 0,
    accuracy,
    tickUs: TICK_US,
  };
}
