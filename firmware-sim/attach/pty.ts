// Puts the simulator on a pseudo terminal under a name of your choice, by python3 or else socat (Node has no
// openpty). A connection lasts from the first byte of whoever opened the name until he closes it; without
// one the device has no line, so no stale bytes wait for the next host. The helper is restarted after it.
// socat 1.7.4 holds the slave open itself and never notices a close: there the line stays, as on a UART.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { BytePort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { SimulatedCycler } from '../sim.ts';

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
  readonly helper?: 'socat' | 'python3';
}

const POLL_MS = 10;
const START_LONGEST_MS = 5000;

/**
 * A raw pty, a link, bytes both ways until the slave is closed or the simulator is gone (the end of stdin).
 * The slave is held open until the first byte, or the master would read EIO at once.
 */
const PYTHON_HELPER = `
import os, pty, select, sys, tty
link = sys.argv[1]
master, slave = pty.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), link)
try:
    while True:
        for ready in select.select([0, master], [], [])[0]:
            data = os.read(ready, 65536)
            if not data:
                raise OSError
            if slave is not None and ready == master:
                os.close(slave)
                slave = None
            target = master if ready == 0 else 1
            while data:
                data = data[os.write(target, data):]
except OSError:
    pass
finally:
    os.unlink(link)
`;

/** Resolves when `path` can be opened; rejects with a message that says what to install or remove. */
export async function attachPty(simulator: SimulatedCycler, options: PtyOptions): Promise<PtyAttachment> {
  const { path, clock } = options;
  const helper = options.helper ?? findHelper();
  removeDanglingLink(path);
  let isClosing = false;
  let child = startHelper(helper, path);
  let gone = Promise.resolve();
  const serve = (process: ChildProcessWithoutNullStreams): void => {
    child = process;
    gone = serveConnection(simulator, process).then(() => {
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

function findHelper(): 'socat' | 'python3' {
  if (spawnSync('python3', ['-c', 'import pty'], { stdio: 'ignore' }).status === 0) return 'python3';
  if (spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0) return 'socat';
  throw new Error(
    'a pty needs python3 or socat in the PATH: apt-get install python3, or use a TCP port instead',
  );
}

function startHelper(helper: 'socat' | 'python3', path: string): ChildProcessWithoutNullStreams {
  // Not `wait-slave`: waiting, it would outlive a killed simulator. -t 0 ends at once with the simulator.
  const socat = ['-t', '0', `PTY,link=${path},rawer`, 'STDIO'];
  return helper === 'socat' ? spawn('socat', socat) : spawn('python3', ['-c', PYTHON_HELPER, path]);
}

/** Attaches at the first byte; resolves when the helper has ended. */
function serveConnection(simulator: SimulatedCycler, child: ChildProcessWithoutNullStreams): Promise<void> {
  child.stdout.setEncoding('latin1');
  child.stdout.once('data', (first: string) => {
    let receive: (text: string) => void = () => undefined;
    simulator.attach(portFromChild(child, (receiver) => (receive = receiver)));
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
  if (existsSync(path)) throw new Error(`${path} exists: remove it or choose another --link`);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(path);
}
