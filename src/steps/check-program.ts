// Checks a prepared protocol before anything starts: every step it can ask for is bounded, sound, and within
// the instrument. Walks the machine by its state values, each once: counts do not make the walk longer. Sends
// nothing, expands nothing.
import type { ErrorDetail } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { createPreflight } from './preflight.ts';
import { type MachineSnapshot, startMachine, stepMachine } from './machine.ts';
import type { PreparedProtocol, Program } from './protocol.ts';
import { foreseenEnd } from './runner.ts';
import { possibleEnds, type ProgramEndReason, type Step, type StepMode, type StepModeKind } from './step.ts';

/** What the instrument can do, as far as steps are concerned. */
export interface StepBounds {
  readonly modes: readonly string[];
  readonly currentMaxPa: number;
  readonly voltageSpanNv: number;
  /** null: a record rule has no burst. */
  readonly recordBursts: { readonly everyMinUs: number } | null;
}

const ENDS_OF_HELD_VOLTAGE: readonly ProgramEndReason[] = ['step-charge', 'current-min', 'duration'];

/** A wait longer than this is a slip of the pen, and the longest a device takes (GVN1 6.2). */
const DURATION_LONGEST_US = 90 * 86_400_000_000;

/** More than every protocol has before its main cycles repeat (`test/protocols` sees to it). */
const STATES_MAX = 500;

/** Problems of the first step that has any; empty: every reachable step is fine. */
export function checkProgram(protocol: PreparedProtocol, bounds: StepBounds): readonly ErrorDetail[] {
  for (const step of allSteps(protocol)) {
    const problems = checkStep(step, bounds);
    if (problems.length > 0) return problems;
  }
  return [];
}

/** What an instrument must be able to do for the program and its pre-flight. */
export function modesOf(protocol: PreparedProtocol): readonly StepModeKind[] {
  return [...new Set(allSteps(protocol).map(({ mode }) => mode.kind))];
}

/** Of the pre-flight, the protocol, and what runs between its cycles. */
function allSteps(protocol: PreparedProtocol): Step[] {
  const { diagnostics, everyStep, preflight } = protocol;
  return [
    ...reachableSteps(createPreflight(preflight)),
    ...(everyStep ?? reachableSteps(protocol)),
    ...(diagnostics === null ? [] : reachableSteps(diagnostics.program)),
  ];
}

/** The steps of the states that the machine comes to first, each state (value and counts) once. */
function reachableSteps(program: Program): Step[] {
  const steps: Step[] = [];
  const seen = new Set<string>();
  const open: MachineSnapshot[] = [startMachine(program.machine)];
  for (
    let snapshot = open.shift();
    snapshot !== undefined && seen.size < STATES_MAX;
    snapshot = open.shift()
  ) {
    const name = JSON.stringify([snapshot.value, snapshot.context]);
    const step = program.stepOf(snapshot);
    if (seen.has(name) || step === null) continue;
    seen.add(name);
    steps.push(step);
    for (const reason of possibleEnds(step)) {
      open.push(stepMachine(program.machine, snapshot, foreseenEnd(step, reason)));
    }
  }
  return steps;
}

type Check = (step: Step, bounds: StepBounds) => ErrorDetail | null;

/** In the order in which an operator should hear of them. */
const CHECKS: readonly Check[] = [
  checkDuration,
  checkMode,
  checkHeldVoltage,
  checkCurrents,
  checkVoltages,
  checkBurst,
];

function checkStep(step: Step, bounds: StepBounds): ErrorDetail[] {
  for (const check of CHECKS) {
    const problem = check(step, bounds);
    if (problem !== null) return [problem];
  }
  return [];
}

function checkDuration({ durationMaxUs, programStep }: Step): ErrorDetail | null {
  if (durationMaxUs > 0 && durationMaxUs <= DURATION_LONGEST_US) return null;
  const found = `step "${programStep}" has no maximum duration within 90 d`;
  const message = `${found} (${String(durationMaxUs)} us); give every step one`;
  return { code: 'STEP_UNBOUNDED', message };
}

function checkMode({ mode, programStep }: Step, { modes }: StepBounds): ErrorDetail | null {
  if (modes.includes(mode.kind)) return null;
  const found = `step "${programStep}" needs mode "${mode.kind}"; this instrument has ${modes.join(', ')}`;
  const message = `${found}: use one that has it (device list, or simulate --dialect, --instrument)`;
  return { code: 'CAPABILITY_MISSING', message };
}

