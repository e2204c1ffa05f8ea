// Goal: whatever protocol is in the registry, its machine reaches every state, always ends, and names a
// bounded step everywhere but at its end. A new protocol is covered by being registered.
// Method: model check of the pure machine with xstate/graph, counts capped at 2, over several settings of its
// choices.

import { getShortestPaths } from 'xstate/graph';
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../protocols/index.ts';
import { formatQuantity, parseQuantity } from '../../src/base/quantity.ts';
import {
  type MachineSnapshot,
  persistMachine,
  startMachine,
  type StepEndedEvent,
  stepMachine,
} from '../../src/steps/machine.ts';
import { type ParameterTable, parseParameters } from '../../src/steps/parameters.ts';
import { type PreparedProtocol, type Protocol, VERDICTS } from '../../src/steps/protocol.ts';
import { foreseenEnd } from '../../src/steps/runner.ts';
import { possibleEnds, PROGRAM_END_REASONS, type Step } from '../../src/steps/step.ts';
import { COIN_CELL, type Parameters, prepared, stepEnded } from '../support/prepared.ts';

const DEVICE_STEP_MAX_US = 90 * 86_400_000_000;
const COUNT_MAX = 2;
/** Nothing, and more than any step is meant to pass: a machine that judges charge sees both sides. */
const CHARGES_NC = [0, 1e15];
const EVENTS = PROGRAM_END_REASONS.flatMap((reason) =>
  CHARGES_NC.map((chargeNc) => stepEnded(reason, { chargeNc })),
);

/** Every choice once each way, counts at the cap: enough settings to see each state of a machine. */
function settingsOf(table: ParameterTable): Parameters[] {
  const counts = Object.entries(table).filter(([, spec]) => spec.kind === 'count');
  const capped = Object.fromEntries(counts.map(([name]) => [name, COUNT_MAX]));
  const choices = Object.entries(table).flatMap(([name, spec]) =>
    spec.kind === 'choice' ? spec.choices.map((word) => ({ ...capped, [name]: word })) : [],
  );
  return [capped, ...choices];
}

const settings = PROTOCOLS.flatMap((protocol) =>
  settingsOf(protocol.parameters).map((parameters) => [protocol, parameters] as const),
);
const cases = settings.map(
  ([protocol, parameters]) => [protocol.name, JSON.stringify(parameters), protocol, parameters] as const,
);

function reachable(program: PreparedProtocol): MachineSnapshot[] {
  return getShortestPaths(program.machine, { events: EVENTS, limit: 100_000 }).map(
    ({ state }) => state as MachineSnapshot,
  );
}

/** The ends that a step can come to by its own rules: what a device may really report. */
function successors(program: PreparedProtocol, snapshot: MachineSnapshot): MachineSnapshot[] {
  const step = program.stepOf(snapshot);
  if (step === null) return [];
  return possibleEnds(step).flatMap((reason) =>
    CHARGES_NC.map((chargeNc) => stepMachine(program.machine, snapshot, stepEnded(reason, { chargeNc }))),
  );
}

/** The step after each end of a step that others may be loaded behind, beside the one that was foreseen. */
function endsOf(program: PreparedProtocol, snapshot: MachineSnapshot) {
  const step = program.stepOf(snapshot);
  if (step?.allowsLookAhead !== true) return [];
  const after = (event: StepEndedEvent): Step | null =>
    program.stepOf(stepMachine(program.machine, snapshot, event));
  return possibleEnds(step).flatMap((reason) => {
    const foreseen = after(foreseenEnd(step, reason));
    return CHARGES_NC.flatMap((chargeNc) =>
      [-2e9, 2e9].map((voltageNv) => ({ foreseen, next: after(stepEnded(reason, { chargeNc, voltageNv })) })),
    );
  });
}

function keyOf(program: PreparedProtocol, snapshot: MachineSnapshot): string {
  return JSON.stringify(persistMachine(program.machine, snapshot));
}

/** Longest walk to an end; throws on a cycle: a program that need not end. */
function longestWalk(program: PreparedProtocol): number {
  const known = new Map<string, number>();
  const open = new Set<string>();
  const walk = (snapshot: MachineSnapshot): number => {
    const key = keyOf(program, snapshot);
    const length = known.get(key);
    if (length !== undefined) return length;
    if (open.has(key)) throw new Error(`a cycle through ${key}`);
    open.add(key);
    const next = successors(program, snapshot);
    const longest = next.length === 0 ? 0 : 1 + Math.max(...next.map(walk));
    open.delete(key);
    known.set(key, longest);
    return longest;
  };
  return walk(startMachine(program.machine));
}

function expectBounded(step: Step): void {
  expect(Number.isSafeInteger(step.durationMaxUs)).toBe(true);
  expect(step.durationMaxUs).toBeGreaterThan(0);
  expect(step.durationMaxUs).toBeLessThanOrEqual(DEVICE_STEP_MAX_US);
  expect(step.durationExpectedUs).toBeGreaterThan(0);
  expect(step.durationExpectedUs).toBeLessThanOrEqual(step.durationMaxUs);
  expect(step.record.everyUs).toBeGreaterThanOrEqual(1000);
}

