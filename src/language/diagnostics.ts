// What can be measured between cycles, by one parameter of any cycling protocol: a rest, an interruption of
// the current, or a probe of the conductance. Each is a small tree that passes no net charge, run behind
// every n-th cycle (steps/protocol.ts). Never part of a cycle: its steps belong to no half-cycle.
import { type AnyParameterValues, choice, count } from '../steps/parameters.ts';
import type { PreparedProtocol } from '../steps/protocol.ts';
import { NO_LIMITS, possibleEnds, type Step } from '../steps/step.ts';
import { type EndRule, type TreeItem, treeOf, type TreeStep } from './tree.ts';
import { createTreeProgram } from './tree-program.ts';
import { totalsOf } from './tree-totals.ts';

/** Parameters of a protocol that offers them. */
export const DIAGNOSTICS = {
  diagnostics: choice(
    'none',
    ['none', 'rest', 'interrupt', 'probe'],
    'measured between cycles: a rest of 10 min; the current interrupted; ±0.2, 1 and 3 times the current',
  ),
  diagnostics_every: count(50, [1, 1_000_000], 'cycles from one such measurement to the next'),
} as const;

export interface DiagnosticsValues {
  readonly diagnostics: 'none' | 'rest' | 'interrupt' | 'probe';
  readonly diagnostics_every: number;
}

/** Of parsed parameters; null: the protocol does not offer them. */
export function diagnosticsValues(values: AnyParameterValues): DiagnosticsValues | null {
  const { diagnostics, diagnostics_every: every } = values;
  const kind = DIAGNOSTICS.diagnostics.choices.find((word) => word === diagnostics);
  return kind === undefined || typeof every !== 'number'
    ? null
    : { diagnostics: kind, diagnostics_every: every };
}

const SECOND_US = 1_000_000;
const REST_US = 600 * SECOND_US;
const PULSE_US = 2 * SECOND_US;
const BEFORE_INTERRUPT_US = 60 * SECOND_US;
const INTERRUPT_US = 10 * SECOND_US;
/** Parts per ten of the cycling current: a short shows in a probe at 3 times it (electrochem notes, 3.2). */
const PROBED_TENTHS = [2, 10, 30];

/**
 * The protocol with what was asked for between its cycles: range, hard limits and plan have room for it.
 * `currentPa`: of the cycles. `voltageNv`: what a pulse may reach before it is cut short.
 */
export function withDiagnostics(
  prepared: PreparedProtocol,
  { diagnostics: kind, diagnostics_every: everyCycles }: DiagnosticsValues,
  given: { readonly currentPa: number; readonly voltageNv: number },
): PreparedProtocol {
  const items = itemsOf(kind, given);
  if (items.length === 0) return prepared;
  const tree = { items };
  const { durationExpectedUs, netChargeMostNc, steps } = totalsOf(tree);
  const { cellLimits, plan } = prepared;
  const program = createTreeProgram(tree, { id: `diagnostics-${kind}` });
  const diagnostics = { everyCycles, program };
  const times = diagnosticsTimes({ ...prepared, diagnostics });
  const currents = items.map(({ step: { mode } }) => (mode.kind === 'cc' ? Math.abs(mode.currentPa) : 0));
  const currentMaxPa = Math.max(prepared.currentMaxPa, ...currents);
  return {
    ...prepared,
    currentMaxPa,
    cellLimits: {
      ...cellLimits,
      currentMaxPa: Math.max(cellLimits.currentMaxPa, Math.round(currentMaxPa * ROOM)),
      netChargeMaxNc: cellLimits.netChargeMaxNc + Math.round(netChargeMostNc * ROOM),
    },
    plan: {
      ...plan,
      steps: plan.steps + times * steps,
      durationUs: plan.durationUs + times * durationExpectedUs,
    },
    diagnostics,
  };
}

/** How often they run in a run that goes through all of its cycles. */
export function diagnosticsTimes(prepared: PreparedProtocol): number {
  const { diagnostics, plan } = prepared;
  if (diagnostics === null) return 0;
  const tree = treeOf(prepared);
  // Behind the last cycle a run is over, or goes on with other steps: then they run there as well.
  const isOver = tree === null || endsWithCycle(tree.items.at(-1));
  return Math.floor((isOver ? plan.cycles - 1 : plan.cycles) / diagnostics.everyCycles);
}

