// What a protocol of the language expects of its cell, and what the cell may never exceed: from its `cell`
// and `safety`, else from the kind of cell and from its steps. Pure. Never looser than what a step needs,
// with room.
import { formatQuantity } from '../base/quantity.ts';
import { mostLostNc } from '../steps/most-lost.ts';
import type { CellLimits, PreflightPlan } from '../steps/protocol.ts';
import type { Step } from '../steps/step.ts';
import type { Expression, Place } from './expression.ts';
import { complain, type Sheet, wholeOf } from './resolve-values.ts';
import type { CellKind, SourceCell, SourceProtocol, SourceSafety } from './source-tree.ts';
import type { ResolvedTree, TreeItem } from './tree.ts';
import { totalsOf } from './tree-totals.ts';

export interface CellPlan {
  readonly preflight: PreflightPlan;
  readonly cellLimits: CellLimits;
  readonly currentMaxPa: number;
}

interface KindOfCell {
  /** null: the protocol must say it. */
  readonly resting: { readonly ocvMinNv: number; readonly ocvMaxNv: number } | null;
  readonly contact: PreflightPlan['contact'];
  readonly hint: string;
  /** Least resistance that is no short, 1e-3 ohm cm2. */
  readonly resistanceMinMohmCm2: number;
}

/** Windows: electrochem notes, section 1, pre-flight. */
const KINDS: Readonly<Record<CellKind, KindOfCell>> = {
  'zn-zn': {
    resting: { ocvMinNv: -50_000_000, ocvMaxNv: 50_000_000 },
    contact: 'both-directions',
    hint: 'a Zn||Zn cell rests within 50 mV of zero: is this the right cell, and are the leads on it?',
    resistanceMinMohmCm2: 1_000,
  },
  'zn-cu': {
    resting: { ocvMinNv: 200_000_000, ocvMaxNv: 1_200_000_000 },
    contact: 'plating-only',
    hint:
      'a fresh Zn||Cu or Zn||Ti cell rests at +0.2 V to +1.2 V; near zero it is shorted or was plated, ' +
      'below zero the leads are reversed',
    resistanceMinMohmCm2: 0,
  },
  'full-cell': {
    resting: null,
    contact: 'both-directions',
    hint: 'is this the right cell, and which way round? below zero the leads are reversed',
    resistanceMinMohmCm2: 1_000,
  },
  other: {
    resting: null,
    contact: 'none',
    hint: 'is this the cell that the protocol is for, and are the leads on it, the right way round?',
    resistanceMinMohmCm2: 0,
  },
};

/** Of the contact check: what every kind of cell is below with good contacts, 1e-3 ohm cm2. */
const RESISTANCE_MAX_MOHM_CM2 = 500_000;
const VOLTAGE_LEAST_NV = 2_000_000_000;
/** Room above what the steps themselves ask for. */
const ROOM = 1.2;

/** null: something is missing or does not fit; the sheet says what. */
export function cellPlan(
  sheet: Sheet,
  source: SourceProtocol,
  { tree, areaUcm2 }: { readonly tree: ResolvedTree; readonly areaUcm2: number },
): CellPlan | null {
  const steps = stepsOf(tree.items);
  const resting = restingWindow(sheet, source.cell);
  const current = currentLimits(sheet, source.safety, steps);
  if (resting === null || current === null) return null;
  const voltages = voltageLimits(sheet, source.safety, { steps, resting });
  const given = source.safety.netCharge;
  const netChargeMaxNc =
    given === null
      ? netChargeMax(tree, { areaUcm2, limitPa: current.limitPa })
      : chargeAboveZero(sheet, given);
  if (voltages === null || netChargeMaxNc === null) return null;
  const { contact: usual, hint, resistanceMinMohmCm2 } = KINDS[source.cell.kind];
  const hasCurrent = steps.some(({ mode }) => mode.kind === 'cc');
  return {
    preflight: {
      ...resting,
      ocvHint: hint,
      // Without a current of its own the protocol says nothing about which one the cell may bear.
      contact: source.cell.contact ?? (hasCurrent ? usual : 'none'),
      contactCurrentPa: Math.max(1, Math.round(current.currentMaxPa / 10)),
      resistanceMinMohmCm2,
      resistanceMaxMohmCm2: RESISTANCE_MAX_MOHM_CM2,
      areaUcm2,
    },
    cellLimits: { ...voltages, currentMaxPa: current.limitPa, netChargeMaxNc },
    currentMaxPa: current.currentMaxPa,
  };
}

