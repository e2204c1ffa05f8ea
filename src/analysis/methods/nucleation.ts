// Nucleation overpotential: how far the tip of the first plating stands above its plateau. Some authors
// report the tip alone, so all three are given. Pure arithmetic over the record.
import { type Figure, figure, missing } from './figure.ts';
import { isNamed, type RunRecord } from './run-record.ts';

/**
 * eta_tip = largest v in the first tenth of the charge, eta_plateau = median of v over 40 to 60 % of it,
 * eta_nuc = eta_tip - eta_plateau, v = V sgn(I), all in mV (notes 6). The offset of the meter cancels in the
 * difference.
 */
export function nucleationFigures(record: RunRecord): readonly Figure[] {
  const step = record.steps().find((found) => isNamed(found, 'nucleation'));
  const row = record.halfCycles().find(({ stepNumber }) => stepNumber === step?.stepNumber);
  const name = 'nucleationOverpotential';
  if (row === undefined) return [missing(name, 'mV', 'nothing was plated')];
  if (row.isInterrupted) return [missing(name, 'mV', 'the plating was interrupted')];
  const { tipNv, plateauNv } = row;
  if (tipNv === null || plateauNv === null) {
    return [missing(name, 'mV', 'no sample lies in the first tenth, or none in the middle')];
  }
  const bounds = record.voltage;
  const ofOne = (nv: number): number | null =>
    bounds === null ? null : Math.hypot(bounds.offsetV, (bounds.gain * nv) / 1e9) * 1e3;
  const difference = tipNv - plateauNv;
  return [
    figure('tipOverpotential', [tipNv / 1e6, 'mV'], { uncertainty: ofOne(tipNv) }),
    figure('plateauOverpotential', [plateauNv / 1e6, 'mV'], { uncertainty: ofOne(plateauNv) }),
    figure(name, [difference / 1e6, 'mV'], {
      uncertainty: bounds === null ? null : (bounds.gain * Math.abs(difference)) / 1e6,
    }),
  ];
}
