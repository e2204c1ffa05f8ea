// Coulombic efficiency by cycles and from a reservoir. Charge is what the device metered. Pure arithmetic
// over the record; a run that never stripped to its cut-off has no efficiency, whatever it passed.
import {
  type CoulombicEfficiency,
  coulombicEfficiency,
  type CycleEfficiency,
  efficiencyUncertainty,
} from '../coulombic-efficiency.ts';
import { sumOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type HalfCycleRow, isNamed, type RunRecord } from './run-record.ts';

/** CE = Q_strip / Q_plate over the main cycles, in % (notes 2.1, its uncertainty 2.5). */
export function efficiencyFigures(record: RunRecord): readonly Figure[] {
  const found = coulombicEfficiency(record.halfCycles(), record.measurement);
  if (found === null) {
    return [missing('efficiency', '%', 'no cycle was plated to its charge and stripped to its cut-off')];
  }
  return [ofSums(found), ofCycles(found), ...ofFirst(found)];
}

function ofSums({ sum, uncertainty }: CoulombicEfficiency): Figure {
  return figure('efficiency', [sum * 100, '%'], { uncertainty: uncertainty * 100 });
}

function ofCycles({ mean, uncertainty, cycles }: CoulombicEfficiency): Figure {
  return figure('meanEfficiency', [mean * 100, '%'], { uncertainty: uncertainty * 100, at: { cycles } });
}

function ofFirst({ first }: CoulombicEfficiency): Figure[] {
  if (first === null) return [];
  const { ratio, uncertainty } = first;
  return [
    figure('firstEfficiency', [ratio * 100, '%'], { uncertainty: uncertainty * 100, at: { cycle: 1 } }),
  ];
}

const RESERVOIR = 'reservoir-plating';

/**
 * CE_avg = (n Qc + Qs)/(n Qc + Qt), in % (notes 2.2; B. D. Adams et al., Adv. Energy Mater. 2018): all that
 * was stripped over all that was plated, from the reservoir on. Conditioning is not counted. Where an inner
 * strip met the cut-off, the sums until then, with a note. Its uncertainty is that of one cycle of the whole
 * charge: gains and offset are biases and do not average.
 */
export function reservoirFigures(record: RunRecord): readonly Figure[] {
  const rows = countedRows(record);
  const name = 'reservoirEfficiency';
  const last = rows.at(-1);
  if (last === undefined) return [missing(name, '%', 'the reservoir was never plated')];
  if (rows.some(({ isInterrupted }) => isInterrupted)) {
    return [missing(name, '%', 'a half-cycle was interrupted: what it lost meanwhile is not known')];
  }
  if (last.half !== 'strip' || last.reason !== 'voltage-max') {
    return [missing(name, '%', 'the last strip did not reach its cut-off: nobody knows what is left')];
  }
  const whole = wholeOf(rows, record);
  const isEarly = last.phase === 'cycling';
  const inner = rows.filter(({ phase, half }) => phase === 'cycling' && half === 'strip').length;
  const note = 'an inner strip met the cut-off: the reservoir was used up, and the sums end there';
  return [
    figure(name, [whole.ratio * 100, '%'], {
      uncertainty: efficiencyUncertainty([whole], record.measurement) * 100,
      at: { innerCycles: inner },
      ...(isEarly ? { note } : {}),
    }),
    figure('lostCharge', [(whole.plateNc - whole.stripNc) / 3.6e9 / record.measurement.areaCm2, 'mAh/cm2'], {
      uncertainty: lostUncertainty(whole, record),
    }),
  ];
}

/** From the plating of the reservoir on. */
function countedRows(record: RunRecord): readonly HalfCycleRow[] {
  const start = record.steps().find((step) => isNamed(step, RESERVOIR))?.stepNumber;
  return start === undefined ? [] : record.halfCycles().filter(({ stepNumber }) => stepNumber >= start);
}

/** The counted part as one large cycle. Its substrate is a fresh one where nothing was conditioned. */
function wholeOf(rows: readonly HalfCycleRow[], record: RunRecord): CycleEfficiency {
  const [plated, stripped] = (['plate', 'strip'] as const).map((half) => {
    const own = rows.filter((row) => row.half === half);
    return {
      chargeNc: sumOf(own.map(({ chargeNc }) => chargeNc)),
      timeUs: sumOf(own.map(({ endUs, startUs }) => endUs - startUs)),
    };
  });
  const [plateNc, stripNc] = [plated?.chargeNc ?? 0, stripped?.chargeNc ?? 0];
  const isFresh = record.halfCycles()[0]?.stepNumber === rows[0]?.stepNumber;
  return {
    cycle: isFresh ? 1 : 2,
    ...{ plateNc, stripNc, plateUs: plated?.timeUs ?? 0, stripUs: stripped?.timeUs ?? 0 },
    restUs: 0,
    cutOffNv: rows.at(-1)?.endNv ?? 0,
    ratio: stripNc / plateNc,
  };
}

function lostUncertainty(whole: CycleEfficiency, { measurement }: RunRecord): number {
  return (efficiencyUncertainty([whole], measurement) * whole.plateNc) / 3.6e9 / measurement.areaCm2;
}
