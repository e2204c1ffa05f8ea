// Coulombic efficiency by the conventional method, Zn||Cu or Zn||Ti: wetting rest, then N cycles of plating a
// fixed charge and stripping until the voltage says that nothing is left. What a strip gives back of what was
// plated is the efficiency of that cycle; the protocol judges it only to stop.
//
//   wetting ──► plating ◄──► stripping ──► completed
//  (if > 0 s)      │             ├─► shorted     the strip guard: it gives back more than was plated
//                  │             ├─► lossy       the cut-off came before half the charge, `low_ce_stops`
//                  ├─► limited ◄─┤               a voltage limit
//                  └► unfinished ◄               neither charge nor voltage came in time
import { assign, setup } from 'xstate';
import { DIAGNOSTICS, withDiagnostics } from '../src/language/diagnostics.ts';
import {
  activityOf,
  type HalfCycleName,
  type HalfCyclePlan,
  halfCyclePlan,
  halfCycleStep,
  restStep,
  signedVolts,
} from '../src/steps/half-cycle.ts';
import {
  arealCharge,
  density,
  durationProblems,
  RECORDING,
  SHORT_FLOOR,
  shortFloorPlan,
  time,
  voltage,
} from '../src/steps/half-cycle-parameters.ts';
import { mostLostNc } from '../src/steps/most-lost.ts';
import type { MachineSnapshot, StepEndedEvent } from '../src/steps/machine.ts';
import { choice, count, type ParameterValues, parseParameters } from '../src/steps/parameters.ts';
import type {
  CellGeometry,
  Outcome,
  PreparedProtocol,
  PrepareResult,
  Protocol,
} from '../src/steps/protocol.ts';
import type { Step } from '../src/steps/step.ts';

const PARAMETERS = {
  current_density: density('1 mA/cm2', 'current per area, plate and strip'),
  areal_capacity: arealCharge('1 mAh/cm2', 'charge per area that is plated in each cycle'),
  cycles: count(200, [1, 1_000_000], 'cycles (one plate and one strip each)'),
  wetting: time('6 h', ['0 s', '30 d'], 'rest at open circuit before the first current'),
  strip_cut_off: voltage('0.5 V', ['50 mV', '1.2 V'], 'V that ends a strip, at once; usual: 0.3 V … 1.0 V'),
  plate_voltage_limit: voltage('0.5 V', ['1 mV', '2 V'], '|V| below zero that ends the run while plating'),
  voltage_debounce: time('1 s', ['0 s', '1 h'], 'how long the plating limit must hold'),
  low_ce_stops: choice('stop', ['stop', 'continue'], 'after a strip of less than half the plated charge'),
  ...RECORDING,
  ...SHORT_FLOOR,
  ...DIAGNOSTICS,
} as const;

type Values = ParameterValues<typeof PARAMETERS>;

interface Context {
  readonly cycle: number;
  /** The half-cycle that ended the program before its time; null until then. */
  readonly last: {
    readonly half: HalfCycleName;
    readonly voltageNv: number;
    readonly chargeNc: number;
  } | null;
}

/** A strip that gives back this much of what was plated is fed by a leak, not by zinc. */
const GUARD_PPM = 1_200_000;
/** A strip that gives back less is a class of its own: dead zinc or corrosion. */
const LOW_EFFICIENCY = 0.5;

function createMachine(values: Values, plan: HalfCyclePlan) {
  const hasWetting = values.wetting > 0;
  const startCycle = { target: 'plating', actions: 'countCycle' } as const;
  return createSetup(values, plan).createMachine({
    id: 'coulombic-efficiency',
    context: { cycle: hasWetting ? 0 : 1, last: null },
    initial: hasWetting ? 'wetting' : 'plating',
    states: {
      wetting: { on: { 'step.ended': startCycle } },
      // Safety before progress: the first guard that holds wins.
      plating: { on: { 'step.ended': [...endings('plate'), { target: 'stripping' }] } },
      stripping: {
        on: {
          'step.ended': [
            { guard: 'guardIsHit', target: 'shorted', actions: keep('strip') },
            ...endings('strip'),
            { guard: 'cutOffCameTooSoon', target: 'lossy', actions: keep('strip') },
            { guard: 'lastCycle', target: 'completed' },
            startCycle,
          ],
        },
      },
      completed: { type: 'final' },
      limited: { type: 'final' },
      unfinished: { type: 'final' },
      shorted: { type: 'final' },
      lossy: { type: 'final' },
    },
  });
}

