// What rest costs: the charge that does not come back after a pause with plated zinc, or of a charged
// battery. Each rest is compared with the cycles around it, so that slow drift cancels. Pure arithmetic.
import { type CycleEfficiency, efficiencySeries, withoutRested } from '../coulombic-efficiency.ts';
import { deviationOf, meanOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type EndedStep, isNamed, type RunRecord } from './run-record.ts';

/**
 * For each rest: CE_rest (%), loss = 1 - CE_rest/CE_0 (%), and the equivalent current j_cal = Q_plate (CE_0 -
 * CE_rest)/t_rest in uA/cm2 (notes 2.3). CE_0 is the mean of what stands before and behind, each the mean of
 * its cycles without rest; the first cycle of a fresh substrate is left out. Of a full cell see
 * `shelvingFigures`.
 */
export function calendarFigures(record: RunRecord): readonly Figure[] {
  if (record.steps().some((step) => isNamed(step, 'shelving'))) return shelvingFigures(record);
  const { cycles } = efficiencySeries(record.halfCycles());
  const plain = new Set(withoutRested(cycles));
  const rests = cycles.filter((cycle) => !plain.has(cycle));
  if (rests.length === 0) return [missing('calendarLoss', '%', 'no cycle rested with its zinc plated')];
  return rests.flatMap((rested) => ofRest(rested, sidesOf(rested, { cycles, plain }), record));
}

interface Sides {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** Ratios of the cycles without rest between this rest and its neighbours. */
function sidesOf(
  rested: CycleEfficiency,
  all: { readonly cycles: readonly CycleEfficiency[]; readonly plain: ReadonlySet<CycleEfficiency> },
): Sides {
  const place = all.cycles.indexOf(rested);
  const until = (some: readonly CycleEfficiency[]): readonly number[] => {
    const next = some.findIndex((cycle) => !all.plain.has(cycle));
    const near = next < 0 ? some : some.slice(0, next);
    return near.filter(({ cycle }) => cycle > 1).map(({ ratio }) => ratio);
  };
  return {
    before: until(all.cycles.slice(0, place).reverse()),
    behind: until(all.cycles.slice(place + 1)),
  };
}

function ofRest(rested: CycleEfficiency, { before, behind }: Sides, { measurement }: RunRecord): Figure[] {
  const at = { restHours: Number((rested.restUs / 3.6e9).toPrecision(6)), cycle: rested.cycle };
  const sides = [before, behind].filter((side) => side.length > 0);
  if (sides.length === 0) {
    return [missing('calendarLoss', '%', 'no cycle without rest stands beside it: raise between', at)];
  }
  const ratio = meanOf(sides.map(meanOf));
  const lost = ratio - rested.ratio;
  // Gain and offset are the same in both and cancel, but for their share of the difference itself.
  const { currentGainPpm, tickUs } = measurement;
  const scatter = Math.max(...sides.map(deviationOf), tickUs / rested.stripUs);
  const ofMean = Math.hypot(...sides.map((side) => 1 / Math.sqrt(side.length))) / sides.length;
  const uncertainty = Math.hypot(scatter * Math.hypot(1, ofMean), lost * Math.SQRT2 * (currentGainPpm / 1e6));
  // nC in us are 1e-3 A.
  const current = (rested.plateNc / rested.restUs / measurement.areaCm2) * 1e3;
  return [
    figure('restEfficiency', [rested.ratio * 100, '%'], { at }),
    figure('calendarLoss', [(lost / ratio) * 100, '%'], { uncertainty: (uncertainty / ratio) * 100, at }),
    figure('calendarCurrent', [lost * current, 'uA/cm2'], { uncertainty: uncertainty * current, at }),
  ];
}

/**
 * Of a charged battery: the share of the discharge that a rest took, how much of it the cycles behind it do
 * not give back, and the equivalent current (notes 2.3).
 */
function shelvingFigures(record: RunRecord): readonly Figure[] {
  const steps = record.steps();
  const rest = steps.find((step) => isNamed(step, 'shelving'));
  // A discharge is negative on the counter of the run.
  const charges = (name: string): number[] =>
    steps.filter((step) => isNamed(step, name) && isWhole(step)).map(({ chargeNc }) => Math.abs(chargeNc));
  const [shelf] = charges('shelf-discharging');
  const before = charges('discharging');
  if (rest === undefined || shelf === undefined || before.length === 0) {
    return [missing('shelfLoss', '%', 'there is no whole discharge both before and after the rest')];
  }
  const at = { restHours: Number(((rest.endUs - rest.startUs) / 3.6e9).toPrecision(6)) };
  const usual = meanOf(before);
  const lost = 1 - shelf / usual;
  const { currentGainPpm, areaCm2 } = record.measurement;
  const scatter = deviationOf(before) / usual;
  const uncertainty = Math.hypot(
    scatter * Math.hypot(1, 1 / Math.sqrt(before.length)),
    lost * Math.SQRT2 * (currentGainPpm / 1e6),
  );
  // nC in us are 1e-3 A.
  const current = (usual / (rest.endUs - rest.startUs) / areaCm2) * 1e3;
  const after = charges('discharging-after');
  const kept = meanOf(after) / usual;
  return [
    figure('shelfLoss', [lost * 100, '%'], { uncertainty: uncertainty * 100, at }),
    figure('selfDischargeCurrent', [lost * current, 'uA/cm2'], { uncertainty: uncertainty * current, at }),
    after.length === 0
      ? missing('permanentLoss', '%', 'no discharge stands behind the rest', at)
      : figure('permanentLoss', [(1 - kept) * 100, '%'], { uncertainty: scatter * 100, at }),
  ];
}

function isWhole({ reason }: EndedStep): boolean {
  return reason === 'voltage-min';
}
