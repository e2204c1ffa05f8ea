// A protocol of the test's own: steps one after the other, whatever their ends, behind the pre-flight of a
// symmetric cell. For techniques that no shipped protocol asks for yet.
import { setup } from 'xstate';
import type { StepEndedEvent } from '../../src/steps/machine.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { NO_LIMITS, type Step, type StepMode } from '../../src/steps/step.ts';

export function stepOfMode(programStep: string, mode: StepMode, durationUs: number): Step {
  return {
    programStep,
    phase: 'cycling',
    cycle: 0,
    half: null,
    completesCycle: false,
    mode,
    durationMaxUs: durationUs,
    durationExpectedUs: durationUs,
    limits: NO_LIMITS,
    record: { everyUs: 100_000, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: false,
  };
}

export function stepSequence(steps: readonly Step[], currentMaxPa: number): Protocol {
  const names = steps.map((_, index) => `step${index}`);
  const states = Object.fromEntries(
    names.map((name, index) => [name, { on: { 'step.ended': names[index + 1] ?? 'completed' } }]),
  );
  const machine = setup({ types: { events: {} as StepEndedEvent } }).createMachine({
    id: 'sequence',
    initial: names[0] ?? 'completed',
    states: { ...states, completed: { type: 'final' } },
  });
  const durationUs = steps.reduce((sum, step) => sum + step.durationMaxUs, 0);
  return {
    name: 'sequence',
    version: 1,
    title: 'steps one after the other',
    about: 'for tests',
    derives: null,
    parameters: {},
    prepare: (_given, { areaUcm2 }) => ({
      ok: true,
      values: {},
      prepared: {
        machine,
        stepOf: ({ value }) => steps[names.indexOf(String(value))] ?? null,
        outcomeOf: () => ({ verdict: 'completed', reason: 'all steps done' }),
        preflight: {
          ocvMinNv: -50_000_000,
          ocvMaxNv: 50_000_000,
          ocvHint: 'a Zn||Zn cell rests at zero',
          contact: 'both-directions',
          contactCurrentPa: currentMaxPa / 10,
          resistanceMinMohmCm2: 1_000,
          resistanceMaxMohmCm2: 500_000,
          areaUcm2,
        },
        cellLimits: {
          voltageMaxNv: 2_000_000_000,
          voltageMinNv: -2_000_000_000,
          currentMaxPa: 2 * currentMaxPa,
          netChargeMaxNc: 1e12,
        },
        shortFloor: null,
        currentMaxPa,
        diagnostics: null,
        plan: { cycles: 0, steps: steps.length, durationUs, platedChargeNc: 0 },
      },
    }),
  };
}