function createSetup(values: Values, { chargeNc }: HalfCyclePlan) {
  return setup({
    types: { context: {} as Context, events: {} as StepEndedEvent },
    guards: {
      // The upper limit of a strip is its cut-off, and no failure.
      voltageIsBeyond: ({ event }, { half }: { half: HalfCycleName }) =>
        event.reason === 'voltage-min' || (event.reason === 'voltage-max' && half === 'plate'),
      timeIsUp: ({ event }) => event.reason === 'duration',
      guardIsHit: ({ event }) => event.reason === 'last-step-charge',
      cutOffCameTooSoon: ({ event }) =>
        values.low_ce_stops === 'stop' && event.chargeNc < LOW_EFFICIENCY * chargeNc,
      lastCycle: ({ context }) => context.cycle >= values.cycles,
    },
    actions: {
      countCycle: assign({ cycle: ({ context }) => context.cycle + 1 }),
      keepLast: assign({
        last: ({ event }, { half }: { half: HalfCycleName }) => {
          return { half, voltageNv: event.voltageNv, chargeNc: event.chargeNc };
        },
      }),
    },
  });
}

function endings(half: HalfCycleName) {
  return [
    { guard: { type: 'voltageIsBeyond', params: { half } }, target: 'limited', actions: keep(half) },
    { guard: 'timeIsUp', target: 'unfinished', actions: keep(half) },
  ] as const;
}

function keep(half: HalfCycleName) {
  return { type: 'keepLast', params: { half } } as const;
}

function stepOf(values: Values, plan: HalfCyclePlan, snapshot: MachineSnapshot): Step | null {
  const { cycle } = snapshot.context as Context;
  switch (snapshot.value) {
    case 'wetting':
      return restStep({
        programStep: 'wetting',
        phase: 'wetting',
        durationUs: values.wetting,
        recordEveryUs: values.wetting_record_interval,
      });
    case 'plating':
      return halfCycleStep({
        ...common(values, plan, cycle),
        half: 'plate',
        completesCycle: false,
        end: { by: 'step-charge' },
        // A fresh substrate stands above +1 V, a stripped one at the cut-off, and plating begins by
        // discharging it: only below zero is the limit of this step meant.
        voltageMaxNv: Math.round(0.75 * cellVoltageNv(values)),
        voltageMinNv: -values.plate_voltage_limit,
        voltageDebounceUs: values.voltage_debounce,
      });
    case 'stripping':
      return halfCycleStep({
        ...common(values, plan, cycle),
        half: 'strip',
        completesCycle: true,
        end: { by: 'cut-off', guardPpm: GUARD_PPM },
        voltageMaxNv: values.strip_cut_off,
        voltageMinNv: -values.plate_voltage_limit,
        // What passes after the cut-off is counted as zinc: 1 s would be 280 ppm of an hour.
        voltageDebounceUs: 0,
      });
    default:
      return null;
  }
}

/** The tail of a strip needs no faster clock: there the record rule follows V. */
function common(values: Values, plan: HalfCyclePlan, cycle: number) {
  const { record_interval: recordEveryUs, record_voltage_delta: recordVoltageDeltaNv } = values;
  return { plan, phase: 'cycling', cycle, recordEveryUs, recordVoltageDeltaNv } as const;
}

function cellVoltageNv(values: Values): number {
  return Math.max(2_000_000_000, 2 * values.strip_cut_off, 2 * values.plate_voltage_limit);
}

function outcomeOf(values: Values, plan: HalfCyclePlan, snapshot: MachineSnapshot): Outcome {
  const { cycle, last } = snapshot.context as Context;
  if (snapshot.value === 'completed' || last === null)
    return { verdict: 'completed', reason: 'all cycles done' };
  const activity = activityOf(last.half);
  const reached = signedVolts(last.voltageNv);
  const cutOff = signedVolts(values.strip_cut_off);
  const share = `${((last.chargeNc / plan.chargeNc) * 100).toFixed(1)} % of the plated charge`;
  switch (snapshot.value) {
    case 'limited':
      return {
        verdict: 'voltage-limit',
        reason: `voltage limit: ${activity} reached ${reached} in cycle ${cycle}`,
      };
    case 'shorted':
      return {
        verdict: 'short-asymmetric',
        reason: `strip guard: ${share} and still at ${reached}, not ${cutOff}, in cycle ${cycle}: a short`,
      };
    case 'lossy':
      return {
        verdict: 'low-ce',
        reason: `low efficiency: stripping gave back ${share} in cycle ${cycle}: ${causeOf(last, plan)}`,
      };
    default:
      return {
        verdict: 'fault',
        reason: `${activity} came to no end in 1.1 times the longest expected time, in cycle ${cycle}`,
      };
  }
}

