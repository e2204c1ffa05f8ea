// A finished run as the methods read it: steps, half-cycles and samples, and with what they were measured.
// Reads when asked and keeps what it read, for a run may be long and a method may need but a little of it.
import { z } from 'zod';
import { type Dimension, parseQuantity } from '../../base/quantity.ts';
import type { RunReader } from '../../store/readers.ts';
import { type Measurement, measurementOf } from '../measurement.ts';

export type StepRow = ReturnType<RunReader['steps']>[number];
export type HalfCycleRow = ReturnType<RunReader['halfCycles']>[number];
export type ImpedanceRow = ReturnType<RunReader['impedance']>[number];

/** A step that has ended, so that all of it is known. */
export interface EndedStep extends StepRow {
  readonly endUs: number;
  readonly chargeNc: number;
  readonly endNetChargeNc: number;
  readonly lastSeq: number;
}

export interface StepSample {
  /** Since the start of the step. */
  readonly elapsedS: number;
  readonly voltageV: number;
  readonly currentA: number;
}

/** Bounds of the voltage as the instrument states them. */
export interface VoltageAccuracy {
  readonly gain: number;
  readonly offsetV: number;
}

export interface RunRecord {
  readonly measurement: Measurement;
  /** null: the instrument states none. */
  readonly voltage: VoltageAccuracy | null;
  /** Of the run; null while it goes on. */
  readonly verdict: string | null;
  /** A parameter in the base unit of its dimension; null: there is none of this name and kind. */
  parameter(name: string, dimension: Dimension): number | null;
  steps(): readonly EndedStep[];
  halfCycles(): readonly HalfCycleRow[];
  samplesOf(step: EndedStep): readonly StepSample[];
  impedanceOf(step: EndedStep): readonly ImpedanceRow[];
  /** Measured temperatures with their device times; empty where nothing measured one. */
  temperatures(): readonly { readonly timeUs: number; readonly temperatureK: number }[];
}

/** Whether a step has this label: one that is used again and again bears a number behind it (`probe-2`). */
export function isNamed({ programStep }: Pick<StepRow, 'programStep'>, label: string): boolean {
  if (!programStep.startsWith(label)) return false;
  return /^(?:-\d+)?$/.test(programStep.slice(label.length));
}

const PAGE = 10_000;
const ACCURACY = z.object({
  instrument: z.object({
    capabilities: z.object({
      accuracy: z.object({ voltageGainPpm: z.number(), voltageOffsetNv: z.number() }),
    }),
  }),
});
const PARAMETERS = z.record(z.string(), z.union([z.string(), z.number()]));

/** Throws STORE_FAILED where the file does not say with what it was measured. */
export function recordOf(reader: RunReader): RunRecord {
  const meta = reader.meta();
  const accuracy = ACCURACY.safeParse(meta);
  const parameters = PARAMETERS.safeParse(meta['parameters']);
  const bounds = accuracy.success ? accuracy.data.instrument.capabilities.accuracy : null;
  return {
    measurement: measurementOf(meta),
    voltage:
      bounds === null ? null : { gain: bounds.voltageGainPpm / 1e6, offsetV: bounds.voltageOffsetNv / 1e9 },
    verdict: reader.state().verdict,
    parameter: (name, dimension) => {
      const given = parameters.success ? parameters.data[name] : undefined;
      if (given === undefined) return null;
      const parsed = parseQuantity(String(given), dimension);
      return parsed.ok ? parsed.value : null;
    },
    steps: once(() =>
      allOf(
        (from) => reader.steps(from, PAGE),
        ({ stepNumber }) => stepNumber,
      ).flatMap(endedOf),
    ),
    halfCycles: once(() =>
      allOf(
        (from) => reader.halfCycles(from, PAGE),
        ({ number }) => number,
      ),
    ),
    samplesOf: (step) => samplesOf(reader, step),
    impedanceOf: (step) =>
      allOf(
        (from) => reader.impedance(from, PAGE),
        ({ id }) => id,
      ).filter(({ stepNumber }) => stepNumber === step.stepNumber),
    temperatures: once(() =>
      allOf(
        (from) => reader.aux(from, PAGE),
        ({ id }) => id,
      ).flatMap(({ timeUs, temperatureUk }) =>
        temperatureUk === null ? [] : [{ timeUs, temperatureK: temperatureUk / 1e6 }],
      ),
    ),
  };
}

function endedOf(step: StepRow): EndedStep[] {
  const { endUs, chargeNc, endNetChargeNc, lastSeq } = step;
  if (endUs === null || chargeNc === null || endNetChargeNc === null || lastSeq === null) return [];
  return [{ ...step, endUs, chargeNc, endNetChargeNc, lastSeq }];
}

/** Samples that were not measured are left out. */
function samplesOf(reader: RunReader, step: EndedStep): StepSample[] {
  const samples: StepSample[] = [];
  for (let seq = step.firstSeq; seq <= step.lastSeq; ) {
    const rows = reader.samplesFrom(seq, Math.min(PAGE, step.lastSeq - seq + 1));
    for (const [index, number] of rows.step.entries()) {
      const [voltageNv, currentPa] = [rows.voltageNv[index] ?? null, rows.currentPa[index] ?? null];
      const timeUs = rows.timeUs[index] ?? 0;
      if (number !== step.stepNumber || voltageNv === null || currentPa === null) continue;
      samples.push({
        elapsedS: (timeUs - step.startUs) / 1e6,
        voltageV: voltageNv / 1e9,
        currentA: currentPa / 1e12,
      });
    }
    const last = rows.seq.at(-1);
    if (last === undefined || last >= step.lastSeq) break;
    seq = last + 1;
  }
  return samples;
}

function allOf<Row>(page: (from: number) => readonly Row[], keyOf: (row: Row) => number): Row[] {
  const all: Row[] = [];
  for (let from = 1; ; ) {
    const rows = page(from);
    for (const row of rows) all.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return all;
    from = keyOf(last) + 1;
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}
