// R1. The real daemon, on a real pty at a real simulator process, is killed (SIGKILL) at random instants of
// one run and started again at once: in the middle of cycling, of taking the run over, of starting. Half of
// the kills take its writer and web process with it. Passed when nothing that was ever seen in the run file
// is missing or changed, no sample is there twice or missing without a gap, the charge of the record is that
// of the cell to within one sample, and the instrument was met again within two seconds of exec.
import { setTimeout as sleep } from 'node:timers/promises';
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
import { Acknowledged, chargeOf, checkpointOf, isSealed, judgeRecord, truthOf } from './record.ts';
import type { Figures, TrialOptions } from './row.ts';

/** A slow machine may take some seconds from kill to contact: that shall not be a trial of the dead-man. */
const LEASE_S = 30;
const SPEED = 60;
/** 1.13 cm2 at 1 mA/cm2, and a sample every second of the cell. */
const ONE_SAMPLE_NC = 1.13e6;
const CONTACT_MAX_MS = 2000;
/** One kill in four comes while the daemon starts and takes the run over, whatever that takes here. */
const STARTING_SHARE = 0.25;
const STARTING_OVER = 1.2;
/** The others come at any time after the run has gone on. */
const CYCLING_MAX_MS = 1500;
const MORE_SAMPLES = 100;

interface Bench {
  readonly rig: Rig;
  readonly configPath: string;
  readonly truthPath: string;
}

export async function sigkillTrials(options: TrialOptions): Promise<Figures> {
  const rig = openRig();
  try {
    const bench = await startBench(rig);
    const daemon = startDaemon(rig, bench.configPath);
    const run = await startRun(rig, 1, UNHURRIED);
    const killed = await killOften({ bench, run, first: daemon }, options);
    return await judge(bench, run, killed);
  } finally {
    rig.end();
  }
}

async function startBench(rig: Rig): Promise<Bench> {
  const [pty, truthPath, configPath] = [rig.file('cycler'), rig.file('truth.jsonl'), rig.file('bench.yaml')];
  const cell = ['--instrument', 'ideal', '--speed', String(SPEED), '--truth', truthPath];
  const simulator = rig.galvanode('sim', '--pty', pty, ...cell);
  await simulator.says(/^\{.*\}$/m);
  await rig.writeConfig(configPath, {
    cyclers: [{ name: 'sim', dialect: 'gvn1', port: pty }],
    lease: `${LEASE_S} s`,
    // Of the cell's own time, which runs sixty times as fast.
    on_outage: { continue_within: '1 d' },
  });
  return { rig, configPath, truthPath };
}

interface Killed {
  readonly kills: number;
  readonly last: DaemonProcess;
  readonly acknowledged: Acknowledged;
  /** Of those lives that lasted until the instrument was met. */
  readonly contactsMs: readonly number[];
}

async function killOften(
  { bench, run, first }: { readonly bench: Bench; readonly run: StartedRun; readonly first: DaemonProcess },
  { seed, trials, say }: TrialOptions,
): Promise<Killed> {
  const key = randomKey(seed, 'sigkill');
  const acknowledged = new Acknowledged(run.path);
  const contactsMs: number[] = [];
  let daemon = first;
  let takesMs = CYCLING_MAX_MS;
  await goesOn(run.path, 0, MORE_SAMPLES);
  for (let kill = 1; kill <= trials; kill += 1) {
    const [when = 0, wait = 0, who = 0] = [0, 1, 2].map((draw) => uniformAt(key, 4 * kill + draw));
    const isStarting = kill > 1 && when < STARTING_SHARE;
    if (!isStarting && kill > 1) {
      contactsMs.push((await daemon.logs('link up')).time - daemon.execMs);
      await goesOn(run.path, acknowledged.newestSeq);
      takesMs = Date.now() - daemon.execMs;
    }
    await sleep(wait * (isStarting ? takesMs * STARTING_OVER : CYCLING_MAX_MS));
    acknowledged.look();
    await daemon.killNow(who < 0.5 ? 'core' : 'all');
    daemon = startDaemon(bench.rig, bench.configPath);
    if (kill % 10 === 0) say(`R1: ${kill} kills, ${acknowledged.count} samples seen`);
  }
  return { kills: trials, last: daemon, acknowledged, contactsMs };
}

async function judge(bench: Bench, { run, path }: StartedRun, killed: Killed): Promise<Figures> {
  const { acknowledged, contactsMs, last } = killed;
  await last.logs('link up');
  acknowledged.look();
  const stuck = await goesOn(path, acknowledged.newestSeq, MORE_SAMPLES).then(
    () => [],
    () => [`it does not go on: ${JSON.stringify(checkpointOf(path))}`],
  );
  acknowledged.look();
  await stopRun(bench.rig, run);
  const seals = await until('the seal', () => isSealed(path) || undefined).then(
    () => [],
    () => [`it is not sealed: ${JSON.stringify(checkpointOf(path))}`],
  );
  const orphans = await orphansOf(bench.rig, last);
  const record = judgeRecord(path);
  const charge = chargeAgainstCell(path, bench.truthPath);
  const p99Ms = quantile(contactsMs, 0.99);
  const isLate = p99Ms > CONTACT_MAX_MS;
  return {
    trials: killed.kills,
    lost: acknowledged.lost(),
    duplicated: record.duplicated,
    unflaggedGaps: record.unflaggedGaps,
    unsafeS: 0,
    problems: [...stuck, ...seals, ...orphans, ...record.problems, ...charge.problems],
    late: isLate ? [`the instrument was met ${rounded(p99Ms)} ms after exec (p99)`] : [],
    notes: {
      samples: record.samples,
      acknowledged: acknowledged.count,
      flaggedGaps: record.flaggedGaps,
      contactP50Ms: rounded(quantile(contactsMs, 0.5)),
      contactP99Ms: rounded(p99Ms),
      chargeErrorNc: charge.errorNc,
      oneSampleNc: ONE_SAMPLE_NC,
      ended: checkpointOf(path).reason,
    },
  };
}

/** Ends the last daemon; whoever is left then but the simulator belongs to one that was killed. */
async function orphansOf(rig: Rig, last: DaemonProcess): Promise<readonly string[]> {
  last.kill('SIGTERM');
  const left = () => rig.processes().filter(({ command }) => /daemon|-process\.js/.test(command));
  return until('the last process', () => left().length === 0 || undefined).then(
    () => [],
    () => left().map(({ command }) => `it outlives its daemon: ${command}`),
  );
}

function chargeAgainstCell(path: string, truthPath: string) {
  const record = chargeOf(path);
  const cell = truthOf(truthPath) ?? { plateNc: Number.NaN, stripNc: Number.NaN };
  const errors = [record.plateNc - cell.plateNc, record.stripNc - cell.stripNc].map(Math.abs);
  const errorNc = Math.max(...errors);
  const isWrong = !(errorNc <= ONE_SAMPLE_NC);
  return {
    errorNc: rounded(errorNc),
    problems: isWrong ? [`the record and the cell differ by ${rounded(errorNc)} nC of charge`] : [],
  };
}

async function goesOn(path: string, beyond: number, samples = 1): Promise<void> {
  await until(
    `${samples} samples beyond ${beyond}`,
    () => checkpointOf(path).next_seq > beyond + samples || undefined,
    () => checkpointOf(path),
  );
}
