// Trials of a run whose disk is full for a while (R8), or fails, or stalls (R9): when, for how long and how
// is drawn from a seed. Judged by what was acknowledged, what was told live, the run file, and the cell's
// own log. Needs no test runner.
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { FAILING_MAX_MS, FULL_MAX_MS } from '../../src/daemon/store-trouble.ts';
import { openRunReader } from '../../src/store/readers.ts';
import { createDiskRig, type DiskRig } from './disk-rig.ts';
import { DISK_BROKEN } from './faulty-store.ts';

export interface DiskTrialOptions {
  readonly seed: number;
  readonly trials: number;
  /** Breaks something that must be found. */
  readonly plant?: (rig: DiskRig) => void;
}

export interface DiskFigures {
  readonly trials: number;
  /** Samples acknowledged, or measured and kept in memory, that the file lacks or holds otherwise. */
  readonly lost: number;
  readonly duplicated: number;
  readonly unflaggedGaps: number;
  /** Longest time, s, that a cell was driven beyond what the trouble of its store allows. */
  readonly unsafeS: number;
  readonly problems: readonly string[];
  readonly notes: Readonly<Record<string, number>>;
}

/** Half-cycles of three minutes, two samples a second. */
const PARAMETERS = {
  current_density: '10 mA/cm2',
  areal_capacity: '0.5 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 20,
  record_interval: '500 ms',
} as const;
/** The journal asks again each second, and a store that is silent is looked at every five. */
const NOTICED_MS = 6000;
const STALL_UNNOTICED_MS = 30_000;

/** A number of the trial: from `low` to `high`, the same for the same seed and name. */
type Draw = (what: string, low: number, high: number) => number;
type Count = (what: string) => void;

interface Trial {
  readonly rig: DiskRig;
  readonly draw: Draw;
  readonly problem: (text: string) => void;
  readonly count: Count;
}

/** R8: a full disk with ballasts from none to minutes of room, emptied after 1 s to 20 min. */
export function diskFullTrials(options: DiskTrialOptions): DiskFigures {
  const ballast = (draw: Draw): number => Math.floor(draw('ballast', -0.3, 1) * 3e6);
  return manyTrials(options, { ballast, limitMs: FULL_MAX_MS + NOTICED_MS }, (trial) => {
    const { count, draw, problem, rig } = trial;
    rig.clock.advance(draw('fill at', 2000, 400_000));
    rig.fillDisk();
    rig.clock.advance(11_000);
    const another = rig.startAnother();
    if (another.ok || another.code !== 'STORE_FULL') problem('a new run was not refused');
    rig.clock.advance(draw('room after', 1000, 1_200_000));
    count(rig.summary().state);
    rig.emptyDisk();
    rig.clock.advance(draw('go on', 5000, 60_000));
  });
}

/** R9: from its n-th call on the store fails once, for up to a minute, or answers late by as much. */
export function stallTrials(options: DiskTrialOptions): DiskFigures {
  const limits = { ballast: () => 0, limitMs: FAILING_MAX_MS + NOTICED_MS };
  return manyTrials(options, limits, ({ count, draw, problem, rig }) => {
    const nth = rig.store.calls + Math.floor(draw('n', 1, 60));
    const forMs = draw('for', 0, 60_000);
    const isStall = draw('kind', 0, 2) < 1;
    let sinceMs: number | null = null;
    const { faultAt } = rig.store;
    rig.store.faultAt = (call, commit) => {
      if (call < nth) return faultAt(call, commit);
      sinceMs ??= rig.clock.nowMs();
      const isOver = rig.clock.nowMs() - sinceMs > forMs;
      rig.store.delayMs = isStall && call === nth ? forMs : 0;
      return isStall || isOver ? faultAt(call, commit) : DISK_BROKEN;
    };
    rig.clock.advance(180_000);
    count(`${isStall ? 'stalled' : 'failed'}, then ${rig.summary().state}`);
    const isNoticed = rig.summary().state !== 'running';
    if (isNoticed && forMs <= STALL_UNNOTICED_MS) problem(`${forMs.toFixed()} ms were noticed`);
    if (rig.cell.some(({ entry }) => entry.why === 'lease')) problem('a lease ran out');
  });
}

