// Pre-flight: before any real current, the cell must look like the cell that the protocol expects.
// A program like any other (a pure machine whose states name steps); it judges measured values, so nothing is
// preloaded.
//
//   ocv ──► contactPositive ──► contactNegative ──► passed
//    │            │                    │
//    └────────────┴────────────────────┴──► refused
import { assign, setup } from 'xstate';
import { formatQuantity } from '../base/quantity.ts';
import type { MachineSnapshot, StepEndedEvent } from './machine.ts';
import type { Outcome, PreflightPlan, Program } from './protocol.ts';
import { NO_LIMITS, type Step } from './step.ts';

const OCV_US = 2_000_000;
const CONTACT_US = 2_000_000;

interface PreflightContext {
  readonly ocvNv: number;
  readonly outcome: Outcome | null;
}

/** What a voltage at a limit means while only the contact current flows. */
export const RUNAWAY: Outcome = {
  verdict: 'open-circuit',
  reason: 'the voltage ran away at a tenth of the current: a lead is off or the cell is dry; check the clips',
};

/** The machine and steps for one plan. Ends in `passed`, or in `refused` with a verdict and what to check. */
export function createPreflight(plan: PreflightPlan): Program {
  const machine = setup({
    types: { context: {} as PreflightContext, events: {} as StepEndedEvent },
    guards: {
      ocvIsOutside: ({ event }) => judgeOcv(plan, event) !== null,
      contactIsBad: ({ event, context }) => judgeContact(plan, event, context.ocvNv) !== null,
    },
    actions: {
      keepOcv: assign({ ocvNv: ({ event }) => event.voltageNv }),
      refuseOcv: assign({ outcome: ({ event }) => judgeOcv(plan, event) }),
      refuseContact: assign({ outcome: ({ event, context }) => judgeContact(plan, event, context.ocvNv) }),
    },
  }).createMachine({
    id: 'preflight',
    context: { ocvNv: 0, outcome: null },
    initial: 'ocv',
    states: {
      ocv: {
        on: {
          'step.ended': [
            { guard: 'ocvIsOutside', target: 'refused', actions: 'refuseOcv' },
            { target: 'contactPositive', actions: 'keepOcv' },
          ],
        },
      },
      contactPositive: {
        on: {
          'step.ended': [
            { guard: 'contactIsBad', target: 'refused', actions: 'refuseContact' },
            { target: 'contactNegative' },
          ],
        },
      },
      contactNegative: {
        on: {
          'step.ended': [
            { guard: 'contactIsBad', target: 'refused', actions: 'refuseContact' },
            { target: 'passed' },
          ],
        },
      },
      passed: { type: 'final' },
      refused: { type: 'final' },
    },
  });
  return { machine, stepOf: (snapshot) => stepOf(plan, snapshot), outcomeOf };
}

function stepOf(plan: PreflightPlan, snapshot: MachineSnapshot): Step | null {
  switch (snapshot.value) {
    case 'ocv':
      return { ...step('ocv', OCV_US), phase: 'ocv', mode: { kind: 'rest' } };
    case 'contactPositive':
      return contactStep(plan, 1);
    case 'contactNegative':
      return contactStep(plan, -1);
    default:
      return null;
  }
}

/**
 * The negative pulse takes back exactly what the positive one gave, so that cycling starts from a net charge
 * of zero.
 */
function contactStep(plan: PreflightPlan, sign: 1 | -1): Step {
  const base = step(
    sign > 0 ? 'contact-positive' : 'contact-negative',
    sign > 0 ? CONTACT_US : 2 * CONTACT_US,
  );
  const limits = {
    ...NO_LIMITS,
    netChargeNc: sign > 0 ? null : 0,
    // Wide: a contact that is missing shows as the voltage running to a limit within milliseconds.
    voltageMaxNv: 1_500_000_000,
    voltageMinNv: -1_500_000_000,
  };
  return { ...base, phase: 'contact', mode: { kind: 'cc', currentPa: sign * plan.contactCurrentPa }, limits };
}

function step(programStep: string, durationMaxUs: number): Omit<Step, 'phase' | 'mode'> {
  return {
    programStep,
    cycle: 0,
    half: null,
    completesCycle: false,
    durationMaxUs,
    durationExpectedUs: Math.min(durationMaxUs, CONTACT_US),
    limits: NO_LIMITS,
    record: { everyUs: 100_000, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: false,
  };
}

function judgeOcv(plan: PreflightPlan, event: StepEndedEvent): Outcome | null {
  if (event.voltageNv >= plan.ocvMinNv && event.voltageNv <= plan.ocvMaxNv) return null;
  const window = `${formatQuantity(plan.ocvMinNv, 'voltage')} … ${formatQuantity(plan.ocvMaxNv, 'voltage')}`;
  const found = formatQuantity(Math.round(event.voltageNv / 100_000) * 100_000, 'voltage');
  return { verdict: 'fault', reason: `open-circuit voltage ${found} is outside ${window}: ${plan.ocvHint}` };
}

function judgeContact(plan: PreflightPlan, event: StepEndedEvent, ocvNv: number): Outcome | null {
  if (event.reason === 'voltage-max' || event.reason === 'voltage-min') return RUNAWAY;
  if (event.currentPa === 0)
    return { verdict: 'fault', reason: 'no current flowed in the contact check; check the instrument' };
  // nV / pA = 1000 ohm; times ucm2: 1e-3 ohm cm2.
  const resistanceMohmCm2 = ((event.voltageNv - ocvNv) / event.currentPa) * plan.areaUcm2;
  const shown = `${(resistanceMohmCm2 / 1000).toPrecision(3)} ohm cm2`;
  if (resistanceMohmCm2 < 0)
    return {
      verdict: 'fault',
      reason: `the voltage moved against the current (${shown}): the sense leads are reversed; swap them`,
    };
  if (resistanceMohmCm2 < plan.resistanceMinMohmCm2)
    return {
      verdict: 'hard-short',
      reason: `${shown} in the contact check is a short: check the cell and its spacer`,
    };
  if (resistanceMohmCm2 > plan.resistanceMaxMohmCm2)
    return {
      verdict: 'open-circuit',
      reason: `${shown} in the contact check is too much: poor contact or a dry cell`,
    };
  return null;
}

function outcomeOf(snapshot: MachineSnapshot): Outcome {
  const { outcome } = snapshot.context as PreflightContext;
  return outcome ?? { verdict: 'completed', reason: 'pre-flight passed' };
}