function expectLimited(step: Step, { cellLimits, currentMaxPa }: PreparedProtocol): void {
  if (step.mode.kind !== 'cc') return;
  const { currentPa } = step.mode;
  const { voltageMaxNv, voltageMinNv, netChargeNc } = step.limits;
  expect(Number.isSafeInteger(currentPa) && currentPa !== 0).toBe(true);
  expect(Math.abs(currentPa)).toBeLessThanOrEqual(currentMaxPa);
  expect(Math.abs(currentPa)).toBeLessThan(cellLimits.currentMaxPa);
  expect(voltageMaxNv).not.toBeNull();
  expect(voltageMinNv).not.toBeNull();
  expect(voltageMaxNv).toBeLessThan(cellLimits.voltageMaxNv);
  expect(voltageMinNv).toBeGreaterThan(cellLimits.voltageMinNv);
  if (netChargeNc !== null) expect(Math.abs(netChargeNc)).toBeLessThan(cellLimits.netChargeMaxNc);
}

describe('the registry of protocols', () => {
  it('has a name for each, none twice', () => {
    const names = PROTOCOLS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]+$/);
  });

  it.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    '%s runs with no parameter given, and its plan is finite',
    (_, protocol) => {
      const { plan } = prepared({}, protocol);
      for (const value of Object.values(plan)) expect(Number.isSafeInteger(value)).toBe(true);
    },
  );

  it.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    '%s has defaults within bounds, and bounds that are in order',
    (_, { parameters }) => {
      expect(parseParameters(parameters, {}).ok).toBe(true);
      for (const [name, spec] of Object.entries(parameters)) {
        expect(spec.about.length, name).toBeGreaterThan(0);
        if (spec.kind === 'choice') expect(spec.choices, name).toContain(spec.default);
        else expectOrdered(name, spec);
      }
    },
  );
});

function expectOrdered(name: string, spec: Exclude<ParameterTable[string], { kind: 'choice' }>): void {
  if (spec.kind === 'count') return expect(spec.min, name).toBeLessThan(spec.max);
  const [min, max] = [parseQuantity(spec.min, spec.dimension), parseQuantity(spec.max, spec.dimension)];
  expect(min.ok && max.ok, name).toBe(true);
  if (min.ok && max.ok) expect(min.value, name).toBeLessThan(max.value);
  if (min.ok) expect(formatQuantity(min.value, spec.dimension), name).not.toBe('');
}

describe.each(cases)('%s with %s', (_, __, protocol: Protocol, parameters: Parameters) => {
  const program = prepared(parameters, protocol);

  it('always ends', () => {
    expect(longestWalk(program)).toBeGreaterThan(0);
  });

  it('names a step in every state but the final ones, each bounded and limited', () => {
    for (const snapshot of reachable(program)) {
      const step = program.stepOf(snapshot);
      expect(step === null, String(snapshot.value)).toBe(snapshot.status === 'done');
      if (step === null) continue;
      expectBounded(step);
      expectLimited(step, program);
    }
  });

  it('may end by what was measured, but where look-ahead is allowed never chooses another step by it', () => {
    const judged = reachable(program).flatMap((snapshot) => endsOf(program, snapshot));
    expect(judged.length).toBeGreaterThan(0);
    for (const { next, foreseen } of judged) expect([foreseen, null]).toContainEqual(next);
  });

  it('ends with a known verdict and one line of reason', () => {
    for (const snapshot of reachable(program).filter(({ status }) => status === 'done')) {
      const { verdict, reason } = program.outcomeOf(snapshot);
      expect(VERDICTS).toContain(verdict);
      expect(reason).toMatch(/^.+$/);
    }
  });

  it('keeps a context of plain finite JSON', () => {
    for (const { context } of reachable(program))
      expect(JSON.parse(JSON.stringify(context))).toEqual(context);
  });

  it('prepares the same machine and steps again from the same parameters', () => {
    const again = prepared(parameters, protocol);
    expect(JSON.stringify(again.machine.definition)).toBe(JSON.stringify(program.machine.definition));
    const [first, second] = [program, again].map((p) => p.stepOf(startMachine(p.machine)));
    expect(first).toEqual(second);
  });
});

describe.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))('%s', (_, protocol) => {
  it('reaches every state of its machine with ends that its steps can really come to', () => {
    const seen = new Set<string>();
    const states = new Set<string>();
    for (const parameters of settingsOf(protocol.parameters)) {
      const program = prepared(parameters, protocol);
      for (const name of Object.keys(program.machine.states)) states.add(name);
      const queue = [startMachine(program.machine)];
      const visited = new Set<string>();
      for (let snapshot = queue.pop(); snapshot !== undefined; snapshot = queue.pop()) {
        seen.add(String(snapshot.value));
        const key = keyOf(program, snapshot);
        if (!visited.has(key)) queue.push(...successors(program, snapshot));
        visited.add(key);
      }
    }
    // Where each end leads on, the final state of a tree for ends that are none is never come to.
    if (!seen.has('ended')) states.delete('ended');
    expect([...seen].sort()).toEqual([...states].sort());
  });

  it('refuses an unknown parameter and a cell it cannot plan for, with a line that names the field', () => {
    const result = protocol.prepare({ no_such_thing: 1 }, COIN_CELL);
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.problems).toEqual([
      expect.stringMatching(/^unknown parameter "no_such_thing"/),
    ]);
  });
});
