// What a protocol will do, said before any current flows: its steps in plain words with what each end leads
// to, how long it takes, how much it records, and what the cell may get at worst. Expands nothing: ten years
// of cycles are explained as fast as two.
import { assert } from '../base/assert.ts';
import type { CellLimits, PreparedProtocol } from '../steps/protocol.ts';
import { preflightSteps } from '../steps/preflight.ts';
import { NO_LIMITS, possibleEnds, type Step } from '../steps/step.ts';
import { diagnosticsTimes } from './diagnostics.ts';
import { endText, timeText } from './end-text.ts';
import { modeText, recordText } from './step-text.ts';
import { stepsOf } from './protocol-cell.ts';
import { estimateOf, type Span, type TreeEstimate, type VoltageRange } from './tree-estimate.ts';
import { treeFromProgram } from './tree-from-program.ts';
import { totalsOf } from './tree-totals.ts';
import { type EndRule, type ResolvedTree, type TreeItem, type TreeStep, treeOf } from './tree.ts';

export interface Explanation {
  /** Indented by two blanks for each group around a line. */
  readonly lines: readonly string[];
  readonly cycles: number;
  readonly steps: Span;
  /**
   * Of the run, pre-flight and diagnostics included, without the time that it holds for its operator. Equal
   * within a tick a step where steps end by time or charge.
   */
  readonly durationUs: Span;
  readonly samples: Span;
  /** Of the run file, sealed. */
  readonly bytes: Span;
  readonly platedChargeNc: number;
  readonly strippedChargeNc: number;
  readonly currentMaxPa: number;
  /** What one step may pass until its bound in time, if nothing else ends it. */
  readonly stepChargeWorstNc: number;
  /** Where the hard limit of the net charge opens the cell, on the device where it can. */
  readonly netChargeWorstNc: number;
}

/** null: a hand-written machine whose cycles do not repeat; its steps cannot be told without running it. */
export function explain(prepared: PreparedProtocol): Explanation | null {
  const tree = treeOf(prepared) ?? treeFromProgram(prepared, prepared.plan.cycles);
  if (tree === null) return null;
  const before = checkTree(prepared);
  const between = treeBetween(prepared);
  const range = rangeOf(prepared, tree);
  const [preflight, program] = [estimateOf(before, range), estimateOf(tree, range)];
  const times = timesBetween(prepared, tree);
  const diagnostics = repeated(estimateOf(between, range), times);
  const totals = totalsOf(tree);
  const read = (part: keyof TreeEstimate): Span => sum(preflight[part], program[part], diagnostics[part]);
  const [steps, samples] = [read('steps'), read('samples')];
  return {
    lines: [
      'before any current: a check of the cell',
      ...linesOf(before.items, 1),
      ...linesOf(tree.items, 0),
      ...betweenLines(prepared, between),
    ],
    cycles: totals.cycles,
    steps,
    durationUs: read('durationUs'),
    samples,
    bytes: { least: bytesOf(samples.least, steps.least), most: bytesOf(samples.most, steps.most) },
    platedChargeNc: totals.platedChargeNc,
    strippedChargeNc: totals.strippedChargeNc,
    currentMaxPa: prepared.currentMaxPa,
    stepChargeWorstNc: worstStep([...tree.items, ...between.items], prepared.cellLimits),
    netChargeWorstNc: prepared.cellLimits.netChargeMaxNc,
  };
}

/** The check of the cell before any current, of a cell that passes: its steps end by their time. */
function checkTree({ preflight }: PreparedProtocol): ResolvedTree {
  const items = preflightSteps(preflight).map((step): TreeStep => {
    // The second pulse takes back what the first gave, which takes as long.
    const timed: Step = { ...step, durationMaxUs: step.durationExpectedUs, limits: NO_LIMITS };
    const label = step.programStep;
    return { kind: 'step', label, every: 1, step: timed, ends: { duration: { then: 'next' } } };
  });
  return { items };
}

/** What is measured between cycles; empty: nothing is. */
function treeBetween({ diagnostics }: PreparedProtocol): ResolvedTree {
  if (diagnostics === null) return { items: [] };
  const tree = treeFromProgram(diagnostics.program, 0);
  assert(tree !== null, 'what is measured between cycles comes to an end');
  return tree;
}

/** How often that is done: fewer times where something may end the cycles early. */
function timesBetween(prepared: PreparedProtocol, { items }: ResolvedTree): Span {
  const most = diagnosticsTimes(prepared);
  return { least: leavesOrJumps(items) ? 0 : most, most };
}

function leavesOrJumps(items: readonly TreeItem[]): boolean {
  return items.some((item) =>
    item.kind === 'group'
      ? leavesOrJumps(item.items)
      : Object.values(item.ends).some(({ then }) => then === 'end group' || then === 'go to'),
  );
}

function betweenLines({ diagnostics }: PreparedProtocol, { items }: ResolvedTree): string[] {
  if (diagnostics === null) return [];
  const { everyCycles } = diagnostics;
  const often = everyCycles === 1 ? 'after each cycle' : `every ${everyCycles} cycles`;
  return [`${often}:`, ...linesOf(items, 1)];
}

