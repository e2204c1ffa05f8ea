// R7. The host falls silent: the real daemon is stopped (SIGSTOP) for longer than the lease of a second, at
// random instants of a driven half-cycle, and then let go on. Judged by the simulator's own cell log: passed
// when each cell was opened by its lease, within the lease and one tick of the stop, the run said so, and its
// record is whole.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { quantile, rounded } from '../bench/statistics.ts';
import { type Rig, until } from '../e2e/rig.ts';
import {
  type DaemonProcess,
  startDaemon,
  startRun,
  type StartedRun,
  stopRun,
  openRig,
} from './daemon-process.ts';
import { Acknowledged, cellLogOf, checkpointOf, eventsOf, isSealed, judgeRecord } from './record.ts';
import type { Figures, TrialOptions } from './row.ts';

const LEASE_MS = 1000;
/** Of the simulated board, at any speed. */
const TICK_MS = 1;
const SILENCE_MS = 1.7 * LEASE_MS;
const SPEED = 600;
/** A run each; a bench has no more channels. */
const TRIALS_PER_BENCH = 20;
/** Half-cycles of 30 s: a stop finds the cell driven. */
const PARAMETERS = {
  wetting: '0s',
  conditioning_cycles: '0',
  areal_capacity: '5mAh/cm2',
  record_interval: '10s',
} as const;
/** Step numbers of the pre-flight. */
const PREFLIGHT_STEPS = 3;

interface Bench {
  readonly rig: Rig;
  readonly cellLog: string;
  readonly daemon: DaemonProcess;
}

interface Trial {
  /** From the stop of the host to the opening of the cell. */
  readonly openMs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unflaggedGaps: number;
  readonly problems: readonly string[];
}

export async function deadManTrials({ seed, trials, say }: TrialOptions): Promise<Figures> {
  const all: Trial[] = [];
  for (let first = 0; first < trials; first += TRIALS_PER_BENCH) {
    const count = Math.min(TRIALS_PER_BENCH, trials - first);
    all.push(...(await trialsOnOneBench(randomKey(seed, 'dead-man', first), count)));
    say(`R7: ${all.length} stops`);
  }
  const opensMs = all.map(({ openMs }) => openMs);
  const latestMs = Math.max(...opensMs) - LEASE_MS - TICK_MS;
  const sum = (pick: (trial: Trial) => number): number =>
    all.reduce((total, trial) => total + pick(trial), 0);
  return {
    trials: all.length,
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    unflaggedGaps: sum(({ unflaggedGaps }) => unflaggedGaps),
    unsafeS: Math.max(0, latestMs / 1000),
    problems: all.flatMap(({ problems }) => problems),
    late: [],
    notes: {
      leaseMs: LEASE_MS,
      openP50Ms: rounded(quantile(opensMs, 0.5)),
      openMaxMs: rounded(quantile(opensMs, 1)),
    },
  };
}

async function trialsOnOneBench(key: number, count: number): Promise<readonly Trial[]> {
  const rig = openRig();
  try {
    const bench = await startBench(rig, count);
    const trials: Trial[] = [];
    for (let channel = 1; channel <= count; channel += 1) {
      trials.push(await stopOnce(bench, channel, uniformAt(key, channel) * LEASE_MS));
    }
    return trials;
  } finally {
    rig.end();
  }
}

async function startBench(rig: Rig, channels: number): Promise<Bench> {
  const cellLog = rig.file('cells.jsonl');
  const simulator = await rig.simulator({ speed: SPEED, channels, cellLog, pty: rig.file('cycler') });
  const configPath = rig.file('bench.yaml');
  await rig.writeConfig(configPath, {
    cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }],
    lease: `${LEASE_MS / 1000} s`,
  });
  return { rig, cellLog, daemon: startDaemon(rig, configPath) };
}

async function stopOnce(bench: Bench, channel: number, intoMs: number): Promise<Trial> {
  const { cellLog, daemon, rig } = bench;
  const run = await startRun(rig, channel, PARAMETERS);
  await until('current', () => {
    const last = lastOf(cellLog, channel);
    return (last?.cell === 'on' && last.step > PREFLIGHT_STEPS) || undefined;
  });
  await sleep(intoMs);
  const acknowledged = new Acknowledged(run.path);
  acknowledged.look();
  daemon.kill('SIGSTOP');
  const stoppedMs = Date.now();
  await sleep(SILENCE_MS);
  const opened = await until('the cell to be opened', () => {
    const last = lastOf(cellLog, channel);
    return last?.cell === 'off' ? last : undefined;
  });
  daemon.kill('SIGCONT');
  return { openMs: opened.real_ms - stoppedMs, ...(await judge(bench, run, { opened, acknowledged })) };
}

async function judge(
  { rig }: Bench,
  { run, path }: StartedRun,
  { opened, acknowledged }: { readonly opened: CellLogEntry; readonly acknowledged: Acknowledged },
): Promise<Omit<Trial, 'openMs'>> {
  const isNoticed = await until('the run to notice', () => hasOutage(path) || undefined).then(
    () => true,
    () => false,
  );
  await stopRun(rig, run);
  await until(
    'the seal',
    () => isSealed(path) || undefined,
    () => checkpointOf(path),
  );
  const record = judgeRecord(path);
  return {
    lost: acknowledged.lost(),
    duplicated: record.duplicated,
    unflaggedGaps: record.unflaggedGaps,
    problems: [
      ...record.problems,
      ...(opened.why === 'lease' ? [] : [`the cell was opened by ${opened.why}, not by its lease`]),
      ...(isNoticed ? [] : [`run ${run} went on as if nothing had happened`]),
    ],
  };
}

function hasOutage(path: string): boolean {
  return checkpointOf(path).state === 'holding' || eventsOf(path).some(({ kind }) => kind === 'outage');
}

function lastOf(cellLog: string, channel: number): CellLogEntry | undefined {
  return cellLogOf(cellLog)
    .filter(({ ch }) => ch === channel)
    .at(-1);
}
