// A plan of steps as one MethodSCRIPT, bounded by the run times of its loops: a plate and a strip follow one
// another on the device, and the cell is open at the end whatever happens, but for a runtime error.
// Refuses what the instrument may not be asked; must never leave the cell on between two scripts.
//
//   set up ─► step ─► cell over to the next ─► if no limit has struck: step ─► … ─► on_finished: cell_off
import { assert } from '../../../base/assert.ts';
import { currentLiteral, voltageLiteral } from '../../../frames/dialects/methodscript/literal.ts';
import { scriptText } from '../../../frames/dialects/methodscript/script.ts';
import type { RunSetup } from '../../cycler.ts';
import type { StepMode } from '../../../steps/step.ts';
import type { PlannedStep, StepPlan } from '../../hosted/step-actuator.ts';
import { quietMaxUs, stepLines, timedMark } from './compile-step.ts';
import { galvanostatLines, potentiostatLines, spectrumSetUpLines } from './compile-setup.ts';
import type { Profile } from './profiles.ts';
import {
  cellOnLines,
  largestOf,
  setVoltageNv,
  sweepDurationUs,
  sweepRefusal,
  techniqueOf,
} from './techniques.ts';

export interface PlanContext {
  readonly setup: RunSetup;
  readonly profile: Profile;
  /** Mains frequency to average out, Hz; null: the instrument cannot. */
  readonly mainsHz: number | null;
}

export type CompiledPlan =
  | {
      readonly ok: true;
      readonly script: string;
      /** What the script executes: the plan, or its beginning. */
      readonly steps: readonly PlannedStep[];
      readonly quietMaxUs: number;
    }
  | { readonly ok: false; readonly detail: string };

/**
 * The memory for scripts is not published; the vendor's largest example has 3.8 kB. What does not fit is left
 * for a script of its own.
 */
const SCRIPT_BYTES_MAX = 3500;
/** As many counters as limits; the rest is in every script: time, voltage, current, reason. */
const VARIABLES = ['t', 'e', 'i', 'r'];

/** As many steps of the plan as one script holds: of one technique, in the memory there is. */
export function compilePlan(plan: StepPlan, context: PlanContext): CompiledPlan {
  const steps: PlannedStep[] = [];
  for (const planned of plan.steps) {
    const detail = refusalOf(planned, context);
    if (detail !== null) return { ok: false, detail };
    if (steps.some((before) => isOtherTechnique(before.step.mode, planned.step.mode))) break;
    steps.push(planned);
  }
  let script = planScript(steps, context);
  while (script.length > SCRIPT_BYTES_MAX && steps.length > 1) {
    steps.pop();
    script = planScript(steps, context);
  }
  return { ok: true, script, steps, quietMaxUs: Math.max(...steps.map(quietMaxUs)) };
}

function isOtherTechnique(a: StepMode, b: StepMode): boolean {
  const [one, other] = [techniqueOf(a), techniqueOf(b)];
  return one !== null && other !== null && one !== other;
}

function refusalOf({ step, durationUs }: PlannedStep, { setup, profile }: PlanContext): string | null {
  const { mode } = step;
  if (mode.kind === 'rest') return null;
  const setPa =
    mode.kind === 'cc' ? Math.abs(mode.currentPa) : mode.kind === 'eis' ? largestOf(mode).currentPa : 0;
  const rangePa = profile.currentRangesPa[setup.rangeIndex] ?? 0;
  const boundPa = Math.min(rangePa, setup.limits.currentMaxPa);
  if (setPa > boundPa) return `${setPa} pA is above the ${boundPa} pA of range and hard limit`;
  const setNv = setVoltageNv(mode);
  if (setNv > profile.voltageSpanNv) return `${setNv} nV is above its span of ${profile.voltageSpanNv} nV`;
  if (mode.kind !== 'sweep') return null;
  const takesUs = sweepDurationUs(mode);
  const isBounded = takesUs <= durationUs;
  return sweepRefusal(mode) ?? (isBounded ? null : `the sweep takes ${takesUs} us, the step ${durationUs}`);
}

function planScript(steps: readonly PlannedStep[], context: PlanContext): string {
  const [first] = steps;
  assert(first !== undefined, 'a plan must have a step');
  const compiled = steps.map((planned) => stepLines(planned, context.setup.limits));
  const counters = new Set(compiled.flatMap(({ variables }) => variables));
  const body = steps.flatMap((planned, index) => {
    const { mode } = planned.step;
    const { begin, parts } = compiled[index] ?? { begin: [], parts: [] };
    const lines = [
      `send_string "s${planned.stepNumber} begins"`,
      ...begin,
      ...parts.flatMap((part) => unlessStruck(part)),
      ...cellLines(mode, steps[index + 1]?.step.mode ?? REST),
      ...timedMark(`s${planned.stepNumber} ends`),
    ];
    return index === 0 ? lines : unlessStruck(lines);
  });
  return scriptText([
    ...[...VARIABLES, ...counters].map((name) => `var ${name}`),
    'store_var r 0i ja',
    ...setUpLines(steps, context),
    ...cellOnLines(first.step.mode),
    'timer_start',
    ...body,
    ...FINISH,
  ]);
}

const REST: StepMode = { kind: 'rest' };
/** Executed at the end and on `Z`: the time at which the cell was opened. */
const FINISH = [
  'on_finished:',
  'cell_off',
  'timer_get t',
  'send_string "off"',
  'pck_start',
  'pck_add t',
  'pck_end',
];

/** Behind a limit nothing runs but the end of its step. */
function unlessStruck(lines: readonly string[]): string[] {
  return ['if r < 1i', ...lines, 'endif'];
}

/** From one step to the next within a script: before the time of the end is taken. */
function cellLines(mode: StepMode, next: StepMode): string[] {
  const isOpen = mode.kind === 'rest' || mode.kind === 'eis';
  if (isOpen) return next.kind === 'rest' ? [] : unlessStruck(cellOnLines(next));
  return next.kind === 'rest' ? cellOnLines(next) : [];
}

/** Ranges as wide as the limits and set-points ask. */
function setUpLines(steps: readonly PlannedStep[], { setup, profile, mainsHz }: PlanContext): string[] {
  const { voltageMaxNv, voltageMinNv } = setup.limits;
  const own = steps.flatMap(({ step: { limits, mode } }) => [
    Math.abs(limits.voltageMaxNv ?? 0),
    Math.abs(limits.voltageMinNv ?? 0),
    setVoltageNv(mode),
  ]);
  const widestNv = Math.max(Math.abs(voltageMaxNv), Math.abs(voltageMinNv), ...own);
  const ranges = {
    voltage: voltageLiteral(Math.min(profile.voltageSpanNv, widestNv)),
    current: currentLiteral(profile.currentRangesPa[setup.rangeIndex] ?? 0),
    mainsHz,
  };
  // Rests alone are measured as the vendor does, in mode 3; between currents the mode stays what it is.
  const techniques = steps.map(({ step: { mode } }) => techniqueOf(mode));
  if (techniques.includes('spectrum-of-voltage')) return spectrumSetUpLines('3', ranges);
  if (techniques.includes('spectrum-of-current')) return spectrumSetUpLines('6', ranges);
  return techniques.includes('galvanostat') ? galvanostatLines(ranges) : potentiostatLines(ranges);
}
