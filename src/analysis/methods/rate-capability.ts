// Rate capability: what rising currents cost, and whether it comes back. Of a zinc cell plateaus against
// current with exponent, recovery and charge transfer; of a full cell capacity against current. Pure.
import { isMain } from '../half-cycle-row.ts';
import { lineThrough, meanOf, medianOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { chargeTransferOhmCm2, type CurvePoint, fitCurve, ROOM_TEMPERATURE_K } from './polarisation-curve.ts';
import { type HalfCycleRow, isNamed, type RunRecord, type VoltageAccuracy } from './run-record.ts';

/** Half-cycles of one current in a row. */
interface Block {
  readonly currentPa: number;
  readonly rows: HalfCycleRow[];
}

/** Blocks in their order; the last one is the return to the first current. */
export function rateFigures(record: RunRecord): readonly Figure[] {
  const isFull = record.steps().some((step) => isNamed(step, 'discharging'));
  return isFull ? fullCellFigures(record) : zincFigures(record);
}

function blocksOf(record: RunRecord): readonly Block[] {
  const setpoints = new Map(record.steps().map(({ stepNumber, setpointPa }) => [stepNumber, setpointPa]));
  const blocks: Block[] = [];
  for (const row of record.halfCycles().filter(isMain)) {
    const currentPa = Math.abs(setpoints.get(row.stepNumber) ?? 0);
    const last = blocks.at(-1);
    if (row.isInterrupted || currentPa === 0) continue;
    if (last !== undefined && last.currentPa === currentPa) last.rows.push(row);
    else blocks.push({ currentPa, rows: [row] });
  }
  return blocks;
}

/**
 * v_mid(j): mean of the two polarities' median plateaus of a block. Exponent n = d ln v/d ln j over the
 * rising blocks; recovery = v_mid(return)/v_mid(first) (notes 1, method 4, and 6). R_ct = RT/(F j0) of one
 * electrode, from v = j R + 2b asinh(j/(2 j0)) through the rising blocks, at 25 C: the convention stands in
 * its name.
 */
function zincFigures(record: RunRecord): readonly Figure[] {
  const { areaCm2 } = record.measurement;
  const points = blocksOf(record).flatMap(({ currentPa, rows }): CurvePoint[] => {
    const polarisationV = meanOf((['plate', 'strip'] as const).map((half) => plateauV(rows, half)));
    return Number.isFinite(polarisationV) ? [{ density: currentPa / 1e12 / areaCm2, polarisationV }] : [];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [missing('plateau', 'mV', 'no block has a plateau')];
  const hasReturn = points.length > 1 && isSame(first.density, last.density);
  const rising = hasReturn ? points.slice(0, -1) : points;
  const plateaus = points.map((point) =>
    figure('plateau', [point.polarisationV * 1e3, 'mV'], {
      uncertainty: uncertaintyV(point.polarisationV, record.voltage, 1e3),
      at: densityPlace(point.density),
    }),
  );
  const line = lineThrough(
    rising.map(({ density }) => Math.log(density)),
    rising.map(({ polarisationV }) => Math.log(polarisationV)),
  );
  return [
    ...plateaus,
    line === null
      ? missing('rateExponent', '1', 'it takes two currents')
      : figure('rateExponent', [line.slope, '1'], { uncertainty: line.slopeUncertainty }),
    hasReturn
      ? figure('recoveryRatio', [last.polarisationV / first.polarisationV, '1'], {
          uncertainty: uncertaintyV(first.polarisationV, record.voltage, Math.SQRT2 / first.polarisationV),
        })
      : missing('recoveryRatio', '1', 'the run did not return to its first current'),
    ...kineticFigures(rising, record.voltage),
  ];
}

function plateauV(rows: readonly HalfCycleRow[], half: 'plate' | 'strip'): number {
  const own = rows.filter((row) => row.half === half);
  return medianOf(own.flatMap(({ plateauNv }) => (plateauNv === null ? [] : [plateauNv]))) / 1e9;
}

/** `rows` of two directions average the offset out: of what is left, the gain is common to all points. */
function uncertaintyV(v: number, accuracy: VoltageAccuracy | null, scale: number): number | null {
  return accuracy === null ? null : Math.hypot(accuracy.offsetV, accuracy.gain * v) * scale;
}

/** Shifts each point by its own bound in turn and adds what that makes of R_ct and R. */
function kineticFigures(points: readonly CurvePoint[], accuracy: VoltageAccuracy | null): Figure[] {
  const curve = fitCurve(points);
  if (curve === null) {
    return [missing('chargeTransferResistance', 'ohm cm2', 'it takes three different currents')];
  }
  const shifted = points.map((_, moved) =>
    fitCurve(
      points.map((point, index) => ({
        ...point,
        polarisationV:
          point.polarisationV + (index === moved ? (uncertaintyV(point.polarisationV, accuracy, 1) ?? 0) : 0),
      })),
    ),
  );
  const spread = (of: (curve: NonNullable<ReturnType<typeof fitCurve>>) => number): number | null =>
    accuracy === null
      ? null
      : Math.hypot(...shifted.map((other) => (other === null ? Number.NaN : of(other) - of(curve))));
  const at = { temperatureK: ROOM_TEMPERATURE_K };
  const resistance = chargeTransferOhmCm2(curve);
  return [
    figure('chargeTransferResistance', [resistance, 'ohm cm2'], {
      uncertainty: spread(chargeTransferOhmCm2),
      at,
      note: 'of one electrode, alpha 1/2, for a cell at 25 C',
    }),
    figure('linearResistance', [curve.resistanceOhmCm2, 'ohm cm2'], {
      uncertainty: spread(({ resistanceOhmCm2 }) => resistanceOhmCm2),
      at,
    }),
  ];
}

/** Discharged charge per area of each block (median of its cycles), and last over first. */
function fullCellFigures(record: RunRecord): readonly Figure[] {
  const { areaCm2, currentGainPpm, currentOffsetPpmOfRange, rangeFullScalePa } = record.measurement;
  const blocks = blocksOf(record).flatMap(({ currentPa, rows }) => {
    const whole = rows.filter(({ half, reason }) => half === 'strip' && reason === 'voltage-min');
    const charge = medianOf(whole.map(({ chargeNc }) => chargeNc)) / 3.6e9 / areaCm2;
    const offset = ((currentOffsetPpmOfRange / 1e6) * rangeFullScalePa) / currentPa;
    const uncertainty = charge * Math.hypot(currentGainPpm / 1e6, offset);
    return Number.isFinite(charge) ? [{ density: currentPa / 1e12 / areaCm2, charge, uncertainty }] : [];
  });
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) {
    return [missing('dischargeCapacity', 'mAh/cm2', 'no discharge reached its voltage')];
  }
  const hasReturn = blocks.length > 1 && isSame(first.density, last.density);
  return [
    ...blocks.map(({ density, charge, uncertainty }) =>
      figure('dischargeCapacity', [charge, 'mAh/cm2'], { uncertainty, at: densityPlace(density) }),
    ),
    hasReturn
      ? figure('recoveryRatio', [last.charge / first.charge, '1'])
      : missing('recoveryRatio', '1', 'the run did not return to its first current'),
  ];
}

function densityPlace(density: number): Figure['at'] {
  return { currentMAPerCm2: Number((density * 1e3).toPrecision(6)) };
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a / b - 1) < 1e-6;
}
