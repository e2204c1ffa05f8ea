// How the process of a daemon ends: by signals, in order or at once, and by an error of ours. Whatever the
// way, no cell is left to nobody: an instrument without a lease of its own is told to open before the
// process goes.
import type { Clock } from '../base/clock.ts';
import { EXIT, messageOf } from '../base/errors.ts';
import type { Config } from '../config/config.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { say } from './output.ts';

export interface EndOptions {
  readonly daemon: Pick<Daemon, 'stop' | 'cutCells' | 'crashed'>;
  readonly policy: Config['on_shutdown'];
  readonly clock: Clock;
  readonly beforeExit: () => Promise<void>;
  /** Default: this process. */
  readonly target?: Pick<NodeJS.Process, 'on' | 'exit'>;
}

/**
 * npm and a terminal both pass Ctrl-C on, milliseconds apart: only a later signal is a person who means
 * "now".
 */
const SAME_SIGNAL_MS = 500;
/**
 * So that bytes that were written leave the process: a serial line takes them in a thread, a socket by the
 * loop.
 */
const LAST_BYTES_MS = 300;

/**
 * First signal: orderly, within ten seconds. Second one: at once; cells are opened or bounded by their
 * lease.
 */
export function endOnSignals(options: EndOptions): void {
  const { beforeExit, clock, daemon, policy, target = process } = options;
  let firstMs: number | null = null;
  const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (firstMs !== null) {
      if (clock.nowMs() - firstMs > SAME_SIGNAL_MS) endNow(options, code);
      return;
    }
    firstMs = clock.nowMs();
    say('ending: cells first, then files (once more to end at once)');
    void daemon
      .stop(policy)
      .then(beforeExit)
      .finally(() => target.exit(code));
  };
  target.on('SIGINT', () => end('SIGINT'));
  target.on('SIGTERM', () => end('SIGTERM'));
  target.on('SIGHUP', () => end('SIGTERM'));
}

/**
 * What nobody has caught may have left anything half done: the process ends, whoever watches it starts
 * another.
 */
export function endOnCrash(options: EndOptions): void {
  const { daemon, target = process } = options;
  let isEnding = false;
  // A promise that nobody waits for comes here too.
  target.on('uncaughtException', (thrown: unknown) => {
    if (isEnding) return;
    isEnding = true;
    daemon.crashed(thrown);
    say(`galvanode: internal error: ${messageOf(thrown)}; the daemon ends, cells are opened or bounded`);
    say('start it again, it takes up its runs; please report this with the lines above [INTERNAL]');
    cutAndExit(options, { code: EXIT.failed, leavesLeased: true });
  });
}

function endNow(options: EndOptions, code: number): void {
  const { policy } = options;
  cutAndExit(options, { code, leavesLeased: policy === 'keep' || policy === 'finish_step' });
}

interface CutOptions {
  readonly code: number;
  readonly leavesLeased: boolean;
}

function cutAndExit(
  { clock, daemon, target = process }: EndOptions,
  { code, leavesLeased }: CutOptions,
): void {
  let isSent = false;
  try {
    isSent = daemon.cutCells({ leavesLeased });
  } finally {
    if (isSent) clock.after(LAST_BYTES_MS, () => target.exit(code));
    else target.exit(code);
  }
}
