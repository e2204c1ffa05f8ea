// How far the net charge of a run strays from zero on its expected way through a tree. Exact integers (nC) by
// recursion: passes that are alike are taken together, and nothing is expanded. Assumes what `tree-totals.ts`
// says of the way; knows nothing of overshoot or of limits that strike early.

/**
 * What a stretch of a run makes of the net charge it meets: it moves it, or, where a step ends at a target of
 * the net counter, sets it. `high` and `low` are the extremes on the way, as far as they depend on what was
 * met; `fixedHigh` and `fixedLow` those that do not.
 */
export interface NetCourse {
  readonly end: { readonly kind: 'moved' | 'set'; readonly nc: bigint };
  readonly high: bigint;
  readonly low: bigint;
  readonly fixedHigh: bigint | null;
  readonly fixedLow: bigint | null;
}

export const STILL: NetCourse = {
  end: { kind: 'moved', nc: 0n },
  high: 0n,
  low: 0n,
  fixedHigh: null,
  fixedLow: null,
};

export function movedBy(nc: bigint): NetCourse {
  return { ...STILL, end: { kind: 'moved', nc }, high: larger(0n, nc), low: smaller(0n, nc) };
}

export function setTo(nc: bigint): NetCourse {
  return { ...STILL, end: { kind: 'set', nc }, fixedHigh: nc, fixedLow: nc };
}

/** An item of a group, with the course of one of its runs. */
export interface NetItem {
  readonly every: number;
  /** null: too irregular to be followed. */
  readonly course: NetCourse | null;
}

/** Passes that differ from the plain ones, looked at one by one; beyond it a group is too irregular. */
const MARKED_PASSES_MAX = 1024;

/** The course of a group of `count` passes; null: too irregular to be followed. */
export function courseOfGroup(count: number, items: readonly NetItem[]): NetCourse | null {
  const due: { every: number; course: NetCourse }[] = [];
  for (const { every, course } of items) {
    if (course === null) return null;
    if (every <= count) due.push({ every, course });
  }
  const inPass = (pass: number): NetCourse =>
    due.filter(({ every }) => pass % every === 0).reduce((before, { course }) => then(before, course), STILL);
  const rhythms = [...new Set(due.map(({ every }) => every))].filter((every) => every > 1);
  const period = rhythms.reduce((all, every) => leastCommonMultiple(all, every), 1);
  const passes = (last: number): NetCourse | null => courseOfPasses(last, { rhythms, inPass });
  const periods = Math.floor(count / period);
  const one = periods === 0 ? STILL : passes(period);
  const left = passes(count % period);
  return one === null || left === null ? null : then(repeated(one, BigInt(periods)), left);
}

interface Pattern {
  readonly rhythms: readonly number[];
  readonly inPass: (pass: number) => NetCourse;
}

/** Passes 1 … last; those between two multiples of any rhythm are alike. */
function courseOfPasses(last: number, { rhythms, inPass }: Pattern): NetCourse | null {
  // What is due in the first pass is due in each.
  const plain = inPass(1);
  let course = STILL;
  let pass = 0;
  for (let marked = 0; marked <= MARKED_PASSES_MAX; marked += 1) {
    const from = pass;
    const next = rhythms
      .map((every) => (Math.floor(from / every) + 1) * every)
      .reduce((first, candidate) => Math.min(first, candidate), last + 1);
    course = then(course, repeated(plain, BigInt(next - from - 1)));
    if (next > last) return course;
    course = then(course, inPass(next));
    pass = next;
  }
  return null;
}

/** One stretch, then the other. */
function then(first: NetCourse, second: NetCourse): NetCourse {
  const { kind, nc } = first.end;
  const { end } = second;
  const high = nc + second.high;
  const low = nc + second.low;
  const isMoved = kind === 'moved';
  return {
    end: end.kind === 'set' ? end : { kind, nc: nc + end.nc },
    high: isMoved ? larger(first.high, high) : first.high,
    low: isMoved ? smaller(first.low, low) : first.low,
    fixedHigh: extreme(larger, [first.fixedHigh, second.fixedHigh, isMoved ? null : high]),
    fixedLow: extreme(smaller, [first.fixedLow, second.fixedLow, isMoved ? null : low]),
  };
}

/** The same stretch so often: each begins where the one before has moved to, or at the same set value. */
function repeated(course: NetCourse, times: bigint): NetCourse {
  if (times === 0n) return STILL;
  if (course.end.kind === 'set') return times === 1n ? course : then(course, course);
  const moved = course.end.nc * (times - 1n);
  return {
    ...course,
    end: { kind: 'moved', nc: course.end.nc * times },
    high: larger(course.high, moved + course.high),
    low: smaller(course.low, moved + course.low),
  };
}

/** The farthest from zero on a course that begins at zero. */
export function farthest({ high, low, fixedHigh, fixedLow }: NetCourse): bigint {
  return [high, -low, fixedHigh ?? 0n, -(fixedLow ?? 0n)].reduce(larger, 0n);
}

function extreme(
  choose: (a: bigint, b: bigint) => bigint,
  values: readonly (bigint | null)[],
): bigint | null {
  return values.reduce((best, value) =>
    best === null || value === null ? (best ?? value) : choose(best, value),
  );
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Infinity where it is beyond exact integers: then no whole period fits into a count. */
function leastCommonMultiple(a: number, b: number): number {
  const multiple = (a / greatestCommonDivisor(a, b)) * b;
  return Number.isSafeInteger(multiple) ? multiple : Number.POSITIVE_INFINITY;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
