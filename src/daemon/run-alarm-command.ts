// Starts the operator's alarm command as a process: no shell, the alarm in its environment and as one JSON
// object on its standard input. Ends it, and whatever it has started, after ten seconds.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Alarm, RunAlarmCommand } from './alarm-command.ts';

const TIMEOUT_MS = 10_000;
const SAID_CHARACTERS_MAX = 300;

/** `argv`: the program and its arguments, as the configuration lists them. */
export function runAlarmCommand(argv: readonly string[], clock: Clock): RunAlarmCommand {
  const [program = '', ...args] = argv;
  return (alarm, done) => {
    // A group of its own, so that all of it can be ended.
    const child = start(program, args, alarm);
    let said = '';
    let isDone = false;
    const finish = (problem: string | null): void => {
      if (isDone) return;
      isDone = true;
      limit.cancel();
      child.stderr?.destroy();
      done(problem);
    };
    const limit = clock.after(TIMEOUT_MS, () => {
      endGroup(child);
      finish(`${program}: still running after ${TIMEOUT_MS / 1000} s, ended`);
    });
    child.on('error', (error) => finish(`${program}: ${error.message}; correct "alarm_command"`));
    // Not `close`: something that it left running may hold the pipe.
    child.on('exit', (code, signal) => {
      if (code === 0) return finish(null);
      finish(`${program}: ended with ${signal ?? `exit code ${code ?? '?'}`} ${said}`.trim());
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString('utf8')).slice(0, SAID_CHARACTERS_MAX).replaceAll('\n', ' ');
    });
    // A command that does not read is none that failed.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(alarm)}\n`);
  };
}

function start(program: string, args: readonly string[], alarm: Alarm): ChildProcess {
  return spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {
      ...process.env,
      GALVANODE_ALARM_CODE: alarm.code,
      GALVANODE_ALARM_MESSAGE: alarm.message,
      GALVANODE_ALARM_RUN: alarm.run ?? '',
      GALVANODE_ALARM_CYCLER: alarm.cycler ?? '',
      GALVANODE_ALARM_CHANNEL: String(alarm.channel ?? ''),
    },
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (thrown) {
    // It ended in this very moment.
    if (!messageOf(thrown).includes('ESRCH')) throw thrown;
  }
}
