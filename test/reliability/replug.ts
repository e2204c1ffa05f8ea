// R5. The instrument is unplugged and plugged in again: its pseudo terminal goes away at a random instant
// of a run and comes back under another name, behind a link as in /dev/serial/by-id. The daemon is the real
// one; the emulator lives here, so that every byte it hears is seen. Passed when the daemon sees each loss,
// is back within a second of the name, begins each connection with hello and a question, never with a
// command that was meant for an earlier one, and the record is whole.
import { rmSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachPty } from '../../firmware-sim/attach/pty.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import type { SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import type { BytePort } from '../../src/base/byte-port.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { quantile, rounded } from '../bench/statistics.ts';
import { type Rig, until } from '../e2e/rig.ts';
import {
  type DaemonProcess,
  UNHURRIED,
  startDaemon,
  startRun,
  type StartedRun,
  stopRun,
  openRig,
} from './daemon-process.ts';
import { Acknowledged, checkpointOf, eventsOf, isSealed, judgeRecord } from './record.ts';
import { beginsWell, frameTypes, overheard } from './overheard-port.ts';
import type { Figures, TrialOptions } from './row.ts';

/** Longer than any absence: the device never lets go of the cell, and the run goes on with its step. */
const LEASE_S = 30;
const SPEED = 60;
const ABSENCE_MAX_MS = 1500;
const PLUGGED_MAX_MS = 600;
const BACK_MAX_MS = 1000;
const SEEN_MAX_MS = 100;
/** What the instrument heard on one connection. */
interface Connection {
  readonly begunMs: number;
  text: string;
}

interface Plug {
  readonly connections: readonly Connection[];
  plugIn(): Promise<number>;
  pullOut(): Promise<void>;
  close(): Promise<void>;
}

interface Replugged {
  readonly seenMs: readonly number[];
  readonly backMs: readonly number[];
  readonly problems: readonly string[];
}

export async function replugTrials(options: TrialOptions): Promise<Figures> {
  const rig = openRig();
  const clock = new SystemClock();
  const instrument = createInstrument('gvn1', { clock, seed: options.seed, scale: SPEED });
  const plug = createPlug(rig, instrument, clock);
  try {
    await plug.plugIn();
    const configPath = rig.file('bench.yaml');
    await rig.writeConfig(configPath, {
      cyclers: [{ name: 'sim', dialect: 'gvn1', port: rig.file('by-id') }],
      lease: `${LEASE_S} s`,
      // Of the cell's own time, which runs sixty times as fast.
      on_outage: { continue_within: '1 d' },
    });
    const daemon = startDaemon(rig, configPath);
    const run = await startRun(rig, 1, UNHURRIED);
    const acknowledged = new Acknowledged(run.path);
    await isDriven(run);
    const replugged = await replugOften({ plug, daemon, run, acknowledged }, options);
    return await judge({ rig, run, acknowledged, plug }, replugged);
  } finally {
    await plug.close();
    instrument.close();
    rig.end();
  }
}

interface Scene {
  readonly plug: Plug;
  readonly daemon: DaemonProcess;
  readonly run: StartedRun;
  readonly acknowledged: Acknowledged;
}

async function replugOften(scene: Scene, { seed, trials, say }: TrialOptions): Promise<Replugged> {
  const { acknowledged, daemon, plug, run } = scene;
  const key = randomKey(seed, 'replug');
  const seenMs: number[] = [];
  const backMs: number[] = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    await sleep(uniformAt(key, 2 * trial) * PLUGGED_MAX_MS);
    acknowledged.look();
    const before = plug.connections.length;
    const pulledMs = Date.now();
    await plug.pullOut();
    seenMs.push((await daemon.logs('link lost', pulledMs)).time - pulledMs);
    await sleep(uniformAt(key, 2 * trial + 1) * ABSENCE_MAX_MS);
    const pluggedMs = await plug.plugIn();
    const back = await until('hello', () => plug.connections[before]);
    backMs.push(back.begunMs - pluggedMs);
    await daemon.logs('link up', pluggedMs);
    await isDriven(run);
    if (trial % 10 === 0) say(`R5: ${trial} times unplugged`);
  }
  return { seenMs, backMs, problems: lossesIn(run, trials) };
}

/** Each loss is a state of its own in the record. */
function lossesIn({ path }: StartedRun, trials: number): readonly string[] {
  const states = eventsOf(path).filter(
    ({ kind, detail }) => kind === 'state' && detail.includes('"link-lost"'),
  );
  return states.length >= trials ? [] : [`${trials} losses, and ${states.length} of them in the record`];
}

async function judge(
  { rig, run, acknowledged, plug }: Omit<Scene, 'daemon'> & { readonly rig: Rig },
  { seenMs, backMs, problems }: Replugged,
): Promise<Figures> {
  await stopRun(rig, run.run);
  await until(
    'the seal',
    () => isSealed(run.path) || undefined,
    () => checkpointOf(run.path),
  );
  const record = judgeRecord(run.path);
  const begun = plug.connections.map(({ text }) => frameTypes(text));
  const stale = begun.filter((types) => !beginsWell(types));
  const [seenP99Ms, backP99Ms] = [quantile(seenMs, 0.99), quantile(backMs, 0.99)];
  return {
    trials: backMs.length,
    lost: acknowledged.lost(),
    duplicated: record.duplicated,
    unflaggedGaps: record.unflaggedGaps,
    unsafeS: 0,
    problems: [
      ...problems,
      ...record.problems,
      ...stale.map((types) => `a connection began with ${types.slice(0, 5).join(', ')}`),
    ],
    late: [
      ...(seenP99Ms > SEEN_MAX_MS ? [`a loss was seen ${rounded(seenP99Ms)} ms late`] : []),
      ...(backP99Ms > BACK_MAX_MS ? [`it was back ${rounded(backP99Ms)} ms after the name`] : []),
    ],
    notes: {
      samples: record.samples,
      flaggedGaps: record.flaggedGaps,
      staleCommands: stale.length,
      seenP50Ms: rounded(quantile(seenMs, 0.5)),
      seenP99Ms: rounded(seenP99Ms),
      backP50Ms: rounded(quantile(backMs, 0.5)),
      backP99Ms: rounded(backP99Ms),
    },
  };
}

async function isDriven({ path }: StartedRun): Promise<void> {
  await until(
    'the run to go on',
    () => checkpointOf(path).state === 'running' || undefined,
    () => checkpointOf(path),
  );
}

function createPlug(rig: Rig, instrument: SimulatedInstrument, clock: SystemClock): Plug {
  const connections: Connection[] = [];
  const byId = rig.file('by-id');
  const line = {
    attach(port: BytePort): void {
      let connection: Connection | null = null;
      const hear = (text: string): boolean => {
        // It counts from its first byte.
        if (connection === null) connections.push((connection = { begunMs: Date.now(), text: '' }));
        connection.text += text;
        return true;
      };
      instrument.attach(overheard(port, hear));
    },
  };
  let number = 0;
  let attached: { close(): Promise<void> } | null = null;
  const pullOut = async (): Promise<void> => {
    if (attached === null) return;
    await attached.close();
    attached = null;
    rmSync(byId, { force: true });
  };
  return {
    connections,
    pullOut,
    close: pullOut,
    plugIn: async () => {
      number += 1;
      const path = rig.file(`tty${number}`);
      attached = await attachPty(line, { path, clock });
      const pluggedMs = Date.now();
      symlinkSync(path, byId);
      return pluggedMs;
    },
  };
}