function manyTrials(
  { seed, trials, plant }: DiskTrialOptions,
  { ballast, limitMs }: { readonly ballast: (draw: Draw) => number; readonly limitMs: number },
  play: (trial: Trial) => void,
): DiskFigures {
  const sums = { lost: 0, duplicated: 0, unflaggedGaps: 0, unsafeS: 0 };
  const problems: string[] = [];
  const notes: Record<string, number> = {};
  const count: Count = (what) => {
    notes[what] = (notes[what] ?? 0) + 1;
  };
  for (let trial = 0; trial < trials; trial += 1) {
    const draw: Draw = (what, low, high) =>
      low + (high - low) * uniformAt(randomKey(seed, `disk ${what}`, trial), 0);
    const problem = (text: string): void => void problems.push(`seed ${seed}, trial ${trial}: ${text}`);
    const rig = createDiskRig({
      seed: seed + trial,
      parameters: PARAMETERS,
      ballastBytes: Math.max(0, ballast(draw)),
    });
    plant?.(rig);
    play({ rig, draw, problem, count });
    const stopped = rig.stopRun();
    if (!stopped.ok) problem(`it could not be ended: ${stopped.message}`);
    else if (stopped.value.state !== 'stopped') problem(`it ended as ${stopped.value.state}`);
    const found = recordOf(rig);
    if (!found.isSealed) problem('its file is not sealed');
    sums.lost += found.lost;
    sums.duplicated += found.duplicated;
    sums.unflaggedGaps += found.unflaggedGaps;
    sums.unsafeS = Math.max(sums.unsafeS, drivenBeyondMs(rig, limitMs) / 1000);
    rig.end();
  }
  return { trials, ...sums, problems, notes };
}

function recordOf({ acknowledged, feed, run }: DiskRig) {
  const reader = openRunReader(run.path);
  const { seq, timeUs } = reader.samplesFrom(1, 100_000);
  const inFile = new Map(seq.map((number, index) => [number, timeUs[index]]));
  const expected = new Map<number, number | undefined>();
  for (const message of feed) {
    if (message.type !== 'live' || message.run !== run.run) continue;
    message.timeUs.forEach((atUs, index) => expected.set(message.firstSeq + index, atUs));
  }
  for (const { commit } of acknowledged) {
    const { samples } = commit;
    samples?.timeUs.forEach((atUs, index) => {
      if (index < samples.count) expected.set(samples.firstSeq + index, atUs);
    });
  }
  const inGaps = new Set(
    reader
      .gaps()
      .flatMap(({ firstSeq, count }) => Array.from({ length: count }, (_, index) => firstSeq + index)),
  );
  const last = Math.max(0, ...seq);
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return {
    lost: [...expected].filter(([number, atUs]) => inFile.get(number) !== atUs).length,
    duplicated: timeUs.filter((atUs, index) => index > 0 && atUs <= (timeUs[index - 1] ?? -1)).length,
    unflaggedGaps: numbers.filter((number) => !inFile.has(number) && !inGaps.has(number)).length,
    isSealed: reader.isSealed(),
  };
}

/** The longest time that the cell was on while nothing had been stored for longer than `limitMs`. */
function drivenBeyondMs({ acknowledged, cell, clock }: DiskRig, limitMs: number): number {
  const stored = [...acknowledged.map(({ atMs }) => atMs), clock.nowMs()];
  const forbidden = stored.flatMap((toMs, index) => {
    const fromMs = (stored[index - 1] ?? toMs) + limitMs;
    return fromMs < toMs ? [{ fromMs, toMs }] : [];
  });
  let longestMs = 0;
  cell.forEach(({ atMs, entry }, index) => {
    if (entry.cell === 'off') return;
    const untilMs = cell[index + 1]?.atMs ?? clock.nowMs();
    for (const { fromMs, toMs } of forbidden) {
      longestMs = Math.max(longestMs, Math.min(untilMs, toMs) - Math.max(atMs, fromMs));
    }
  });
  return longestMs;
}
