// Items that run only in each n-th pass of their group, said without that: a group of groups that has the
// same passes in the same order. Never longer than a tree may be; what would be is told, and runs in every
// pass.
import { type ExchangeItem, groupOf } from './exchange-tree.ts';

/** One item of a group with how often it has its turn. */
export interface TurningItem {
  readonly every: number;
  readonly items: readonly ExchangeItem[];
}

/** Passes after which the pattern comes again, at most. */
const PERIOD_MAX = 1000;

/** `count` passes; null: the pattern of them is too long to be written out. */
export function passesOf(count: number, turning: readonly TurningItem[]): readonly ExchangeItem[] | null {
  const period = turning.reduce((sum, { every }) => leastCommonMultiple(sum, every), 1);
  if (period === 1) return groupOf(count, itemsOfPass(1, turning));
  if (period > PERIOD_MAX) return null;
  const whole = Math.floor(count / period);
  const rest = count - whole * period;
  return [...groupedPasses(whole, period, turning), ...groupedPasses(1, rest, turning)];
}

/** The first `length` passes, `times` over; passes that are alike and follow each other are one group. */
function groupedPasses(
  times: number,
  length: number,
  turning: readonly TurningItem[],
): readonly ExchangeItem[] {
  if (times === 0 || length === 0) return [];
  const runs: { key: string; pass: number; count: number }[] = [];
  for (let pass = 1; pass <= length; pass += 1) {
    const key = turning.map(({ every }) => (pass % every === 0 ? '1' : '0')).join('');
    const last = runs.at(-1);
    if (last?.key === key) last.count += 1;
    else runs.push({ key, pass, count: 1 });
  }
  const inside = runs.flatMap(({ pass, count }) => groupOf(count, itemsOfPass(pass, turning)));
  return groupOf(times, inside);
}

function itemsOfPass(pass: number, turning: readonly TurningItem[]): readonly ExchangeItem[] {
  return turning.flatMap(({ every, items }) => (pass % every === 0 ? items : []));
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return Math.min(PERIOD_MAX + 1, (a / x) * b);
}
