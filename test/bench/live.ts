// How long a sample takes from the device's clock to a WebSocket client, on a bench of 32 channels at 10 Hz
// in real time: simulated cycler, TCP, daemon, web process, client. And what memory that takes. A device
// holds a sample back for the daemon's flush time, to send several in one frame: that is part of the latency.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemonProcess, startRun, startSimulator } from './bench-rig.ts';
import {
  type ClockReading,
  type DeviceTimeline,
  readDeviceClock,
  readRunStartUs,
  timelineBetween,
  withDevice,
} from './device-time.ts';
import { readProcesses } from './resident.ts';
import { median, quantile, rounded } from './statistics.ts';
import { type Arrival, connectLive, startEchoMeter, type StreamClient } from './stream-client.ts';

const CHANNELS = 32;
const HZ = 10;
/** What a client may subscribe to, so it takes four of them. */
const RUNS_PER_CLIENT = 8;
const WARM_UP_MS = 3000;
const MEASURE_MS = 20_000;
/** Pre-flight takes some seconds of real time. */
const CYCLING_LIMIT_MS = 60_000;
/** FLUSH_MS of src/daemon/bench.ts. */
const FLUSH_MS = 20;
const PARAMETERS = {
  wetting: '0 s',
  conditioning_cycles: 0,
  record_interval: `${1000 / HZ} ms`,
  // By the clock alone, or noise would add samples of its own.
  record_voltage_delta: '0 V',
};

interface Heard {
  /** Of the measuring time, all clients, as they came. */
  readonly arrivals: readonly Arrival[];
  /** Run of each channel, in order. */
  readonly runs: readonly string[];
  readonly echoTripsMs: readonly number[];
  readonly memory: Memory;
}

interface Memory {
  /** Of the process that owns the ports. */
  readonly rssMiB: number | null;
  readonly writerRssMiB: number | null;
  readonly webRssMiB: number | null;
  /** A Node process that does nothing. */
  readonly bareNodeRssMiB: number | null;
}

/** Latency and memory of one bench. */
export async function measureLive(folder: string, say: (text: string) => void) {
  const startMs = performance.now();
  say(`live: starting ${CHANNELS} runs`);
  const simulator = await startSimulator(CHANNELS);
  try {
    const before = await withDevice(simulator.port, readDeviceClock);
    const heard = await listen(folder, simulator.port, say);
    const { after, runStartsUs } = await askAfterwards(simulator.port, heard.runs);
    const figures = latencies(heard, timelineBetween(before, after), runStartsUs);
    const wallS = rounded((performance.now() - startMs) / 1000, 1);
    return { live: { channels: CHANNELS, hz: HZ, ...figures, wallS }, memory: heard.memory };
  } finally {
    await simulator.end();
  }
}

async function listen(folder: string, port: string, say: (text: string) => void): Promise<Heard> {
  const daemon = await startDaemonProcess(folder, port);
  const clients: StreamClient[] = [];
  try {
    const runs: string[] = [];
    for (let channel = 1; channel <= CHANNELS; channel += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one operator starts one run after the other
      runs.push(await startRun(daemon.dataPath, { channel, parameters: PARAMETERS }));
    }
    const cycling = new Set<string>();
    const arrivals: Arrival[] = [];
    let isMeasuring = false;
    const listener = {
      samples: (arrival: Arrival) => void (isMeasuring && arrivals.push(arrival)),
      stepBegan: (run: string, phase: string) => void (phase === 'cycling' && cycling.add(run)),
    };
    const groups = Array.from({ length: CHANNELS / RUNS_PER_CLIENT }, (_, group) =>
      runs.slice(group * RUNS_PER_CLIENT, (group + 1) * RUNS_PER_CLIENT),
    );
    clients.push(...(await Promise.all(groups.map((group) => connectLive(daemon.url, group, listener)))));
    await waitFor('all runs to cycle', CYCLING_LIMIT_MS, () => cycling.size === CHANNELS);
    await sleep(WARM_UP_MS);
    say(`live: measuring for ${MEASURE_MS / 1000} s`);
    const echo = await startEchoMeter();
    isMeasuring = true;
    await sleep(MEASURE_MS);
    isMeasuring = false;
    echo.close();
    const memory = await readMemory(daemon.pid);
    return { arrivals, runs, echoTripsMs: echo.tripsMs, memory };
  } finally {
    for (const client of clients) client.close();
    await daemon.end();
  }
}

