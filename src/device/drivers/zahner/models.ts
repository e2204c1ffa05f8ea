// What Zahner potentiostats can do, and who one of them is. Ranges and accuracy are in no public document
// that the driver was written from: all of it is inferred, stands here alone, and waits for a data sheet.
import { HOSTED_CAPABILITIES } from '../../hosted/hosted-capabilities.ts';
import { crc32OfText } from '../../../frames/crc32.ts';
import type { IdentityReply } from '../../../frames/dialects/zahner/replies.ts';
import type { Accuracy, Capabilities, Identity } from '../../cycler.ts';

export const DIALECT = 'zahner';

/** The first firmware that the vendor's client drives without warning. */
const FIRMWARE_MIN = [1, 1, 0] as const;

interface Model {
  readonly currentRangesPa: readonly number[];
  readonly voltageSpanNv: number;
}

/**
 * Inferred from what the instruments are sold as: XPOT2 0.5 A at 25 V, PP2x2 and EL1002 20 A and more. The
 * lists need not be those of the shunts: `:SESO:CRNG` takes a current and chooses the shunt that fits it.
 */
const MODELS: Readonly<Record<string, Model>> = {
  XPOT2: { currentRangesPa: rangesToPa(500_000_000_000, 4), voltageSpanNv: 25_000_000_000 },
  PP212: { currentRangesPa: rangesToPa(20_000_000_000_000, 3), voltageSpanNv: 12_000_000_000 },
  PP222: { currentRangesPa: rangesToPa(10_000_000_000_000, 3), voltageSpanNv: 20_000_000_000 },
  PP242: { currentRangesPa: rangesToPa(40_000_000_000_000, 3), voltageSpanNv: 5_000_000_000 },
};
/** Of a model that this version does not know: what all of them can do. */
const LEAST_MODEL: Model = {
  currentRangesPa: rangesToPa(500_000_000_000, 3),
  voltageSpanNv: 5_000_000_000,
};

/** Inferred: wide enough for power potentiostats of this class. */
const ACCURACY: Accuracy = {
  currentGainPpm: 2500,
  currentOffsetPpmOfRange: 500,
  voltageGainPpm: 1000,
  voltageOffsetNv: 2_000_000,
};

/** Full scale, and decades below it, rising. */
function rangesToPa(fullScalePa: number, decadesBelow: number): readonly number[] {
  return Array.from({ length: decadesBelow + 1 }, (_range, index) =>
    Math.round(fullScalePa / 10 ** (decadesBelow - index)),
  );
}

function modelOf(name: string): Model {
  return MODELS[name] ?? LEAST_MODEL;
}

/** Full scale of a range of this model, pA; null: it has no such range. */
export function rangePa(model: string, rangeIndex: number): number | null {
  return modelOf(model).currentRangesPa[rangeIndex] ?? null;
}

/** The instrument has no boot number: a restart ends both ports, which says all there is to know of it. */
export function identityFrom({ model, serial, firmware }: IdentityReply): Identity {
  return {
    dialect: DIALECT,
    deviceId: serial,
    model: serial.includes('SIM') ? `${model}-sim` : model,
    firmware,
    bootId: crc32OfText(`${DIALECT} ${serial}`),
  };
}

/**
 * Limits of voltage and charge are the instrument's. The short floor is not: |V| below it is one side of a
 * window, and which side depends on the cell (a full cell is positive in both directions), while the
 * tolerance time is one for all limits. So the host judges it, reading by reading.
 */
export function capabilitiesOf(model: string, readingEveryUs: number): Capabilities {
  const { currentRangesPa, voltageSpanNv } = modelOf(model);
  return {
    ...HOSTED_CAPABILITIES,
    channels: 1,
    modes: ['rest', 'cc'],
    limits: { voltage: 'device', charge: 'device', shortFloor: 'host' },
    // A primitive has one sampling frequency, and between two primitives the cell is open.
    recordBursts: null,
    deadMan: 'step-bound',
    currentRangesPa,
    voltageSpanNv,
    accuracy: ACCURACY,
    // A limit ends a primitive at the next multiple of the sampling period (vendor's control.py,
    // `:PARA:UILT`).
    tickUs: readingEveryUs,
  };
}

/** `1.1.0` and later; what cannot be read as a version is not. */
export function isFirmwareKnown(firmware: string): boolean {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(firmware)?.slice(1).map(Number);
  if (found === undefined) return false;
  for (const [index, least] of FIRMWARE_MIN.entries()) {
    const part = found[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