/** The voltages that limits of steps, held voltages and a cell at rest leave; else the limits of the cell. */
function rangeOf({ cellLimits, preflight }: PreparedProtocol, { items }: ResolvedTree): VoltageRange {
  const voltagesNv = stepsOf(items).flatMap(({ limits, mode }): number[] => {
    switch (mode.kind) {
      case 'cc':
        return [
          limits.voltageMinNv ?? cellLimits.voltageMinNv,
          limits.voltageMaxNv ?? cellLimits.voltageMaxNv,
        ];
      case 'cv':
        return [mode.voltageNv];
      case 'sweep':
        return [mode.fromNv, ...mode.verticesNv];
      case 'rest':
      case 'eis':
        return [];
    }
  });
  const { ocvMaxNv, ocvMinNv } = preflight;
  return { leastNv: Math.min(ocvMinNv, ...voltagesNv), mostNv: Math.max(ocvMaxNv, ...voltagesNv) };
}

function sum(...spans: readonly Span[]): Span {
  const total = (read: (span: Span) => number): number => spans.reduce((all, span) => all + read(span), 0);
  return { least: total(({ least }) => least), most: total(({ most }) => most) };
}

function repeated({ durationUs, samples, steps }: TreeEstimate, times: Span): TreeEstimate {
  const of = ({ least, most }: Span): Span => ({ least: least * times.least, most: most * times.most });
  return { durationUs: of(durationUs), samples: of(samples), steps: of(steps) };
}

/**
 * Of an empty run file, of a sample (with its part of the pyramid), of a step (with its commands, half-cycle
 * and frames). Fitted to 22 simulated runs of 300 to 290 000 samples and 3 to 450 steps: each within 12 %.
 * test/protocols/explain.test.ts holds them against runs.
 */
const FILE_BYTES = 95_000;
const SAMPLE_BYTES = 38;
const STEP_BYTES = 2000;

function bytesOf(samples: number, steps: number): number {
  return FILE_BYTES + SAMPLE_BYTES * samples + STEP_BYTES * steps;
}

function worstStep(items: readonly TreeItem[], limits: CellLimits): number {
  const charges = items.map((item) => {
    if (item.kind === 'group') return worstStep(item.items, limits);
    const { durationMaxUs, mode } = item.step;
    if (mode.kind === 'rest' || mode.kind === 'eis') return 0;
    const currentPa = mode.kind === 'cc' ? Math.abs(mode.currentPa) : limits.currentMaxPa;
    // pA us is 1e-9 nC.
    return Math.ceil((currentPa * durationMaxUs) / 1e9);
  });
  return Math.max(0, ...charges);
}

function linesOf(items: readonly TreeItem[], depth: number): string[] {
  return items.flatMap((item) => {
    const indent = '  '.repeat(depth);
    const often = item.every === 1 ? '' : `every ${item.every}th pass: `;
    if (item.kind === 'step')
      return [`${indent}${often}${stepLine(item)}`, ...exitLines(item, `${indent}  `)];
    const what = item.countsCycles ? 'cycles' : 'times';
    return [`${indent}${often}${item.count} ${what}:`, ...linesOf(item.items, depth + 1)];
  });
}

/** `plating: plating at 1.13 mA until charge 1.13 mAh; a sample every 10 s and each 2 mV`. */
function stepLine({ ends, label, step }: TreeStep): string {
  const until = possibleEnds(step)
    .filter((reason) => ends[reason]?.then === 'next')
    .map((reason) => endText(step, reason));
  const ending = until.length === 0 ? '' : ` until ${until.join(' or ')}`;
  return `${label}: ${modeText(step)}${ending}; ${samplingText(step)}`;
}

function samplingText({ mode, record }: Step): string {
  return mode.kind === 'eis' ? `${mode.points} points` : `a sample ${recordText(record)}`;
}

function exitLines({ ends, step }: TreeStep, indent: string): string[] {
  return possibleEnds(step).flatMap((reason) => {
    const rule = ends[reason];
    if (rule === undefined || rule.then === 'next') return [];
    // The bound in time of a step that a charge or a voltage ends is there for safety, and struck by a fault.
    return [`${indent}${endText(step, reason)}: ${ruleText(rule)}`];
  });
}

function ruleText(rule: EndRule): string {
  switch (rule.then) {
    case 'next':
      return 'next step';
    case 'end group':
      return 'leave the group';
    case 'end run':
      return `end the run (${rule.verdict})${rule.reason === '' ? '' : `: ${rule.reason}`}`;
    case 'hold':
      return `hold for the operator: ${rule.reason}`;
    case 'go to':
      return `go to ${rule.label}, at most ${rule.atMost} times`;
  }
}

/** `83.333 d`, or `83.333 d to 91.667 d` where a measured value decides. */
export function spanText({ least, most }: Span, shown: (value: number) => string): string {
  const [from, to] = [shown(least), shown(most)];
  return from === to ? from : `${from} to ${to}`;
}

/** Durations of a span. */
export function durationSpanText(span: Span): string {
  return spanText(span, timeText);
}
