// Symmetric cells: the hysteresis of their cycles, and how it changes from temperature to temperature. The
// temperature is what was measured beside the run; a protocol does not know it. Pure over the record.
import { isMain } from '../half-cycle-row.ts';
import { lineThrough, meanOf, medianOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type HalfCycleRow, isNamed, type RunRecord } from './run-record.ts';

const GAS_CONSTANT_J_PER_MOL_K = 8.314_462_618;

/** Hysteresis = v_mid,plate + v_mid,strip, medians over the main cycles, in mV (notes 6). */
export function cyclingFigures(record: RunRecord): readonly Figure[] {
  const rows = record.halfCycles().filter((row) => isMain(row) && !row.isInterrupted);
  const hysteresisV = hysteresisOf(rows);
  if (!Number.isFinite(hysteresisV)) return [missing('hysteresis', 'mV', 'no half-cycle has a plateau')];
  const { voltage } = record;
  return [
    figure('hysteresis', [hysteresisV * 1e3, 'mV'], {
      // The offset cancels between the two polarities.
      uncertainty: voltage === null ? null : voltage.gain * hysteresisV * 1e3,
      at: { halfCycles: rows.length },
    }),
  ];
}

function hysteresisOf(rows: readonly HalfCycleRow[]): number {
  const [plate = Number.NaN, strip = Number.NaN] = (['plate', 'strip'] as const).map((half) =>
    medianOf(
      rows.flatMap((row) => (row.half === half && row.plateauNv !== null ? [row.plateauNv / 1e9] : [])),
    ),
  );
  return plate + strip;
}

/**
 * Hysteresis of each temperature, and the apparent activation energy E = -R d ln(1/hysteresis)/d(1/T) of the
 * cell's conductance at this current. It is that of j0 only where the current is far below j0 (notes 6).
 */
export function temperatureFigures(record: RunRecord): readonly Figure[] {
  const points = blocksOf(record).map((rows, index) => {
    const hysteresisV = hysteresisOf(rows);
    const [fromUs, untilUs] = [rows[0]?.startUs ?? 0, rows.at(-1)?.endUs ?? 0];
    const measured = record.temperatures().filter(({ timeUs }) => timeUs >= fromUs && timeUs <= untilUs);
    return { block: index + 1, hysteresisV, kelvin: meanOf(measured.map((row) => row.temperatureK)) };
  });
  const known = points.filter(
    ({ kelvin, hysteresisV }) => Number.isFinite(kelvin) && Number.isFinite(hysteresisV),
  );
  const line = lineThrough(
    known.map(({ kelvin }) => 1 / kelvin),
    known.map(({ hysteresisV }) => Math.log(1 / hysteresisV)),
  );
  const name = 'activationEnergy';
  return [
    ...points.map(({ block, hysteresisV, kelvin }) =>
      figure('hysteresis', [hysteresisV * 1e3, 'mV'], {
        at: Number.isFinite(kelvin) ? { block, celsius: Number((kelvin - 273.15).toFixed(2)) } : { block },
      }),
    ),
    line === null
      ? missing(name, 'kJ/mol', 'it takes a temperature measured beside the run, at two of them at least')
      : figure(name, [(-line.slope * GAS_CONSTANT_J_PER_MOL_K) / 1e3, 'kJ/mol'], {
          uncertainty:
            line.slopeUncertainty === null ? null : (line.slopeUncertainty * GAS_CONSTANT_J_PER_MOL_K) / 1e3,
        }),
  ];
}

/** Main half-cycles between two settings of the chamber. */
function blocksOf(record: RunRecord): readonly HalfCycleRow[][] {
  const borders = record
    .steps()
    .filter((step) => isNamed(step, 'set-chamber') || isNamed(step, 'settling'))
    .map(({ stepNumber }) => stepNumber);
  const blocks = new Map<number, HalfCycleRow[]>();
  for (const row of record.halfCycles().filter((one) => isMain(one) && !one.isInterrupted)) {
    const border = borders.findLast((number) => number < row.stepNumber) ?? 0;
    blocks.set(border, [...(blocks.get(border) ?? []), row]);
  }
  return [...blocks.values()];
}
