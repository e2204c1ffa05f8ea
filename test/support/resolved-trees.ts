// Trees of steps for tests: short ways to write one, random ones with every kind of end, and a naive
// interpreter that walks a tree the way its words say: pass by pass, nothing computed ahead.
import fc from 'fast-check';
import { halfCycleStep, restStep } from '../../src/steps/half-cycle.ts';
import { possibleEnds, type ProgramEndReason, type Step } from '../../src/steps/step.ts';
import type { EndRule, ResolvedTree, TreeGroup, TreeItem, TreeStep } from '../../src/language/tree.ts';

export const NEXT: EndRule = { then: 'next' };
export const CHARGE_NC = 3_600_000;
const PLAN = { currentPa: 1_000_000_000, chargeNc: CHARGE_NC, durationUs: 3_600_000 };

export type Ends = Partial<Record<ProgramEndReason, EndRule>>;

/** Every end of the step leads to the next one, where `ends` says nothing else. */
export function stepItem(label: string, step: Step, { ends = {}, every = 1 }: Options = {}): TreeStep {
  const rules = possibleEnds(step).map((reason) => [reason, ends[reason] ?? NEXT] as const);
  return {
    kind: 'step',
    label,
    every,
    step: { ...step, programStep: label },
    ends: Object.fromEntries(rules),
  };
}

interface Options {
  readonly ends?: Ends;
  readonly every?: number;
}

export function rest(label: string, options: Options & { readonly durationUs?: number } = {}): TreeStep {
  const { durationUs = 60_000_000 } = options;
  const step = restStep({ programStep: label, phase: 'rest', durationUs, recordEveryUs: 1_000_000 });
  return stepItem(label, step, options);
}

/** Of 1 mA and 3.6 s, with voltage limits; by charge of the step, or to this net charge. */
export function half(
  label: string,
  name: 'plate' | 'strip',
  options: Options & { readonly netChargeNc?: number; readonly completesCycle?: boolean } = {},
): TreeStep {
  const { netChargeNc, completesCycle = false } = options;
  const step = halfCycleStep({
    ...{ plan: PLAN, phase: 'cycling', cycle: 0, half: name, completesCycle },
    end: netChargeNc === undefined ? { by: 'step-charge' } : { by: 'net-charge', netChargeNc },
    ...{ voltageMaxNv: 500_000_000, voltageMinNv: -500_000_000, voltageDebounceUs: 1_000_000 },
    ...{ recordEveryUs: 100_000, recordVoltageDeltaNv: 0 },
  });
  return stepItem(label, step, options);
}

export function group(
  count: number,
  items: readonly TreeItem[],
  { every = 1, countsCycles = false }: { readonly every?: number; readonly countsCycles?: boolean } = {},
): TreeGroup {
  return { kind: 'group', label: null, count, countsCycles, every, items };
}

export function treeOf(...items: readonly TreeItem[]): ResolvedTree {
  return { items };
}

export interface RandomTreeOptions {
  /** Counts and `every` are drawn from these. */
  readonly counts: readonly number[];
  readonly depth: number;
  readonly width: number;
}

interface Draft {
  readonly kind: 'rest' | 'plate' | 'strip' | 'group';
  readonly every: number;
  readonly count: number;
  readonly countsCycles: boolean;
  readonly toNet: number | null;
  readonly rules: readonly {
    readonly kind: EndRule['then'];
    readonly pick: number;
    readonly atMost: number;
  }[];
  readonly items: readonly Draft[];
}

/** Valid ones: labels unique, ends total, `go to` within reach. */
export function randomTrees({ counts, depth, width }: RandomTreeOptions): fc.Arbitrary<ResolvedTree> {
  const common = {
    every: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.constantFrom(...counts)),
    count: fc.constantFrom(...counts),
    countsCycles: fc.boolean(),
    toNet: fc.option(fc.integer({ min: -3, max: 3 })),
    rules: fc.array(
      fc.record({
        kind: fc.constantFrom('next', 'next', 'next', 'next', 'hold', 'end group', 'end run', 'go to'),
        pick: fc.nat(1000),
        atMost: fc.constantFrom(...counts),
      }),
      { minLength: 8, maxLength: 8 },
    ),
  };
  const kind = fc.constantFrom('rest', 'plate', 'strip');
  const step = fc.record({ ...common, kind, items: fc.constant<Draft[]>([]) });
  const { item } = fc.letrec<{ item: Draft }>((tie) => ({
    item: fc.oneof(
      { maxDepth: depth, depthIdentifier: 'tree' },
      step,
      fc.record({
        ...common,
        kind: fc.constant<'group'>('group'),
        items: fc.array(tie('item'), { minLength: 1, maxLength: width, depthIdentifier: 'tree' }),
      }),
    ),
  }));
  return fc.array(item, { minLength: 1, maxLength: width }).map((drafts) => {
    const labels = new Map<Draft, string>();
    number(drafts, labels);
    return { items: itemsOf(drafts, { labels, targets: [], isCounting: false }) };
  });
}

function number(drafts: readonly Draft[], labels: Map<Draft, string>): void {
  for (const draft of drafts) {
    if (draft.kind === 'group') number(draft.items, labels);
    else labels.set(draft, `${draft.kind}-${labels.size + 1}`);
  }
}

interface Surroundings {
  readonly labels: ReadonlyMap<Draft, string>;
  readonly targets: readonly string[];
  readonly isCounting: boolean;
}