/** Less than 1 s of current (pA s is 1e-3 nC) is no zinc at all: V was above the cut-off from the start. */
function causeOf({ chargeNc }: { readonly chargeNc: number }, { currentPa }: HalfCyclePlan): string {
  const isZinc = chargeNc >= currentPa * 1e-3;
  return isZinc ? 'dead zinc or corrosion' : 'cut-off below the stripping voltage, or a poor contact';
}

function prepare(given: Readonly<Record<string, unknown>>, { areaUcm2 }: CellGeometry): PrepareResult {
  const parsed = parseParameters(PARAMETERS, given);
  if (!parsed.ok) return parsed;
  const { values } = parsed;
  const asked = { density: values.current_density, arealCharge: values.areal_capacity };
  const plan = halfCyclePlan({ ...asked, areaUcm2 });
  const problems = durationProblems('areal_capacity', plan);
  if (problems.length > 0) return { ok: false, problems };
  const plain = prepared(values, plan, areaUcm2);
  const voltageNv = Math.max(values.plate_voltage_limit, values.strip_cut_off);
  const measured = withDiagnostics(plain, values, { currentPa: plan.currentPa, voltageNv });
  return { ok: true, values, prepared: measured };
}

function prepared(values: Values, plan: HalfCyclePlan, areaUcm2: number): PreparedProtocol {
  const limitNv = cellVoltageNv(values);
  return {
    machine: createMachine(values, plan),
    stepOf: (snapshot) => stepOf(values, plan, snapshot),
    outcomeOf: (snapshot) => outcomeOf(values, plan, snapshot),
    preflight: {
      ocvMinNv: 200_000_000,
      ocvMaxNv: 1_200_000_000,
      ocvHint:
        'a fresh Zn||Cu or Zn||Ti cell rests at +0.2 V to +1.2 V; near zero it is shorted or was plated, ' +
        'below zero the leads are reversed',
      contact: 'plating-only',
      contactCurrentPa: Math.max(1, Math.round(plan.currentPa / 10)),
      resistanceMinMohmCm2: 0,
      resistanceMaxMohmCm2: 500_000,
      areaUcm2,
    },
    cellLimits: {
      voltageMaxNv: limitNv,
      voltageMinNv: -limitNv,
      currentMaxPa: Math.round(plan.currentPa * 1.2),
      netChargeMaxNc: netChargeMaxNc(values, plan, areaUcm2),
    },
    shortFloor: shortFloorPlan(values, areaUcm2),
    currentMaxPa: plan.currentPa,
    diagnostics: null,
    plan: {
      cycles: values.cycles,
      steps: (values.wetting > 0 ? 1 : 0) + 2 * values.cycles,
      durationUs: values.wetting + 2 * values.cycles * plan.durationUs,
      platedChargeNc: values.cycles * plan.chargeNc,
    },
  };
}

/**
 * What a strip does not give back stays in the net counter (src/README.md, 29), and so does the 2 s pulse of
 * the contact check, a tenth of the current (pA s is 1e-3 nC).
 */
function netChargeMaxNc(
  { low_ce_stops, cycles }: Values,
  { chargeNc, currentPa }: HalfCyclePlan,
  areaUcm2: number,
): number {
  const lossShare = low_ce_stops === 'stop' ? 1 - LOW_EFFICIENCY : 1;
  const lossNc = Math.min(lossShare * cycles * chargeNc, mostLostNc(areaUcm2));
  return Math.round(lossNc + 1.5 * (chargeNc + (currentPa / 10) * 2e-3)) + 1_000_000;
}

export const coulombicEfficiency: Protocol = {
  name: 'coulombic-efficiency',
  version: 1,
  title: 'Conventional Coulombic efficiency (Zn||Cu or Zn||Ti)',
  about: 'Plates a charge on a foreign metal and strips it to a cut-off voltage, again and again.',
  derives: 'efficiency',
  parameters: PARAMETERS,
  prepare,
};