export function stepsOf(items: readonly TreeItem[]): Step[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item.step] : stepsOf(item.items)));
}

function chargeAboveZero(sheet: Sheet, given: Expression): number | null {
  const found = wholeOf(sheet, given, 'charge');
  if (found === null || found > 0) return found;
  complain(
    sheet,
    given.at,
    `"net charge" of "safety" is more than nothing; found ${formatQuantity(found, 'charge')}`,
  );
  return null;
}

/** There is no place of a section as a whole: the top of the text. */
const TOP: Place = { line: 1, column: 1 };

function restingWindow(sheet: Sheet, cell: SourceCell): KindOfCell['resting'] {
  const { resting } = KINDS[cell.kind];
  const { restingFrom, restingTo } = cell;
  if (restingFrom === null || restingTo === null) {
    if (resting === null) {
      const advice = `"resting: [0.8 V, 1.9 V]" says at which voltages it may rest before any current`;
      complain(sheet, TOP, `a cell of the kind "${cell.kind}" needs a window: ${advice}`);
    }
    return resting;
  }
  const ocvMinNv = wholeOf(sheet, restingFrom, 'voltage');
  const ocvMaxNv = wholeOf(sheet, restingTo, 'voltage');
  if (ocvMinNv === null || ocvMaxNv === null) return null;
  if (ocvMinNv < ocvMaxNv) return { ocvMinNv, ocvMaxNv };
  complain(sheet, restingFrom.at, '"resting" goes from the lower voltage to the higher one');
  return null;
}

function currentLimits(
  sheet: Sheet,
  { current }: SourceSafety,
  steps: readonly Step[],
): { readonly currentMaxPa: number; readonly limitPa: number } | null {
  const askedPa = Math.max(0, ...steps.map(currentOf));
  const limitPa = current === null ? Math.round(askedPa * ROOM) : wholeOf(sheet, current, 'current');
  if (limitPa === null) return null;
  const isDriven = steps.some(({ mode }) => mode.kind !== 'rest');
  if (current === null) {
    const setsVoltage = steps.some(({ mode }) => mode.kind === 'cv' || mode.kind === 'sweep');
    if (isDriven && !setsVoltage) return { currentMaxPa: askedPa, limitPa };
    if (!isDriven) return { currentMaxPa: 1, limitPa: 1_000_000 };
    if (askedPa > 0) return { currentMaxPa: askedPa, limitPa };
    const found = 'nothing says how large a current may flow while a voltage is held';
    complain(sheet, TOP, `${found}: write "safety: {current: 20 mA}", which also chooses the range`);
    return null;
  }
  if (limitPa > askedPa) {
    // The range must hold what a held voltage may draw, and no more than that.
    const currentMaxPa = Math.max(1, askedPa, steps.some(isVoltageSet) ? Math.floor(limitPa / ROOM) : 0);
    return { currentMaxPa, limitPa };
  }
  complain(
    sheet,
    current.at,
    'a step asks for this current or more; give "safety: current" room above the steps',
  );
  return null;
}

function isVoltageSet({ mode }: Step): boolean {
  return mode.kind === 'cv' || mode.kind === 'sweep' || (mode.kind === 'eis' && mode.bias.kind === 'voltage');
}

function currentOf({ mode }: Step): number {
  if (mode.kind === 'cc') return Math.abs(mode.currentPa);
  if (mode.kind !== 'eis' || mode.bias.kind !== 'current') return 0;
  // The peak of a sine is 1.41 of its effective value.
  return Math.ceil(Math.abs(mode.bias.currentPa) + 1.5 * mode.bias.amplitudePa);
}