function itemsOf(drafts: readonly Draft[], around: Surroundings): TreeItem[] {
  const targets = [...around.targets, ...drafts.flatMap((draft) => around.labels.get(draft) ?? [])];
  return drafts.map((draft): TreeItem => {
    if (draft.kind !== 'group') return stepOf(draft, around.labels.get(draft) ?? '', targets);
    const countsCycles = draft.countsCycles && !around.isCounting;
    const inside = { ...around, targets, isCounting: around.isCounting || countsCycles };
    return group(draft.count, itemsOf(draft.items, inside), { every: draft.every, countsCycles });
  });
}

function stepOf({ kind, every, rules, toNet }: Draft, label: string, targets: readonly string[]): TreeStep {
  const net = toNet === null ? {} : { netChargeNc: toNet * CHARGE_NC };
  const plain = kind === 'plate' || kind === 'strip' ? half(label, kind, net) : rest(label);
  const ends = possibleEnds(plain.step).map((reason, index): [ProgramEndReason, EndRule] => {
    const rule = rules[index];
    const target = targets[(rule?.pick ?? 0) % targets.length] ?? label;
    switch (rule?.kind) {
      case 'hold':
        return [reason, { then: 'hold', reason: `look at ${label}` }];
      case 'end run':
        return [reason, { then: 'end run', verdict: 'low-ce', reason: `${label} by ${reason}` }];
      case 'go to':
        return [reason, { then: 'go to', label: target, atMost: rule.atMost }];
      case 'end group':
        return [reason, { then: 'end group' }];
      case 'next':
      case undefined:
        return [reason, NEXT];
    }
  });
  return stepItem(label, plain.step, { every, ends: Object.fromEntries(ends) });
}

export interface Visit {
  readonly label: string;
  readonly cycle: number;
  readonly hold: string | null;
}

/** How a naive walk ended; null: it was cut off. */
export type NaiveEnd = { readonly verdict: string } | null;

/** `choose` says by which of its ends a step ended. Stops after so many steps. */
export function walkNaively(
  tree: ResolvedTree,
  choose: (step: Step, count: number) => ProgramEndReason,
  stepsMax: number,
): { readonly visits: readonly Visit[]; readonly end: NaiveEnd } {
  const walk = new NaiveWalk(choose, stepsMax);
  const signal = walk.group(group(1, tree.items));
  if (signal.then === 'cut') return { visits: walk.visits, end: null };
  return { visits: walk.visits, end: { verdict: signal.then === 'end' ? signal.verdict : 'completed' } };
}

type Signal =
  | { readonly then: 'next' | 'leave' | 'cut' }
  | { readonly then: 'jump'; readonly label: string }
  | { readonly then: 'end'; readonly verdict: string };

class NaiveWalk {
  readonly visits: Visit[] = [];
  readonly #jumps = new Map<EndRule, number>();
  readonly #choose: (step: Step, count: number) => ProgramEndReason;
  readonly #stepsMax: number;
  #cycle = 0;
  #hold: string | null = null;

  constructor(choose: (step: Step, count: number) => ProgramEndReason, stepsMax: number) {
    [this.#choose, this.#stepsMax] = [choose, stepsMax];
  }

  group({ count, countsCycles, items }: TreeGroup, isCounting = false): Signal {
    const [cycleBefore, visitsBefore] = [this.#cycle, this.visits.length];
    for (let pass = 1; pass <= count; pass += 1) {
      if (countsCycles) this.#cycle += 1;
      const signal = this.#pass(items, pass, isCounting || countsCycles);
      if (signal.then === 'leave') return { then: 'next' };
      if (signal.then !== 'next') return signal;
    }
    // In which nothing was ever run: it was not there.
    if (this.visits.length === visitsBefore) this.#cycle = cycleBefore;
    return { then: 'next' };
  }

  #pass(items: readonly TreeItem[], pass: number, isCounting: boolean): Signal {
    let isForced = false;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || (!isForced && pass % item.every !== 0)) continue;
      isForced = false;
      const signal = item.kind === 'step' ? this.#step(item, isCounting) : this.group(item, isCounting);
      if (signal.then === 'next') continue;
      const target = items.findIndex(
        ({ kind, label }) => signal.then === 'jump' && kind === 'step' && label === signal.label,
      );
      if (target < 0) return signal;
      [index, isForced] = [target - 1, true];
    }
    return { then: 'next' };
  }

  #step({ label, step, ends }: TreeStep, isCounting: boolean): Signal {
    if (this.visits.length >= this.#stepsMax) return { then: 'cut' };
    this.visits.push({ label, cycle: isCounting ? this.#cycle : 0, hold: this.#hold });
    this.#hold = null;
    const rule = ends[this.#choose(step, this.visits.length - 1)];
    switch (rule?.then) {
      case 'next':
        return { then: 'next' };
      case 'hold':
        this.#hold = rule.reason;
        return { then: 'next' };
      case 'end group':
        return { then: 'leave' };
      case 'end run':
        return { then: 'end', verdict: rule.verdict };
      case 'go to': {
        const taken = (this.#jumps.get(rule) ?? 0) + 1;
        this.#jumps.set(rule, taken);
        return taken > rule.atMost ? { then: 'end', verdict: 'fault' } : { then: 'jump', label: rule.label };
      }
      case undefined:
        return { then: 'end', verdict: 'fault' };
    }
  }
}
