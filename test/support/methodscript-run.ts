// A run on a scripted MethodSCRIPT instrument: a plate and a strip of 3 s, what the instrument says of them,
// and what the daemon has heard. For driver tests.
import { expect } from 'vitest';
import type { LookAheadTree, Step } from '../../src/steps/step.ts';
import { NO_LIMITS } from '../../src/steps/step.ts';
import {
  methodscriptRigUp,
  timeWord,
  type MethodscriptRig,
  type MethodscriptRigOptions,
} from './methodscript-peer.ts';
import { node, PLATE, STRIP } from './trees.ts';

export const OK = { ok: true, value: null };
export const SETUP = {
  run: '01JA',
  rangeIndex: 5,
  limits: {
    voltageMaxNv: 2_000_000_000,
    voltageMinNv: -2_000_000_000,
    currentMaxPa: 10_000_000_000,
    netChargeMaxNc: 1e12,
  },
};
export const CURRENT_PA = 1_130_000_000;
const SECOND_US = 1_000_000;

/** The step without limits, for so long, every second recorded. */
export function seconds(step: Step, durationS: number): Step {
  const record = { everyUs: SECOND_US, voltageDeltaNv: null, currentDeltaPa: null };
  return { ...step, durationMaxUs: durationS * SECOND_US, limits: NO_LIMITS, record };
}

export const CYCLE: LookAheadTree = {
  nodes: [node(1, 1, seconds(PLATE, 3), { duration: 2 }), node(2, 2, seconds(STRIP, 3))],
};

export function loop(technique: string, ...packages: readonly string[]): string[] {
  return [`M${technique}`, ...packages, '*'];
}

/** A mark and the time that stood on the timer. */
export function timed(text: string, timeUs: number): string[] {
  return [`T${text}`, `P${timeWord(timeUs)}`];
}

/** What `on_finished:` says, and the end of the script. */
export const END = [...timed('off', 900), ''];

/** Up, with a run opened and the tree loaded and taken. */
export function running(tree: LookAheadTree = CYCLE, options: MethodscriptRigOptions = {}): MethodscriptRig {
  const rig = methodscriptRigUp(options);
  const channel = rig.cycler.channel(1);
  channel.open(SETUP, rig.done);
  channel.renewLease('waived', rig.done);
  channel.load(tree, rig.done);
  rig.clock.advance(0);
  say(rig, 'e');
  expect(rig.results.splice(0)).toEqual([OK, OK, OK]);
  return rig;
}

export function say(rig: MethodscriptRig, ...lines: readonly string[]): void {
  rig.peer(rig.connections() - 1).say(...lines);
  rig.clock.advance(0);
}

/** What the host has said on the first connection, from a line on. */
export function saidSince(rig: MethodscriptRig, from: number): readonly string[] {
  return rig.peer(0).heard.slice(from);
}

/** Step number, reason and duration of each end. */
export function endsOf(rig: MethodscriptRig): unknown[] {
  return rig.reports.flatMap((report) =>
    report.type === 'stepEnded' ? [[report.stepNumber, report.reason, report.endUs - report.startUs]] : [],
  );
}

export function faultsOf(rig: MethodscriptRig): string[] {
  return rig.reports.flatMap((report) => (report.type === 'fault' ? [report.fault] : []));
}

export function timesOf(rig: MethodscriptRig): number[] {
  return rig.reports.flatMap((report) => (report.type === 'samples' ? [...report.timeUs] : []));
}

/** Null: the driver does not say. */
export function isCellOn(rig: MethodscriptRig): boolean | null {
  let isOn: boolean | null = null;
  rig.cycler.channel(1).status((result) => {
    if (result.ok) isOn = result.value.isCellOn;
  });
  return isOn;
}
