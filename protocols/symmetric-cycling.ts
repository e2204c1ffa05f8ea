// Symmetric galvanostatic cycling, Zn||Zn: wetting rest, conditioning cycles, N cycles of plate and strip.
// Ends of half-cycles by charge are absolute targets of the run's net counter, so overshoot never
// accumulates.
//
//   wetting ──► conditioningFirst ◄─► conditioningSecond ──► cyclingFirst ◄─► cyclingSecond ──► completed
//   (if > 0 s)  (if there are any)                               │
//                                                                ├─► limited: voltage limit, outcome `stop`
//                                                                └─► unfinished: its charge never came
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
  areal_capacity: arealCharge('1 mAh/cm2', 'charge per area of a half-cycle'),
  cycles: count(1000, [1, 1_000_000], 'main cycles (one plate and one strip each)'),
  first_half: choice('plate', ['plate', 'strip'], 'first half-cycle at the working electrode'),
  end_by: choice('charge', ['charge', 'time'], 'end of a half-cycle: the charge counter, or q/j of time'),
  wetting: time('6 h', ['0 s', '30 d'], 'rest at open circuit before the first current'),
  conditioning_cycles: count(3, [0, 100], 'cycles before the main ones, not counted as life'),
  conditioning_current_density: density('0.5 mA/cm2', 'their current per area'),
  conditioning_capacity: arealCharge('0.5 mAh/cm2', 'their charge per area'),
  plate_voltage_limit: voltage('0.5 V', ['1 mV', '5 V'], '|V| that ends a plating step'),
  on_plate_voltage_limit: choice('stop', ['stop', 'next'], 'then end the run, or go on with the next half'),
  strip_voltage_limit: voltage('0.5 V', ['1 mV', '5 V'], '|V| that ends a stripping step'),
  on_strip_voltage_limit: choice('stop', ['stop', 'next'], 'then end the run, or go on with the next half'),
  voltage_debounce: time('1 s', ['0 s', '1 h'], 'how long a voltage limit must hold'),
  ...RECORDING,
  ...SHORT_FLOOR,
  ...DIAGNOSTICS,
} as const;

type Values = ParameterValues<typeof PARAMETERS>;

interface Context {
  readonly cycle: number;
  readonly conditioning: number;
  /** The half-cycle that ended the program before its time; null until then. */
  readonly last: { readonly half: HalfCycleName; readonly voltageNv: number } | null;
}

function createMachine(values: Values) {
  const hasWetting = values.wetting > 0;
  const hasConditioning = values.conditioning_cycles > 0;
  const first = values.first_half;
  const second = otherHalf(first);
  const startConditioning = { target: 'conditioningFirst', actions: 'countConditioning' } as const;
  const startCycle = { target: 'cyclingFirst', actions: 'countCycle' } as const;
  return createSetup(values).createMachine({
    id: 'symmetric-cycling',
    context: {
      cycle: hasWetting || hasConditioning ? 0 : 1,
      conditioning: hasConditioning && !hasWetting ? 1 : 0,
      last: null,
    },
    initial: hasWetting ? 'wetting' : hasConditioning ? 'conditioningFirst' : 'cyclingFirst',
    states: {
      wetting: { on: { 'step.ended': hasConditioning ? startConditioning : startCycle } },
      conditioningFirst: { on: { 'step.ended': [...endings(first), { target: 'conditioningSecond' }] } },
      conditioningSecond: {
        on: {
          'step.ended': [
            ...endings(second),
            { guard: 'lastConditioningCycle', ...startCycle },
            startConditioning,
          ],
        },
      },
      cyclingFirst: { on: { 'step.ended': [...endings(first), { target: 'cyclingSecond' }] } },
      cyclingSecond: {
        on: { 'step.ended': [...endings(second), { guard: 'lastCycle', target: 'completed' }, startCycle] },
      },
      completed: { type: 'final' },
      limited: { type: 'final' },
      unfinished: { type: 'final' },
    },
  });
}