function voltageLimits(
  sheet: Sheet,
  { voltageAbove, voltageBelow }: SourceSafety,
  {
    steps,
    resting,
  }: { readonly steps: readonly Step[]; readonly resting: NonNullable<KindOfCell['resting']> },
): Pick<CellLimits, 'voltageMaxNv' | 'voltageMinNv'> | null {
  const reached = [resting.ocvMinNv, resting.ocvMaxNv, ...steps.flatMap(voltagesOf)];
  const largestNv = Math.max(...reached.map(Math.abs));
  const usualNv = Math.max(VOLTAGE_LEAST_NV, Math.ceil(largestNv * ROOM));
  const voltageMaxNv = voltageAbove === null ? usualNv : wholeOf(sheet, voltageAbove, 'voltage');
  const voltageMinNv = voltageBelow === null ? -usualNv : wholeOf(sheet, voltageBelow, 'voltage');
  if (voltageMaxNv === null || voltageMinNv === null) return null;
  const highest = Math.max(...reached);
  const lowest = Math.min(...reached);
  if (voltageAbove !== null && voltageMaxNv <= highest) return tooTight(sheet, voltageAbove.at, 'above');
  if (voltageBelow !== null && voltageMinNv >= lowest) return tooTight(sheet, voltageBelow.at, 'below');
  return { voltageMaxNv, voltageMinNv };
}

function tooTight(sheet: Sheet, at: Place, side: 'above' | 'below'): null {
  const found = `a step or the resting window reaches "voltage ${side}" of "safety"`;
  complain(sheet, at, `${found}: it faults the run, so it stands beyond all of them`);
  return null;
}

function voltagesOf({ mode, limits }: Step): number[] {
  const ends = [limits.voltageMaxNv, limits.voltageMinNv].filter((voltageNv) => voltageNv !== null);
  switch (mode.kind) {
    case 'rest':
    case 'cc':
      return ends;
    case 'cv':
      return [...ends, mode.voltageNv];
    case 'sweep':
      return [...ends, mode.fromNv, ...mode.verticesNv];
    case 'eis':
      return mode.bias.kind === 'voltage' ? [...ends, mode.bias.voltageNv] : ends;
  }
}

/**
 * How far the run's net counter may move. Between the turning points of the course as it is foreseen, half as
 * much again; to that comes what a step by voltage, charge or time may leave behind in each of its passes
 * (half of its charge), up to what no counter electrode could have supplied; and the pulse of the contact
 * check.
 */
function netChargeMax(
  tree: ResolvedTree,
  { areaUcm2, limitPa }: { readonly areaUcm2: number; readonly limitPa: number },
): number {
  const sums: ChargeSums = { limitPa, largestNc: 0, targetNc: 0, leftNc: 0 };
  const add = (items: readonly TreeItem[], passes: number): void => {
    for (const item of items) {
      if (item.kind === 'group') add(item.items, passes * item.count);
      else addStep(sums, item.step, passes);
    }
  };
  add(tree.items, 1);
  const mostNc = mostLostNc(areaUcm2);
  const roomNc = 1.5 * Math.max(sums.largestNc, sums.targetNc, totalsOf(tree).netChargeMostNc);
  return Math.round(Math.min(sums.leftNc, mostNc) + roomNc + 1_000_000);
}

interface ChargeSums {
  readonly limitPa: number;
  largestNc: number;
  targetNc: number;
  leftNc: number;
}

function addStep(
  sums: ChargeSums,
  { mode, limits, durationExpectedUs, durationMaxUs }: Step,
  passes: number,
): void {
  // What a held voltage makes flow nobody knows before: at most the largest current, all of its time.
  if (mode.kind === 'cv' || mode.kind === 'sweep')
    sums.leftNc += (passes * sums.limitPa * durationMaxUs) / 1e9;
  if (mode.kind !== 'cc') return;
  // pA us is 1e-9 nC; the contact check takes a tenth of a current for 2 s.
  const currentPa = Math.abs(mode.currentPa);
  const chargeNc = (currentPa * durationExpectedUs) / 1e9;
  sums.largestNc = Math.max(sums.largestNc, (currentPa * durationMaxUs) / 1e9 + (currentPa / 10) * 2e-3);
  if (limits.netChargeNc === null) sums.leftNc += passes * chargeNc * 0.5;
  else sums.targetNc = Math.max(sums.targetNc, Math.abs(limits.netChargeNc));
}
