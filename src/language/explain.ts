// What a protocol will do, said before any current flows: its steps in plain words with what each end leads
// to, how long it takes, how much it records, and what the cell may get at worst. Expands nothing: ten years
// of cycles are explained as fast as two.
import type { CellLimits, PreparedProtocol } from '../steps/protocol.ts';
import { preflightSteps } from '../steps/preflight.ts';
import { NO_LIMITS, possibleEnds, type Step } from '../steps/step.ts';
import { endText, timeText } from './end-text.ts';
import { modeText, recordText } from './step-text.ts';
import { estimateOf, type Span } from './tree-estimate.ts';
import { treeFromProgram } from './tree-from-program.ts';
import { totalsOf } from './tree-totals.ts';
import { type EndRule, type ResolvedTree, type TreeItem, type TreeStep, treeOf } from './tree.ts';

export interface Explanation {
  /** Indented by two blanks for each group around a line. */
  readonly lines: readonly string[];
  readonly cycles: number;
  readonly steps: Span;
  /** Of the run, pre-flight included. Equal within a tick a step where steps end by time or charge. */
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
  const spanNv = prepared.cellLimits.voltageMaxNv - prepared.cellLimits.voltageMinNv;
  const [preflight, program] = [estimateOf(before, spanNv), estimateOf(tree, spanNv)];
  const totals = totalsOf(tree);
  const steps = sum(preflight.steps, program.steps);
  const samples = sum(preflight.samples, program.samples);
  return {
    lines: [
      'before any current: a check of the cell',
      ...linesOf(before.items, 1),
      ...linesOf(tree.items, 0),
    ],
    cycles: totals.cycles,
    steps,
    durationUs: sum(preflight.durationUs, program.durationUs),
    samples,
    bytes: { least: bytesOf(samples.least, steps.least), most: bytesOf(samples.most, steps.most) },
    platedChargeNc: totals.platedChargeNc,
    strippedChargeNc: totals.strippedChargeNc,
    currentMaxPa: prepared.currentMaxPa,
    stepChargeWorstNc: worstStep(tree.items, prepared.cellLimits),
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

function sum(left: Span, right: Span): Span {
  return { least: left.least + right.least, most: left.most + right.most };
}

/** Of an empty run file, of a sample, of a step with its half-cycle (test/protocols/explain.test.ts). */
const FILE_BYTES = 250_000;
const SAMPLE_BYTES = 42;
const STEP_BYTES = 900;

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
export function durationText(span: Span): string {
  return spanText(span, timeText);
}
