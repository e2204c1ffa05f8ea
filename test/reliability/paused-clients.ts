// R13. As many WebSocket clients as the daemon takes subscribe to every sample of four busy runs and stop
// reading; one more goes on reading. Real daemon, real web process. Passed when the web process does not grow
// by more than 50 MB, the one that reads has its samples within 250 ms (p99) and without a hole, and the runs
// are recorded as if nobody were there.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { quantile, rounded } from '../bench/statistics.ts';
import { type Arrival, connectLive } from '../bench/stream-client.ts';
import { type Rig, until } from '../e2e/rig.ts';
import { startDaemon, startRun, type StartedRun, stopRun, openRig } from './daemon-process.ts';
import { checkpointOf, isSealed, judgeRecord } from './record.ts';
import type { Figures, TrialOptions } from './row.ts';

/** What the server takes is 50; one of them reads. */
const PAUSED = 49;
const CHANNELS = 4;
/** Cell seconds a second, and so many samples a channel. */
const SPEED = 100;
const PARAMETERS = {
  ...{ wetting: '0s', conditioning_cycles: '0', areal_capacity: '20mAh/cm2', record_interval: '1s' },
  record_voltage_delta: '0V',
} as const;
const WARM_UP_MS = 8000;
const MEASURE_MS = 35_000;
const LOOK_EVERY_MS = 500;
const GROWTH_MAX_MIB = 50;
const LATE_MS = 250;

export async function pausedClientTrials({ trials, say }: TrialOptions): Promise<Figures> {
  const all: Figures[] = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each has the machine to itself
    all.push(await oneTrial());
    say(`R13: ${PAUSED} clients have stopped reading, ${trial}`);
  }
  const [first] = all;
  if (first === undefined) throw new Error('at least one trial is wanted');
  return { ...first, trials, problems: all.flatMap(({ problems }) => problems) };
}

async function oneTrial(): Promise<Figures> {
  const rig = openRig();
  try {
    const simulator = await rig.simulator({ speed: SPEED, channels: CHANNELS });
    const configPath = rig.file('bench.yaml');
    await rig.writeConfig(configPath, { cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }] });
    const daemon = startDaemon(rig, configPath);
    const url = await daemon.says(/http:\/\/127\.0\.0\.1:\d+\//);
    const runs: StartedRun[] = [];
    for (let channel = 1; channel <= CHANNELS; channel += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one operator
      runs.push(await startRun(rig, channel, PARAMETERS));
    }
    return await judge(rig, runs, await listen(rig, url, runs));
  } finally {
    rig.end();
  }
}

interface Heard {
  /** While everybody read. */
  readonly before: readonly Arrival[];
  readonly arrivals: readonly Arrival[];
  readonly growthMiB: number;
  readonly rssMiB: number;
}

async function listen(rig: Rig, url: string, runs: readonly StartedRun[]): Promise<Heard> {
  const before: Arrival[] = [];
  const arrivals: Arrival[] = [];
  let heard = before;
  const samples = (arrival: Arrival): void => void heard.push(arrival);
  const ids = runs.map(({ run }) => run);
  const reader = await connectLive(url, ids, { samples, stepBegan: () => undefined });
  await sleep(WARM_UP_MS);
  const web = webPidOf(rig);
  const rssBeforeMiB = rssMiBOf(web);
  heard = arrivals;
  const paused = await Promise.all(Array.from({ length: PAUSED }, async () => pausedClient(url, ids)));
  let largest = rssBeforeMiB;
  for (const endMs = Date.now() + MEASURE_MS; Date.now() < endMs; await sleep(LOOK_EVERY_MS)) {
    largest = Math.max(largest, rssMiBOf(web));
  }
  for (const client of paused) client.terminate();
  reader.close();
  return { before, arrivals, growthMiB: largest - rssBeforeMiB, rssMiB: largest };
}

/** Asks for all that is stored and all that comes, and never reads. */
async function pausedClient(url: string, runs: readonly string[]): Promise<WebSocket> {
  const socket = new WebSocket(new URL('/stream', url.replace(/^http/, 'ws')));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  for (const run of runs) socket.send(JSON.stringify({ type: 'subscribe', run, from_seq: 1 }));
  socket.pause();
  return socket;
}

/** Found once: a walk through /proc takes this process so long that it would stamp arrivals late. */
function webPidOf(rig: Rig): number {
  const web = rig.processes().find(({ command }) => command.includes('web-process'));
  if (web === undefined) throw new Error('there is no web process');
  return web.pid;
}

function rssMiBOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function judge(rig: Rig, runs: readonly StartedRun[], heard: Heard): Promise<Figures> {
  for (const { run, path } of runs) {
    // oxlint-disable-next-line no-await-in-loop -- one operator
    await stopRun(rig, run);
    // oxlint-disable-next-line no-await-in-loop
    await until(
      'the seal',
      () => isSealed(path) || undefined,
      () => checkpointOf(path),
    );
  }
  const records = runs.map(({ path }) => judgeRecord(path));
  const sum = (pick: (record: (typeof records)[number]) => number): number =>
    records.reduce((total, record) => total + pick(record), 0);
  const latenciesMs = latenciesOf(heard.arrivals);
  const p99Ms = quantile(latenciesMs, 0.99);
  const holes = holesIn(heard.arrivals);
  const flagged = sum(({ flaggedGaps }) => flaggedGaps);
  return {
    trials: 1,
    lost: holes,
    duplicated: sum(({ duplicated }) => duplicated),
    unflaggedGaps: sum(({ unflaggedGaps }) => unflaggedGaps),
    unsafeS: 0,
    problems: [
      ...records.flatMap(({ problems }) => problems),
      ...(flagged === 0 ? [] : [`${flagged} samples were not recorded`]),
      ...(heard.growthMiB <= GROWTH_MAX_MIB
        ? []
        : [`the web process grew by ${rounded(heard.growthMiB)} MiB`]),
    ],
    late: p99Ms <= LATE_MS ? [] : [`the client that reads waited ${rounded(p99Ms)} ms (p99)`],
    notes: {
      pausedClients: PAUSED,
      samples: sum(({ samples }) => samples),
      messages: heard.arrivals.length,
      growthMiB: rounded(heard.growthMiB, 1),
      webRssMiB: rounded(heard.rssMiB, 1),
      latencyP99BeforeMs: rounded(quantile(latenciesOf(heard.before), 0.99)),
      latencyP50Ms: rounded(quantile(latenciesMs, 0.5)),
      latencyP99Ms: rounded(p99Ms),
    },
  };
}

/** From the core to the client, ms. */
function latenciesOf(arrivals: readonly Arrival[]): readonly number[] {
  return arrivals.flatMap(({ arrivedWallMs, message }) =>
    message.at_ms === null ? [] : [arrivedWallMs - message.at_ms],
  );
}

/** Numbers that the reading client was not sent between its first and its last. */
function holesIn(arrivals: readonly Arrival[]): number {
  const nextSeq = new Map<string, number>();
  let holes = 0;
  for (const { message } of arrivals) {
    for (const seq of message.seq) {
      holes += Math.abs(seq - (nextSeq.get(message.run) ?? seq));
      nextSeq.set(message.run, seq + 1);
    }
  }
  return holes;
}
