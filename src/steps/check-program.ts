// Checks a prepared protocol before anything starts: every step it can ask for is bounded, sound, and within
// the instrument. Walks the machine by its state values, each once: counts do not make the walk longer. Sends
// nothing, expands nothing.
import type { ErrorDetail } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { createPreflight } from './preflight.ts';
import { type MachineSnapshot, startMachine, stepMachine } from './machine.ts';
import type { PreparedProtocol, Program } from './protocol.ts';
import { foreseenEnd } from './runner.ts';
import { possibleEnds, type Step, type StepModeKind } from './step.ts';

/** What the instrument can do, as far as steps are concerned. */
export interface StepBounds {
  readonly modes: readonly string[];
  readonly currentMaxPa: number;
  readonly voltageSpanNv: number;
}

/** A wait longer than this is a slip of the pen, and the longest a device takes (GVN1 6.2). */
const DURATION_LONGEST_US = 90 * 86_400_000_000;

/** More than every protocol has before its main cycles repeat (`test/protocols` sees to it). */
const STATES_MAX = 500;

/** Problems of the first step that has any; empty: every reachable step is fine. */
export function checkProgram(protocol: PreparedProtocol, bounds: StepBounds): readonly ErrorDetail[] {
  const { diagnostics, preflight } = protocol;
  const between = diagnostics === null ? [] : [diagnostics.program];
  for (const program of [createPreflight(preflight), protocol, ...between]) {
    for (const step of reachableSteps(program)) {
      const problems = checkStep(step, bounds);
      if (problems.length > 0) return problems;
    }
  }
  return [];
}

/** What an instrument must be able to do for the program and its pre-flight. */
export function modesOf(protocol: PreparedProtocol): readonly StepModeKind[] {
  const steps = [...reachableSteps(createPreflight(protocol.preflight)), ...reachableSteps(protocol)];
  return [...new Set(steps.map(({ mode }) => mode.kind))];
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

function checkStep(step: Step, bounds: StepBounds): ErrorDetail[] {
  const { durationMaxUs, limits, mode, programStep } = step;
  if (!(durationMaxUs > 0 && durationMaxUs <= DURATION_LONGEST_US)) {
    const found = `step "${programStep}" has no maximum duration within 90 d`;
    return [
      { code: 'STEP_UNBOUNDED', message: `${found} (${String(durationMaxUs)} us); give every step one` },
    ];
  }
  if (!bounds.modes.includes(mode.kind)) {
    const message = `step "${programStep}" needs mode "${mode.kind}"; there is ${bounds.modes.join(', ')}`;
    return [{ code: 'CAPABILITY_MISSING', message }];
  }
  if (mode.kind === 'cc' && Math.abs(mode.currentPa) > bounds.currentMaxPa) {
    const [asked, largest] = [mode.currentPa, bounds.currentMaxPa].map((pa) =>
      formatQuantity(Math.abs(pa), 'current'),
    );
    return [
      {
        code: 'RANGE_EXCEEDED',
        message: `step "${programStep}" asks for ${asked ?? ''}, beyond ${largest ?? ''}`,
      },
    ];
  }
  const beyond = [limits.voltageMaxNv, limits.voltageMinNv].find(
    (nv) => Math.abs(nv ?? 0) > bounds.voltageSpanNv,
  );
  if (beyond === undefined || beyond === null) return [];
  const span = formatQuantity(bounds.voltageSpanNv, 'voltage');
  const found = `step "${programStep}" has a voltage limit of ${formatQuantity(beyond, 'voltage')}`;
  return [{ code: 'RANGE_EXCEEDED', message: `${found}; this instrument measures within ${span}` }];
}
