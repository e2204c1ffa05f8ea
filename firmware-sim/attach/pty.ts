// Puts the simulator on a pseudo terminal under a name of your choice, by python3 or else socat (Node has no
// openpty). A connection lasts while somebody has the name open; without one the device has no line, so no
// stale bytes wait for the next host. socat 1.7.4 holds the slave open itself: there a connection begins with
// its first byte, and the line stays after a close, as on a UART.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { BytePort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { LineEnd } from '../simulated-instrument.ts';
import { PYTHON_PROGRAM, servePython } from './python-pty.ts';

export interface PtyAttachment {
  /** The link to open. */
  readonly path: string;
  /** Ends the helper and removes the link. */
  close(): Promise<void>;
}

export interface PtyOptions {
  /** Where the link is made; must not exist, a dangling link aside. */
  readonly path: string;
  readonly clock: Clock;
  /** Default: python3 where there is one, else socat. */
  readonly helper?: Helper;
}

const POLL_MS = 10;
const START_LONGEST_MS = 5000;

type Helper = 'python3' | 'socat';

/** Resolves when `path` can be opened; rejects with a message that says what to install or remove. */
export async function attachPty(line: LineEnd, options: PtyOptions): Promise<PtyAttachment> {
  const { path, clock } = options;
  const helper = options.helper ?? findHelper();
  removeDanglingLink(path);
  let isClosing = false;
  let child = startHelper(helper, path);
  let gone = Promise.resolve();
  const serve = (process: ChildProcessWithoutNullStreams): void => {
    child = process;
    const served = helper === 'socat' ? serveSocat(line, process) : servePython(line, process);
    gone = served.then(() => {
      if (isClosing) return;
      // The pause keeps a helper that cannot start from spinning.
      clock.after(POLL_MS, () => {
        if (!isClosing) serve(startHelper(helper, path));
      });
    });
  };
  const close = async (): Promise<void> => {
    isClosing = true;
    child.kill('SIGTERM');
    await gone;
    removeDanglingLink(path);
  };
  serve(child);
  await waitForPath(path, clock).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { path, close };
}

function findHelper(): Helper {
  if (spawnSync('python3', ['-c', 'import pty'], { stdio: 'ignore' }).status === 0) return 'python3';
  if (spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0) return 'socat';
  throw new Error(
    'a pty needs python3 or socat in the PATH: apt-get install python3, or use a TCP port instead',
  );
}

function startHelper(helper: Helper, path: string): ChildProcessWithoutNullStreams {
  // Not `wait-slave`: waiting, it would outlive a killed simulator. -t 0 ends at once with the simulator.
  const socat = ['-t', '0', `PTY,link=${path},rawer`, 'STDIO'];
  return helper === 'socat' ? spawn('socat', socat) : spawn('python3', ['-c', PYTHON_PROGRAM, path]);
}

/** Attaches at the first byte; resolves when socat has ended. */
function serveSocat(line: LineEnd, child: ChildProcessWithoutNullStreams): Promise<void> {
  child.stdout.setEncoding('latin1');
  child.stdout.once('data', (first: string) => {
    let receive: (text: string) => void = () => undefined;
    line.attach(portFromChild(child, (receiver) => (receive = receiver)));
    child.stdout.on('data', (text: string) => receive(text));
    receive(first);
  });
  // A helper that has ended breaks the pipe; `close` of the child tells so.
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
}

function portFromChild(
  child: ChildProcessWithoutNullStreams,
  onBytes: (receive: (text: string) => void) => void,
): BytePort {
  const { stdin } = child;
  return {
    name: `pty:${child.pid ?? 0}`,
    get isOpen() {
      return child.exitCode === null && stdin.writable;
    },
    get pendingBytes() {
      return stdin.writableLength;
    },
    write(text) {
      if (child.exitCode !== null || !stdin.writable) return false;
      stdin.write(text, 'latin1');
      return true;
    },
    onBytes,
    onClosed(receive) {
      child.once('close', () => receive('the slave was closed'));
    },
    close() {
      child.kill('SIGTERM');
    },
  };
}

function waitForPath(path: string, clock: Clock): Promise<void> {
  const startMs = clock.nowMs();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (existsSync(path)) resolve();
      else if (clock.nowMs() - startMs > START_LONGEST_MS) {
        reject(
          new Error(`no pty appeared at ${path} within ${START_LONGEST_MS} ms: is the folder writable?`),
        );
      } else clock.after(POLL_MS, look);
    };
    look();
  });
}

/** A link left over by a killed simulator points nowhere; anything else at `path` is somebody's. */
function removeDanglingLink(path: string): void {
  if (existsSync(path)) throw new Error(`${path} exists: remove it or choose another name`);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(path);
}
