// The real daemon as a process, for whoever kills it: when it was executed, when it had its instrument, what
// it logged. Sits on the rig of the system tests; never asks the daemon anything that it can read elsewhere.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/base/errors.ts';
import { askControl, type ControlReply, controlPath } from '../../src/daemon/control-server.ts';
import { commandLine, createRig, killIfThere, type Rig, type Running, until } from '../e2e/rig.ts';

/** A rig whose processes end with this one, whatever ends it. */
export function openRig(): Rig {
  const rig = createRig();
  const end = (): void => rig.end();
  process.once('exit', end);
  return {
    ...rig,
    end: () => {
      process.removeListener('exit', end);
      end();
    },
  };
}

export interface LogLine {
  /** Wall time, ms. */
  readonly time: number;
  readonly msg: string;
  readonly detail?: string;
}

export interface DaemonProcess extends Running {
  /** Wall time right before the process was made, ms. */
  readonly execMs: number;
  log(): readonly LogLine[];
  /** Resolves when the daemon has said so at `sinceMs` (wall time) or later. */
  logs(msg: string, sinceMs?: number): Promise<LogLine>;
  /**
   * SIGKILL; with its children at the same instant, as the machine's last breath would. Resolves when the
   * core is gone; its children may still be there.
   */
  killNow(who: 'core' | 'all'): Promise<void>;
}

export function startDaemon(rig: Rig, configPath: string): DaemonProcess {
  const execMs = Date.now();
  const running = rig.launch(...commandLine('--config', configPath, 'daemon', '--port', '0'));
  const log = (): readonly LogLine[] => logLines(running.stderr());
  return {
    ...running,
    execMs,
    log,
    logs: async (msg, sinceMs = 0) =>
      until(
        `"${msg}" in the log of the daemon`,
        () => log().find((line) => line.msg === msg && line.time >= sinceMs),
        () => running.stderr(),
      ),
    killNow: async (who) => {
      const children = who === 'all' ? childrenOf(running.pid) : [];
      for (const pid of [running.pid, ...children]) killIfThere(pid, 'SIGKILL');
      // Not `ended`: that waits for whoever inherited its pipes.
      while (existsSync(`/proc/${running.pid}`)) await sleep(2);
    },
  };
}

function logLines(text: string): readonly LogLine[] {
  const whole = text.split('\n').slice(0, -1);
  return whole.flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line) as LogLine] : []));
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    // It has ended by itself.
    return [];
  }
}

/**
 * Half-cycles of six seconds at a speed of 60, a sample every 16 ms: what the device has loaded lasts for
 * longer than a slow machine is away.
 */
export const UNHURRIED = {
  wetting: '0s',
  conditioning_cycles: '0',
  cycles: '100000',
  areal_capacity: '0.1mAh/cm2',
  record_interval: '1s',
} as const;

export interface StartedRun {
  readonly run: string;
  readonly path: string;
}

export const SPECIMEN = {
  sampleId: 'reliability',
  workingElectrode: null,
  counterElectrode: null,
  electrolyte: null,
  separator: null,
  operator: null,
  notes: null,
};

/** Starts symmetric cycling on cycler `sim`, as soon as the link is up; throws where it is refused. */
export async function startRun(
  rig: Rig,
  channel: number,
  parameters: Readonly<Record<string, string>>,
): Promise<StartedRun> {
  const place = { protocol: 'symmetric-cycling', cycler: 'sim', channel };
  const params = { ...place, parameters, areaUcm2: 1_130_000, cell: SPECIMEN };
  return until(`a run on channel ${channel}`, async () => {
    const reply = await ask(rig, 'run.start', params);
    if (reply.ok) return reply.value as StartedRun;
    if (reply.code === 'LINK_TIMEOUT' || reply.code === 'DAEMON_UNREACHABLE') return undefined;
    throw new Error(`the run on channel ${channel} does not start: ${reply.message}`);
  });
}

export async function stopRun(rig: Rig, run: string): Promise<void> {
  await ask(rig, 'run.stop', { run, reason: 'the trial is over' });
}

async function ask(
  rig: Rig,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<ControlReply> {
  return askControl(controlPath(rig.data), { method, params }).catch(
    (thrown: unknown): ControlReply => ({
      ok: false,
      code: 'DAEMON_UNREACHABLE',
      message: messageOf(thrown),
    }),
  );
}