function createSetup(values: Values) {
  return setup({
    types: { context: {} as Context, events: {} as StepEndedEvent },
    guards: {
      voltageLimitStops: ({ event }, params: { half: HalfCycleName }) =>
        (event.reason === 'voltage-max' || event.reason === 'voltage-min') &&
        (params.half === 'plate' ? values.on_plate_voltage_limit : values.on_strip_voltage_limit) === 'stop',
      chargeNeverReached: ({ event }) => values.end_by === 'charge' && event.reason === 'duration',
      lastConditioningCycle: ({ context }) => context.conditioning >= values.conditioning_cycles,
      lastCycle: ({ context }) => context.cycle >= values.cycles,
    },
    actions: {
      countConditioning: assign({ conditioning: ({ context }) => context.conditioning + 1 }),
      countCycle: assign({ cycle: ({ context }) => context.cycle + 1 }),
      keepLast: assign({
        last: ({ event }, { half }: { half: HalfCycleName }) => ({ half, voltageNv: event.voltageNv }),
      }),
    },
  });
}

/** Safety before progress: these stand first in every list, and the first guard that holds wins. */
function endings(half: HalfCycleName) {
  const actions = { type: 'keepLast', params: { half } } as const;
  return [
    { guard: { type: 'voltageLimitStops', params: { half } }, target: 'limited', actions },
    { guard: 'chargeNeverReached', target: 'unfinished', actions },
  ] as const;
}

function otherHalf(half: HalfCycleName): HalfCycleName {
  return half === 'plate' ? 'strip' : 'plate';
}

function cyclingStep(values: Values, plan: HalfCyclePlan, { phase, cycle, isFirst }: HalfCycleChoice): Step {
  const half = isFirst ? values.first_half : otherHalf(values.first_half);
  // The first half goes to +-q from the run's zero, the second back to it.
  const targetNc = isFirst ? (half === 'strip' ? plan.chargeNc : -plan.chargeNc) : 0;
  const limitNv = half === 'plate' ? values.plate_voltage_limit : values.strip_voltage_limit;
  return halfCycleStep({
    plan,
    phase,
    cycle,
    half,
    completesCycle: !isFirst,
    end: values.end_by === 'charge' ? { by: 'net-charge', netChargeNc: targetNc } : { by: 'time' },
    voltageMaxNv: limitNv,
    voltageMinNv: -limitNv,
    voltageDebounceUs: values.voltage_debounce,
    recordEveryUs: values.record_interval,
    recordVoltageDeltaNv: values.record_voltage_delta,
  });
}

interface HalfCycleChoice {
  readonly phase: 'conditioning' | 'cycling';
  readonly cycle: number;
  readonly isFirst: boolean;
}

function stepOf(values: Values, plans: Plans, snapshot: MachineSnapshot): Step | null {
  const { cycle } = snapshot.context as Context;
  switch (snapshot.value) {
    case 'wetting':
      return restStep({
        programStep: 'wetting',
        phase: 'wetting',
        durationUs: values.wetting,
        recordEveryUs: values.wetting_record_interval,
      });
    case 'conditioningFirst':
      return cyclingStep(values, plans.conditioning, { phase: 'conditioning', cycle: 0, isFirst: true });
    case 'conditioningSecond':
      return cyclingStep(values, plans.conditioning, { phase: 'conditioning', cycle: 0, isFirst: false });
    case 'cyclingFirst':
      return cyclingStep(values, plans.main, { phase: 'cycling', cycle, isFirst: true });
    case 'cyclingSecond':
      return cyclingStep(values, plans.main, { phase: 'cycling', cycle, isFirst: false });
    default:
      return null;
  }
}

function outcomeOf(snapshot: MachineSnapshot): Outcome {
  if (snapshot.value === 'completed') return { verdict: 'completed', reason: 'all cycles done' };
  const { cycle, conditioning, last } = snapshot.context as Context;
  const activity = last === null ? 'a half-cycle' : activityOf(last.half);
  const where = cycle === 0 ? `conditioning cycle ${conditioning}` : `cycle ${cycle}`;
  if (snapshot.value === 'limited') {
    const reached = signedVolts(last?.voltageNv ?? 0);
    return { verdict: 'voltage-limit', reason: `voltage limit: ${activity} reached ${reached} in ${where}` };
  }
  const reason = `${activity} did not reach its charge in 1.1 times the expected time, in ${where}`;
  return { verdict: 'fault', reason };
}

