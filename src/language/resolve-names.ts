// Last pass over a tree: every step gets a name of its own, every `go to` its target, every cycle the
// half-cycle that completes it, and a bound by the net counter becomes wide enough for each way to it. Pure.
import { boundFor, timeFor } from './resolve-limits.ts';
import type { DraftStep } from './resolve-step.ts';
import { complain, type Sheet } from './resolve-values.ts';
import type { EndRule, ResolvedTree, TreeGroup, TreeItem, TreeStep } from './tree.ts';

export interface DraftGroup extends Omit<TreeGroup, 'items'> {
  readonly items: readonly DraftItem[];
}

export type DraftItem = DraftStep | DraftGroup;

/** null: a `go to` finds no target; the sheet says which. */
export function namedTree(sheet: Sheet, items: readonly DraftItem[]): ResolvedTree | null {
  const steps = stepsOf(items);
  const labels = uniqueLabels(steps);
  const completing = new Set(completingSteps(items));
  const targetsNc = [0, ...steps.flatMap(({ netTargetNc }) => netTargetNc ?? [])];
  const finish = (draft: DraftStep, scopes: readonly (readonly DraftItem[])[]): TreeStep => {
    const label = labels.get(draft) ?? draft.label;
    const ends = Object.entries(draft.ends).map(
      ([reason, rule]) => [reason, targeted(sheet, rule, { draft, scopes, labels })] as const,
    );
    return {
      kind: 'step',
      label,
      every: draft.every,
      step: {
        ...draft.step,
        programStep: label,
        completesCycle: completing.has(draft),
        durationMaxUs: widened(draft, targetsNc),
      },
      ends: Object.fromEntries(ends),
    };
  };
  const finishAll = (list: readonly DraftItem[], scopes: readonly (readonly DraftItem[])[]): TreeItem[] =>
    list.map((item) => {
      const around = [list, ...scopes];
      return item.kind === 'step' ? finish(item, around) : { ...item, items: finishAll(item.items, around) };
    });
  const finished = finishAll(items, []);
  return sheet.problems.length > 0 ? null : { items: finished };
}

function stepsOf(items: readonly DraftItem[]): DraftStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsOf(item.items)));
}

/** What its author or its kind calls it, `-1` and `-2` for passes of an `each`, `-2`, `-3` for repeats. */
function uniqueLabels(steps: readonly DraftStep[]): Map<DraftStep, string> {
  const labels = new Map<DraftStep, string>();
  // Final states of the machine are called so.
  const taken = new Set(['completed', 'ended']);
  for (const step of steps) {
    const wanted = step.label + step.suffix;
    let label = wanted;
    for (let number = 2; taken.has(label); number += 1) label = `${wanted}-${number}`;
    taken.add(label);
    labels.set(step, label);
  }
  return labels;
}

/** Of each group that counts cycles, the last half-cycle that every pass has. */
function completingSteps(items: readonly DraftItem[]): DraftStep[] {
  return items.flatMap((item) => {
    if (item.kind === 'step') return [];
    if (!item.countsCycles) return completingSteps(item.items);
    const last = halvesOfEveryPass(item.items).at(-1) ?? stepsOf(item.items).findLast(isHalf);
    return last === undefined ? [] : [last];
  });
}

function halvesOfEveryPass(items: readonly DraftItem[]): DraftStep[] {
  return items.flatMap((item) => {
    if (item.every > 1) return [];
    if (item.kind === 'group') return halvesOfEveryPass(item.items);
    return isHalf(item) ? [item] : [];
  });
}

function isHalf({ step }: DraftStep): boolean {
  return step.half !== null;
}

/** The net counter may come from any target of the tree, as after a jump or from the pass before. */
function widened({ netTargetNc, step }: DraftStep, targetsNc: readonly number[]): number {
  if (netTargetNc === null || step.mode.kind !== 'cc') return step.durationMaxUs;
  const { currentPa } = step.mode;
  const farthestNc = Math.max(...targetsNc.map((other) => Math.abs(other - netTargetNc)));
  return Math.max(step.durationMaxUs, boundFor(timeFor(farthestNc, currentPa)));
}

interface JumpContext {
  readonly draft: DraftStep;
  /** Lists of items, from the one with the step outwards. */
  readonly scopes: readonly (readonly DraftItem[])[];
  readonly labels: ReadonlyMap<DraftStep, string>;
}

function targeted(sheet: Sheet, rule: EndRule, { draft, scopes, labels }: JumpContext): EndRule {
  if (rule.then !== 'go to') return rule;
  for (const scope of scopes) {
    const found = scope.find((item) => item.kind === 'step' && item.sourceLabel === rule.label);
    const label = found?.kind === 'step' ? labels.get(found) : undefined;
    if (label !== undefined) return { ...rule, label };
  }
  const found = `no step "${rule.label}" to go to, in this group or one around it, with these parameters`;
  complain(sheet, draft.at, `${found}; give one "label: ${rule.label}"`);
  return rule;
}
