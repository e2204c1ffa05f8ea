// High depth of discharge: what part of the foil was used, how long it lasted, and which electrode ran out.
// The foil is what the parameters say; nothing measures it. Pure arithmetic over the record.
import { isMain } from '../half-cycle-row.ts';
import { medianOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import type { HalfCycleRow, RunRecord } from './run-record.ts';

/**
 * DOD = q/(5855 mAh/cm3 d), in % of the thinner foil (notes 6), q the median charge of the main platings;
 * life in cycles at that depth; and the electrode that ran out (notes 3.6): the working one where a strip
 * met its voltage, the other where a plating did, for it strips then.
 */
export function depthFigures(record: RunRecord): readonly Figure[] {
  const rows = record.halfCycles().filter(isMain);
  const whole = rows.filter(({ half, reason }) => half === 'plate' && reason === 'net-charge');
  const depth = record.parameter('depth', 'ratio');
  const name = 'depthOfDischarge';
  if (whole.length === 0) return [missing(name, '%', 'no plating came to its charge')];
  const { areaCm2, currentGainPpm } = record.measurement;
  const platedMAh = medianOf(whole.map(({ chargeNc }) => chargeNc)) / 3.6e9 / areaCm2;
  const foilMAh = foilOf(record);
  const share = foilMAh === null ? null : (platedMAh / foilMAh) * 100;
  const asked = depth === null ? {} : { askedPct: depth / 1e4 };
  return [
    share === null
      ? missing(name, '%', 'nothing says how much zinc the foil holds')
      : figure(name, [share, '%'], { uncertainty: (share * currentGainPpm) / 1e6, at: asked }),
    figure('cyclesAtDepth', [rows.filter(({ half }) => half === 'strip').length, '1']),
    exhaustedOf(rows, record),
  ];
}

/** 5855 mAh/cm3 and 820 mAh/g, for a length in nm and a mass in ug/cm2. */
const [MAH_PER_NM, MAH_PER_UG] = [5.855e-4, 819.9e-6];

/** mAh/cm2 of the foil, by its thickness or its loading. */
function foilOf(record: RunRecord): number | null {
  const thicknessNm = record.parameter('foil_thickness', 'length') ?? 0;
  const loadingUg = record.parameter('foil_loading', 'arealMass') ?? 0;
  const foil = thicknessNm * MAH_PER_NM + loadingUg * MAH_PER_UG;
  return foil > 0 ? foil : null;
}

/** 1: the working electrode, 2: the other one. */
function exhaustedOf(rows: readonly HalfCycleRow[], { verdict }: RunRecord): Figure {
  const last = rows.at(-1);
  const name = 'exhaustedElectrode';
  if (last === undefined || verdict === 'completed') return missing(name, '1', 'none ran out');
  if (last.half === 'strip' && last.reason === 'voltage-max') return figure(name, [1, '1'], RAN_OUT);
  if (last.half === 'plate' && last.reason === 'voltage-min') return figure(name, [2, '1'], RAN_OUT);
  return missing(name, '1', 'the run did not end at the voltage of a foil that runs out');
}

const RAN_OUT = { note: '1: the working electrode, 2: the other one' };