/** The daemon is gone, the device is not: its clock once more, and when each run began. */
async function askAfterwards(
  port: string,
  runs: readonly string[],
): Promise<{ after: ClockReading; runStartsUs: ReadonlyMap<string, number> }> {
  return withDevice(port, async (cycler) => {
    const after = await readDeviceClock(cycler);
    const runStartsUs = new Map<string, number>();
    for (const [index, run] of runs.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- one request a device at a time
      runStartsUs.set(run, await readRunStartUs(cycler, index + 1));
    }
    return { after, runStartsUs };
  });
}

function latencies(heard: Heard, timeline: DeviceTimeline, runStartsUs: ReadonlyMap<string, number>) {
  const eachMs: number[] = [];
  const newestMs: number[] = [];
  const beyondFlushMs: number[] = [];
  const coreToClientMs: number[] = [];
  for (const { arrivedMs, arrivedWallMs, message } of heard.arrivals) {
    const startUs = runStartsUs.get(message.run) ?? Number.NaN;
    const agesMs = message.time_us.map((timeUs) => arrivedMs - timeline.atMs(startUs + timeUs));
    eachMs.push(...agesMs);
    newestMs.push(agesMs.at(-1) ?? Number.NaN);
    // The oldest sample of a frame is the one that the device held back for the whole flush time.
    beyondFlushMs.push((agesMs[0] ?? Number.NaN) - FLUSH_MS);
    if (message.at_ms !== null) coreToClientMs.push(arrivedWallMs - message.at_ms);
  }
  return {
    p50Ms: rounded(median(eachMs), 2),
    p99Ms: rounded(quantile(eachMs, 0.99), 2),
    lost: seqHoles(heard.arrivals),
    maxMs: rounded(quantile(eachMs, 1), 2),
    flushMs: FLUSH_MS,
    // At 10 Hz and 100 ms a frame holds two samples, one old and one new: between them lies p50, by chance.
    newestP50Ms: rounded(median(newestMs), 2),
    // What is ours: device timer, TCP, daemon, web process, WebSocket.
    beyondFlushP50Ms: rounded(median(beyondFlushMs), 2),
    beyondFlushP99Ms: rounded(quantile(beyondFlushMs, 0.99), 2),
    // From the daemon's receiving to the client, by whole milliseconds of wall time.
    coreToClientP50Ms: rounded(median(coreToClientMs), 2),
    coreToClientP99Ms: rounded(quantile(coreToClientMs, 0.99), 2),
    // Baseline: one hop over a bare loopback WebSocket, sent and received in this process meanwhile.
    rawWebSocketP50Ms: rounded(median(heard.echoTripsMs), 2),
    rawWebSocketP99Ms: rounded(quantile(heard.echoTripsMs, 0.99), 2),
    clockErrorMs: rounded(timeline.errorMs, 3),
    samples: eachMs.length,
    samplesExpected: (CHANNELS * HZ * MEASURE_MS) / 1000,
    messages: heard.arrivals.length,
    measuredS: MEASURE_MS / 1000,
  };
}

/** Numbers that were skipped between the first and the last sample of each run. */
function seqHoles(arrivals: readonly Arrival[]): number {
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

async function readMemory(daemonPid: number): Promise<Memory> {
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  await sleep(500);
  const rows = await readProcesses();
  idle.kill();
  const children = rows.filter(({ parentPid }) => parentPid === daemonPid);
  const childOf = (entry: string) => children.find(({ commandLine }) => commandLine.includes(entry));
  const of = (row: { readonly rssMiB: number } | undefined) => rounded(row?.rssMiB ?? Number.NaN, 1);
  return {
    rssMiB: of(rows.find(({ pid }) => pid === daemonPid)),
    writerRssMiB: of(childOf('writer-process')),
    webRssMiB: of(childOf('web-process')),
    bareNodeRssMiB: of(rows.find(({ pid }) => pid === idle.pid)),
  };
}

async function waitFor(what: string, limitMs: number, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (; !isSo(); await sleep(50)) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
  }
}
