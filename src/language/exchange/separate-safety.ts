// Galvanode keeps the hard limits of the cell beyond every end of a step: other languages do not. What of a
// tree such a document can say: limits that a step reaches become its end, and end the run. Pure.
import type { CellKind } from '../source-tree.ts';
import {
  type ExchangeItem,
  type ExchangeSafety,
  type ExchangeStep,
  type ExchangeTree,
  stepsOf,
  volts,
} from './exchange-tree.ts';

export interface Separated extends ExchangeTree {
  /** Where the cell may rest before any current. */
  readonly window: { readonly fromNv: number; readonly toNv: number };
  /** This end of the step is the hard limit of the tree. */
  readonly endsRun: (step: ExchangeStep, side: 'above' | 'below') => boolean;
  readonly dropped: readonly string[];
}

/** Windows of the kinds that have one of their own (protocol-cell.ts), nV. */
const WINDOWS: Readonly<Partial<Record<CellKind, Separated['window']>>> = {
  'zn-zn': { fromNv: -50_000_000, toNv: 50_000_000 },
  'zn-cu': { fromNv: 200_000_000, toNv: 1_200_000_000 },
};
/** Of a cell of which nothing is known. */
const REST_MAX_NV = 2_000_000_000;
const REST_LEAST_NV = 50_000_000;

export function separateSafety({ items, safety }: ExchangeTree, cell: CellKind): Separated {
  const steps = stepsOf(items);
  const window = WINDOWS[cell] ?? windowOf(steps, safety);
  const above = reached(steps, 'above');
  const below = reached(steps, 'below');
  const { voltageAboveNv, voltageBelowNv, currentPa } = safety;
  const isAboveOwn = voltageAboveNv !== null && Math.max(window.toNv, ...above) < voltageAboveNv;
  const isBelowOwn = voltageBelowNv !== null && Math.min(window.fromNv, ...below) > voltageBelowNv;
  const askedPa = Math.max(
    0,
    ...steps.map(({ mode }) => (mode.kind === 'cc' ? Math.abs(mode.currentPa) : 0)),
  );
  const isCurrentOwn = currentPa !== null && currentPa > askedPa;
  const dropped: string[] = [];
  const told = (side: 'above' | 'below', voltageNv: number): void => {
    const found = `safety: voltage ${side} ${volts(voltageNv)} is not beyond the steps and the rest window`;
    dropped.push(`${found}: where a step comes to it, the run ends; elsewhere the usual limit holds`);
  };
  if (voltageAboveNv !== null && !isAboveOwn) told('above', voltageAboveNv);
  if (voltageBelowNv !== null && !isBelowOwn) told('below', voltageBelowNv);
  if (currentPa !== null && !isCurrentOwn)
    dropped.push('safety: the limit of current is not beyond the steps: 1.2 times the largest holds');
  const ends = {
    aboveNv: isAboveOwn ? null : voltageAboveNv,
    belowNv: isBelowOwn ? null : voltageBelowNv,
  };
  return {
    items: items.map((item) => withinSafety(item, ends)),
    safety: {
      voltageAboveNv: isAboveOwn ? voltageAboveNv : null,
      voltageBelowNv: isBelowOwn ? voltageBelowNv : null,
      currentPa: isCurrentOwn ? currentPa : null,
    },
    window,
    endsRun: ({ voltageAboveNv: stepAboveNv, voltageBelowNv: stepBelowNv }, side) =>
      side === 'above'
        ? ends.aboveNv !== null && stepAboveNv !== null && stepAboveNv >= ends.aboveNv
        : ends.belowNv !== null && stepBelowNv !== null && stepBelowNv <= ends.belowNv,
    dropped,
  };
}

interface HardEnds {
  readonly aboveNv: number | null;
  readonly belowNv: number | null;
}

/** An end beyond the hard limit would never come: the limit comes first. */
function withinSafety(item: ExchangeItem, ends: HardEnds): ExchangeItem {
  if (item.kind === 'group') return { ...item, items: item.items.map((inner) => withinSafety(inner, ends)) };
  const { voltageAboveNv, voltageBelowNv } = item;
  const { aboveNv, belowNv } = ends;
  return {
    ...item,
    voltageAboveNv:
      voltageAboveNv === null || aboveNv === null ? voltageAboveNv : Math.min(voltageAboveNv, aboveNv),
    voltageBelowNv:
      voltageBelowNv === null || belowNv === null ? voltageBelowNv : Math.max(voltageBelowNv, belowNv),
  };
}

/** Voltages that steps end at or hold. */
function reached(steps: readonly ExchangeStep[], side: 'above' | 'below' | 'both'): number[] {
  return steps.flatMap(({ mode, voltageAboveNv, voltageBelowNv }) => {
    const ends = side === 'above' ? [voltageAboveNv] : side === 'below' ? [voltageBelowNv] : [];
    const both = side === 'both' ? [voltageAboveNv, voltageBelowNv] : ends;
    const known = both.filter((voltageNv) => voltageNv !== null);
    return mode.kind === 'cv' ? [...known, mode.voltageNv] : known;
  });
}

/** Between the ends of the steps; of a tree without any, nearly between its hard limits. */
function windowOf(steps: readonly ExchangeStep[], safety: ExchangeSafety): Separated['window'] {
  const known = reached(steps, 'both');
  if (known.length === 0) {
    const [below, above] = [safety.voltageBelowNv ?? 0, safety.voltageAboveNv ?? REST_MAX_NV];
    return { fromNv: Math.round(0.95 * below), toNv: Math.round(0.95 * above) };
  }
  const [fromNv, toNv] = [Math.min(...known), Math.max(...known)];
  if (fromNv < toNv) return { fromNv, toNv };
  return { fromNv: Math.min(-REST_LEAST_NV, fromNv), toNv: Math.max(REST_LEAST_NV, toNv) };
}
