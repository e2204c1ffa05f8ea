// Pre-flight: before any real current, the cell must look like the cell that the protocol expects.
// A program like any other (a pure machine whose states name steps); it judges measured values, so nothing is
// preloaded.
//
//   ocv ──► contactPositive ──► contactNegative ──► passed      zinc on both sides
//    │            │                    │
//    ├────────────┴────────────────────┴──► refused
//    │                                        ▲
//    ├──► contactPlating ──► contactRest ─────┴──► passed       a bare working electrode
//    └──► passed                                                no contact check
import { assign, setup } from 'xstate';
import { formatQuantity } from '../base/quantity.ts';
import type { MachineSnapshot, StepEndedEvent } from './machine.ts';
import type { Outcome, PreflightPlan, Program } from './protocol.ts';
import { NO_LIMITS, type Step } from './step.ts';

const OCV_US = 2_000_000;
const CONTACT_US = 2_000_000;
/** After the plating pulse: ohmic and charge-transfer drop are gone within milliseconds. */
const INTERRUPT_US = 500_000;
/** What nucleation may add on a foreign metal (10-100 mV, Zn on Cu or Ti) and is no resistance. */
const NUCLEATION_NV = 100_000_000;

/**
 * A drop that good zinc may show at however small a current: charge transfer, nucleation and an instrument's
 * offset come to it. A contact that is bad nevertheless meets the voltage limits of the steps.
 */
const HARMLESS_NV = 50_000_000;

const AFTER_OCV = {
  'both-directions': 'contactPositive',
  'plating-only': 'contactPlating',
  none: 'passed',
} as const satisfies Record<PreflightPlan['contact'], string>;

interface Reading {
  readonly voltageNv: number;
  readonly currentPa: number;
}

interface PreflightContext {
  readonly ocvNv: number;
  /** End of the plating pulse. */
  readonly pulse: Reading;
  readonly outcome: Outcome | null;
}

/** What a voltage at a limit means while only the contact current flows. */
export const RUNAWAY: Outcome = {
  verdict: 'open-circuit',
  reason: 'the voltage ran away at a tenth of the current: a lead is off or the cell is dry; check the clips',
};