interface Plans {
  readonly main: HalfCyclePlan;
  readonly conditioning: HalfCyclePlan;
}

function prepare(given: Readonly<Record<string, unknown>>, { areaUcm2 }: CellGeometry): PrepareResult {
  const parsed = parseParameters(PARAMETERS, given);
  if (!parsed.ok) return parsed;
  const { values } = parsed;
  const main = halfCyclePlan({
    density: values.current_density,
    arealCharge: values.areal_capacity,
    areaUcm2,
  });
  const conditioning = halfCyclePlan({
    density: values.conditioning_current_density,
    arealCharge: values.conditioning_capacity,
    areaUcm2,
  });
  const problems = [
    ...durationProblems('areal_capacity', main),
    ...(values.conditioning_cycles > 0 ? durationProblems('conditioning_capacity', conditioning) : []),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const plain = prepared(values, { main, conditioning }, areaUcm2);
  const voltageNv = Math.max(values.plate_voltage_limit, values.strip_voltage_limit);
  const measured = withDiagnostics(plain, values, { currentPa: main.currentPa, voltageNv });
  return { ok: true, values, prepared: measured };
}

function prepared(values: Values, plans: Plans, areaUcm2: number): PreparedProtocol {
  const { main, conditioning } = plans;
  const hasConditioning = values.conditioning_cycles > 0;
  const currentMaxPa = Math.max(main.currentPa, hasConditioning ? conditioning.currentPa : 0);
  const chargeMaxNc = Math.max(main.chargeNc, hasConditioning ? conditioning.chargeNc : 0);
  // Of the 2 s pulse of the contact check; pA s is 1e-3 nC.
  const contactNc = (currentMaxPa / 10) * 2e-3;
  const cellVoltageNv = Math.max(2e9, 2 * values.plate_voltage_limit, 2 * values.strip_voltage_limit);
  const cyclingUs = values.conditioning_cycles * conditioning.durationUs + values.cycles * main.durationUs;
  return {
    machine: createMachine(values),
    stepOf: (snapshot) => stepOf(values, plans, snapshot),
    outcomeOf,
    preflight: {
      ocvMinNv: -50_000_000,
      ocvMaxNv: 50_000_000,
      ocvHint: 'a Zn||Zn cell rests within 50 mV of zero: is this the right cell, and are the leads on it?',
      contact: 'both-directions',
      contactCurrentPa: Math.max(1, Math.round(currentMaxPa / 10)),
      resistanceMinMohmCm2: 1_000,
      resistanceMaxMohmCm2: 500_000,
      areaUcm2,
    },
    cellLimits: {
      voltageMaxNv: cellVoltageNv,
      voltageMinNv: -cellVoltageNv,
      currentMaxPa: Math.round(currentMaxPa * 1.2),
      // Between the two turning points of a cycle, with half as much again for what nobody foresaw.
      netChargeMaxNc: Math.round(chargeMaxNc * 1.5 + contactNc * 1.5) + 1_000_000,
    },
    shortFloor: shortFloorPlan(values, areaUcm2),
    currentMaxPa,
    diagnostics: null,
    plan: {
      cycles: values.cycles,
      steps: (values.wetting > 0 ? 1 : 0) + 2 * (values.conditioning_cycles + values.cycles),
      durationUs: values.wetting + 2 * cyclingUs,
      platedChargeNc: values.cycles * main.chargeNc,
    },
  };
}

export const symmetricCycling: Protocol = {
  name: 'symmetric-cycling',
  version: 2,
  title: 'Symmetric galvanostatic cycling (Zn||Zn)',
  about: 'Plates and strips the same charge again and again; life is the time to the first failure sign.',
  derives: 'cycling',
  parameters: PARAMETERS,
  prepare,
};