function endsWithCycle(last: TreeItem | undefined): boolean {
  if (last === undefined || last.every !== 1) return false;
  if (last.kind === 'step') return last.step.completesCycle;
  return endsWithCycle(last.items.at(-1));
}

/** Above what the steps themselves ask for. */
const ROOM = 1.2;

interface Given {
  readonly currentPa: number;
  readonly voltageNv: number;
}

function itemsOf(kind: DiagnosticsValues['diagnostics'], given: Given): TreeStep[] {
  switch (kind) {
    case 'none':
      return [];
    case 'rest':
      return [rest('diagnostic-rest', { durationUs: REST_US, everyUs: 10 * SECOND_US })];
    case 'interrupt':
      return interruptItems(given);
    case 'probe':
      return PROBED_TENTHS.flatMap((tenths) => probeItems(given, tenths));
  }
}

/** Plates for a minute, looks at the relaxation, and strips what was plated. */
function interruptItems({ currentPa, voltageNv }: Given): TreeStep[] {
  const everyUs = SECOND_US;
  return [
    pulse('interrupt-plating', {
      currentPa: -currentPa,
      voltageNv,
      durationUs: BEFORE_INTERRUPT_US,
      everyUs,
    }),
    rest('interrupt-after-plating', { durationUs: INTERRUPT_US, everyUs: SECOND_US / 10 }),
    pulse('interrupt-stripping', { currentPa, voltageNv, durationUs: BEFORE_INTERRUPT_US, everyUs }),
    rest('interrupt-after-stripping', { durationUs: INTERRUPT_US, everyUs: SECOND_US / 10 }),
  ];
}

/** Plates first: behind a strip to the cut-off there is nothing else to strip. */
function probeItems({ currentPa, voltageNv }: Given, tenths: number): TreeStep[] {
  const probedPa = Math.max(1, Math.round((currentPa * tenths) / 10));
  const times = `${tenths / 10}x`.replace('.', '-');
  const common = { voltageNv, durationUs: PULSE_US, everyUs: SECOND_US / 10 };
  return [
    pulse(`probe-plating-${times}`, { ...common, currentPa: -probedPa }),
    pulse(`probe-stripping-${times}`, { ...common, currentPa: probedPa }),
    rest(`probe-rest-${times}`, { durationUs: PULSE_US, everyUs: SECOND_US / 10 }),
  ];
}

interface Timed {
  readonly durationUs: number;
  readonly everyUs: number;
}

function rest(label: string, timed: Timed): TreeStep {
  return itemOf(label, { ...stepOf(label, timed), mode: { kind: 'rest' }, limits: NO_LIMITS });
}

/** All that the pulse before has plated, and no more: that one may have been cut short, or skipped. */
const GIVES_BACK_PPM = 1_000_000;

function pulse(label: string, { currentPa, voltageNv, ...timed }: Timed & Given): TreeStep {
  const lastStepChargePpm = currentPa > 0 ? GIVES_BACK_PPM : null;
  const limits = { ...NO_LIMITS, voltageMaxNv: voltageNv, voltageMinNv: -voltageNv, lastStepChargePpm };
  return itemOf(label, { ...stepOf(label, timed), mode: { kind: 'cc', currentPa }, limits });
}

function stepOf(programStep: string, { durationUs, everyUs }: Timed): Omit<Step, 'mode' | 'limits'> {
  return {
    programStep,
    phase: 'diagnostic',
    cycle: 0,
    half: null,
    completesCycle: false,
    durationMaxUs: durationUs,
    durationExpectedUs: durationUs,
    record: { everyUs, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: true,
  };
}

/** A pulse that meets its voltage is cut short, and the measurement goes on: it is no failure of the cell. */
function itemOf(label: string, step: Step): TreeStep {
  const ends = Object.fromEntries(possibleEnds(step).map((reason) => [reason, NEXT]));
  return { kind: 'step', label, every: 1, step, ends };
}

const NEXT: EndRule = { then: 'next' };