/** The machine and steps for one plan. Ends in `passed`, or in `refused` with a verdict and what to check. */
export function createPreflight(plan: PreflightPlan): Program {
  const refuseContact = { guard: 'contactIsBad', target: 'refused', actions: 'refuseContact' } as const;
  const machine = createSetup(plan).createMachine({
    id: 'preflight',
    context: { ocvNv: 0, pulse: { voltageNv: 0, currentPa: 0 }, outcome: null },
    initial: 'ocv',
    states: {
      ocv: {
        on: {
          'step.ended': [
            { guard: 'ocvIsOutside', target: 'refused', actions: 'refuseOcv' },
            { target: AFTER_OCV[plan.contact], actions: 'keepOcv' },
          ],
        },
      },
      contactPositive: { on: { 'step.ended': [refuseContact, { target: 'contactNegative' }] } },
      contactNegative: { on: { 'step.ended': [refuseContact, { target: 'passed' }] } },
      contactPlating: {
        on: {
          'step.ended': [
            { guard: 'pulseIsBad', target: 'refused', actions: 'refusePulse' },
            { target: 'contactRest', actions: 'keepPulse' },
          ],
        },
      },
      contactRest: {
        on: {
          'step.ended': [
            { guard: 'dropIsBad', target: 'refused', actions: 'refuseDrop' },
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

function createSetup(plan: PreflightPlan) {
  return setup({
    types: { context: {} as PreflightContext, events: {} as StepEndedEvent },
    guards: {
      ocvIsOutside: ({ event }) => judgeOcv(plan, event) !== null,
      contactIsBad: ({ event, context }) => judgeContact(plan, event, context.ocvNv) !== null,
      pulseIsBad: ({ event, context }) => judgePulse(event, context.ocvNv) !== null,
      dropIsBad: ({ event, context }) => judgeDrop(plan, context.pulse, event.voltageNv) !== null,
    },
    actions: {
      keepOcv: assign({ ocvNv: ({ event }) => event.voltageNv }),
      keepPulse: assign({ pulse: ({ event: { voltageNv, currentPa } }) => ({ voltageNv, currentPa }) }),
      refuseOcv: assign({ outcome: ({ event }) => judgeOcv(plan, event) }),
      refuseContact: assign({ outcome: ({ event, context }) => judgeContact(plan, event, context.ocvNv) }),
      refusePulse: assign({ outcome: ({ event, context }) => judgePulse(event, context.ocvNv) }),
      refuseDrop: assign({
        outcome: ({ event, context }) => judgeDrop(plan, context.pulse, event.voltageNv),
      }),
    },
  });
}

/** Its steps in order, of a cell that passes. */
export function preflightSteps(plan: PreflightPlan): readonly Step[] {
  return STATES_OF_CONTACT[plan.contact].flatMap((state) => stepIn(plan, state) ?? []);
}

const STATES_OF_CONTACT: Readonly<Record<PreflightPlan['contact'], readonly string[]>> = {
  'both-directions': ['ocv', 'contactPositive', 'contactNegative'],
  'plating-only': ['ocv', 'contactPlating', 'contactRest'],
  none: ['ocv'],
};

function stepOf(plan: PreflightPlan, { value }: MachineSnapshot): Step | null {
  return stepIn(plan, value);
}

function stepIn(plan: PreflightPlan, state: unknown): Step | null {
  switch (state) {
    case 'ocv':
      return { ...step('ocv', OCV_US), phase: 'ocv', mode: { kind: 'rest' } };
    case 'contactPositive':
      return pulseStep('contact-positive', { currentPa: plan.contactCurrentPa, netChargeNc: null });
    case 'contactNegative':
      return pulseStep('contact-negative', { currentPa: -plan.contactCurrentPa, netChargeNc: 0 });
    case 'contactPlating':
      return pulseStep('contact-plating', { currentPa: -plan.contactCurrentPa, netChargeNc: null });
    case 'contactRest':
      return { ...step('contact-rest', INTERRUPT_US), phase: 'contact', mode: { kind: 'rest' } };
    default:
      return null;
  }
}

/**
 * The negative pulse on zinc takes back exactly what the positive one gave, so that cycling starts from a net
 * charge of zero: by charge, its time is only the bound.
 */
function pulseStep(
  programStep: string,
  { currentPa, netChargeNc }: { readonly currentPa: number; readonly netChargeNc: number | null },
): Step {
  const limits = {
    ...NO_LIMITS,
    netChargeNc,
    // Wide: a contact that is missing shows as the voltage running to a limit within milliseconds.
    voltageMaxNv: 1_500_000_000,
    voltageMinNv: -1_500_000_000,
  };
  const longestUs = netChargeNc === null ? CONTACT_US : 2 * CONTACT_US;
  return { ...step(programStep, longestUs), phase: 'contact', mode: { kind: 'cc', currentPa }, limits };
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
  const refusal = judgePulse(event, ocvNv);
  if (refusal !== null) return refusal;
  const dropNv = event.voltageNv - ocvNv;
  const resistanceMohmCm2 = resistanceOf(plan, dropNv, event.currentPa);
  if (resistanceMohmCm2 < plan.resistanceMinMohmCm2)
    return {
      verdict: 'hard-short',
      reason: `${shown(resistanceMohmCm2)} in the contact check is a short: check the cell and its spacer`,
    };
  return judgeResistance(plan, resistanceMohmCm2, dropNv);
}

/** What any pulse must do: drive a current, keep the voltage, move it with the current. */
function judgePulse(event: StepEndedEvent, ocvNv: number): Outcome | null {
  if (event.reason === 'voltage-max' || event.reason === 'voltage-min') return RUNAWAY;
  if (event.currentPa === 0)
    return { verdict: 'fault', reason: 'no current flowed in the contact check; check the instrument' };
  if ((event.voltageNv - ocvNv) / event.currentPa >= 0) return null;
  const found = `the voltage moved against the current (by ${Math.abs(event.voltageNv - ocvNv) / 1e6} mV)`;
  return { verdict: 'fault', reason: `${found}: the sense leads are reversed; swap them` };
}

/**
 * Contact of a bare electrode, by interruption: the substrate is a capacitor that the pulse discharges by
 * an unknown amount, and that keeps its voltage when the current stops; what vanishes is the resistance.
 * Where it rests below what a bare one may have, the pulse has reached zinc, and nucleation vanishes with
 * it.
 */
function judgeDrop(plan: PreflightPlan, pulse: Reading, restNv: number): Outcome | null {
  const nucleationNv = restNv < plan.ocvMinNv ? NUCLEATION_NV : 0;
  const dropNv = pulse.voltageNv - restNv + nucleationNv;
  return judgeResistance(plan, resistanceOf(plan, dropNv, pulse.currentPa), dropNv);
}

function judgeResistance(plan: PreflightPlan, resistanceMohmCm2: number, dropNv: number): Outcome | null {
  if (resistanceMohmCm2 <= plan.resistanceMaxMohmCm2 || Math.abs(dropNv) <= HARMLESS_NV) return null;
  return {
    verdict: 'open-circuit',
    reason: `${shown(resistanceMohmCm2)} in the contact check is too much: poor contact or a dry cell`,
  };
}

/** In 1e-3 ohm cm2: nV / pA = 1000 ohm, times 1e-6 cm2. */
function resistanceOf({ areaUcm2 }: PreflightPlan, changeNv: number, currentPa: number): number {
  return (changeNv / currentPa) * areaUcm2;
}

function shown(resistanceMohmCm2: number): string {
  return `${(resistanceMohmCm2 / 1000).toPrecision(3)} ohm cm2`;
}

function outcomeOf(snapshot: MachineSnapshot): Outcome {
  const { outcome } = snapshot.context as PreflightContext;
  return outcome ?? { verdict: 'completed', reason: 'pre-flight passed' };
}