/** Which ends a held voltage can come to; no other step ends by a small current (GVN1 6.2). */
function checkHeldVoltage(step: Step): ErrorDetail | null {
  const isHeld = step.mode.kind === 'cv';
  const name = `step "${step.programStep}"`;
  const found = possibleEnds(step).find((reason) =>
    isHeld ? !ENDS_OF_HELD_VOLTAGE.includes(reason) : reason === 'current-min',
  );
  if (found === undefined) return null;
  const message = isHeld
    ? `${name} holds a voltage and cannot end by ${found}; it ends by ${ENDS_OF_HELD_VOLTAGE.join(', ')}`
    : `${name} cannot end by ${found}, which belongs to a held voltage (cv); take another limit`;
  return { code: 'CAPABILITY_MISSING', message };
}

function checkCurrents({ limits, mode, programStep }: Step, bounds: StepBounds): ErrorDetail | null {
  const { currentMaxPa } = bounds;
  const setPa = mode.kind === 'cc' ? Math.abs(mode.currentPa) : 0;
  const largest = formatQuantity(currentMaxPa, 'current');
  if (setPa > currentMaxPa) {
    const asked = formatQuantity(setPa, 'current');
    return rangeExceeded(`step "${programStep}" asks for ${asked}, beyond ${largest}`);
  }
  const { currentMinPa } = limits;
  if (currentMinPa === undefined || (currentMinPa > 0 && currentMinPa <= currentMaxPa)) return null;
  const found = `step "${programStep}" ends below ${formatQuantity(currentMinPa, 'current')}`;
  return rangeExceeded(`${found}; it must be above 0 and at most ${largest}`);
}

function checkVoltages(
  { limits, mode, programStep }: Step,
  { voltageSpanNv }: StepBounds,
): ErrorDetail | null {
  const isBeyond = (nv: number | null): nv is number => nv !== null && Math.abs(nv) > voltageSpanNv;
  const span = formatQuantity(voltageSpanNv, 'voltage');
  const limit = [limits.voltageMaxNv, limits.voltageMinNv].find(isBeyond);
  if (limit !== undefined) {
    const found = `step "${programStep}" has a voltage limit of ${formatQuantity(limit, 'voltage')}`;
    return rangeExceeded(`${found}; this instrument measures within ${span}`);
  }
  const asked = setVoltagesNv(mode).find(isBeyond);
  if (asked === undefined) return null;
  const found = `step "${programStep}" sets ${formatQuantity(asked, 'voltage')}`;
  return rangeExceeded(`${found}; this instrument sets and measures within ${span}`);
}

function setVoltagesNv(mode: StepMode): readonly number[] {
  switch (mode.kind) {
    case 'cv':
      return [mode.voltageNv];
    case 'sweep':
      return [mode.fromNv, ...mode.verticesNv];
    case 'eis':
      return mode.bias.kind === 'voltage' ? [mode.bias.voltageNv] : [];
    case 'rest':
    case 'cc':
      return [];
  }
}

function checkBurst({ programStep, record }: Step, { recordBursts }: StepBounds): ErrorDetail | null {
  const { burst, everyUs } = record;
  if (burst === undefined) return null;
  const name = `step "${programStep}"`;
  if (recordBursts === null) {
    const message = `${name} asks for a burst of samples at its start, which this instrument does not have`;
    return { code: 'CAPABILITY_MISSING', message };
  }
  const asked = formatQuantity(burst.everyUs, 'time');
  if (burst.everyUs < recordBursts.everyMinUs) {
    const shortest = formatQuantity(recordBursts.everyMinUs, 'time');
    return rangeExceeded(
      `${name} asks for a burst every ${asked}; this instrument needs ${shortest} or more`,
    );
  }
  if (burst.everyUs < everyUs && burst.forUs > 0) return null;
  const rule = `every ${asked} for ${formatQuantity(burst.forUs, 'time')}`;
  const message = `${name} has a burst ${rule}, and a record every ${formatQuantity(everyUs, 'time')} anyway`;
  return { code: 'PARAMS_INVALID', message: `${message}; make the burst denser or leave it out` };
}

function rangeExceeded(message: string): ErrorDetail {
  return { code: 'RANGE_EXCEEDED', message };
}
