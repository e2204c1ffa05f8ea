// The python3 side of a pseudo terminal, and what it and the simulator say to each other over its pipes. A
// name that is closed can be opened again at once, as a real port can; within a millisecond or so it is the
// same connection still. Must never keep bytes for a host that comes later.
//
//   helper -> simulator   'o' opened, 'c' closed, 'd' data:   kind, two bytes of length, data
//   simulator -> helper   number of the connection (mod 256), two bytes of length, data
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { assert } from '../../src/base/assert.ts';
import type { BytePort } from '../../src/base/byte-port.ts';
import type { LineEnd } from '../simulated-instrument.ts';

const POLL_MS = 10;
const HEADER_BYTES = 3;
const DATA_BYTES_MAX = 65_535;
const CONNECTIONS = 256;

/**
 * While nobody has the slave open the master tells POLLHUP alone (Linux). Each connection has a pty of its
 * own, since settings and exclusive use outlive the closing of a slave. The one that was closed is kept until
 * the next is: who found it by the link just before that moved on is served there.
 */
export const PYTHON_PROGRAM = `
import os, pty, select, sys, termios, tty
link = sys.argv[1]
names, inbox, outbox, number, is_open = {}, b'', b'', 0, False

def fresh():
    master, slave = pty.openpty()
    names[master] = os.ttyname(slave)
    tty.setraw(slave)
    os.set_blocking(master, False)
    os.symlink(names[master], link + '.new')
    os.rename(link + '.new', link)
    os.close(slave)
    return master

def state(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return sum(event for _, event in poll.poll(0))

def opened():
    while True:
        for fd in filter(None, (last, linked)):
            if state(fd) != select.POLLHUP:
                return fd
        if select.select([0], [], [], ${POLL_MS / 1000})[0]:
            take_from_simulator()

def forget_what_was_not_read():
    try:
        slave = os.open(names[master], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return
    termios.tcflush(slave, termios.TCIFLUSH)
    os.close(slave)

def say(kind, data=b''):
    data = kind + len(data).to_bytes(2, 'big') + data
    while data:
        data = data[os.write(1, data):]

def take_from_simulator():
    global inbox, outbox
    data = os.read(0, 65536)
    if not data:
        raise EOFError
    inbox += data
    while len(inbox) >= 3 and len(inbox) >= 3 + int.from_bytes(inbox[1:3], 'big'):
        of, end = inbox[0], 3 + int.from_bytes(inbox[1:3], 'big')
        outbox += inbox[3:end] if is_open and of == number else b''
        inbox = inbox[end:]

def give_to_host():
    global outbox
    try:
        outbox = outbox[os.write(master, outbox):]
    except BlockingIOError:
        pass

def serve():
    while state(master) != select.POLLHUP:
        sources = [master, 0] if len(outbox) < 65536 else [master]
        ready, writable, _ = select.select(sources, [master] if outbox else [], [])
        if master in ready and state(master) & select.POLLIN:
            say(b'd', os.read(master, ${DATA_BYTES_MAX}))
        if 0 in ready:
            take_from_simulator()
        if writable and state(master) != select.POLLHUP:
            give_to_host()

linked, last = fresh(), None
try:
    while True:
        master = opened()
        number, is_open = (number + 1) % ${CONNECTIONS}, True
        say(b'o')
        try:
            serve()
        except OSError:
            if state(master) != select.POLLHUP:
                raise
        outbox, is_open = b'', False
        forget_what_was_not_read()
        if master == linked:
            before, last, linked = last, linked, fresh()
            if before is not None:
                os.close(before)
        say(b'c')
except (EOFError, OSError):
    pass
finally:
    os.unlink(link)
`;

/** Attaches each connection that the program tells of; resolves when it has ended. */
export function servePython(line: LineEnd, child: ChildProcessWithoutNullStreams): Promise<void> {
  let connection: Connection | null = null;
  let opened = 0;
  const close = (reason: string): void => {
    connection?.end(reason);
    connection = null;
  };
  const take = (kind: string, data: string): void => {
    if (kind === 'd') connection?.receive(data);
    else if (kind === 'c') close('the slave was closed');
    else {
      assert(kind === 'o', `the pty helper says "${kind}"`);
      opened += 1;
      connection = new Connection(child, opened % CONNECTIONS);
      line.attach(connection.port);
    }
  };
  child.stdout.setEncoding('latin1').on('data', framesInto(take));
  // A helper that has ended breaks the pipe; `close` of the child tells so.
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  return new Promise((resolve) => {
    const ended = (): void => {
      close('the pty is gone');
      resolve();
    };
    child.once('close', ended);
    child.once('error', ended);
  });
}

class Connection {
  readonly port: BytePort;
  #isOver = false;
  #receive: (text: string) => void = () => undefined;
  #onClosed: (reason: string) => void = () => undefined;

  constructor(child: ChildProcessWithoutNullStreams, number: number) {
    const { stdin } = child;
    const isOpen = (): boolean => !this.#isOver && child.exitCode === null && stdin.writable;
    this.port = {
      name: `pty:${child.pid ?? 0}.${number}`,
      get isOpen() {
        return isOpen();
      },
      get pendingBytes() {
        return stdin.writableLength;
      },
      write(text) {
        if (!isOpen()) return false;
        for (let at = 0; at < text.length; at += DATA_BYTES_MAX) {
          stdin.write(frame(number, text.slice(at, at + DATA_BYTES_MAX)), 'latin1');
        }
        return true;
      },
      onBytes: (receive) => (this.#receive = receive),
      onClosed: (receive) => (this.#onClosed = receive),
      // The terminal goes with it: the host shall see the instrument leave.
      close: () => void (isOpen() && child.kill('SIGTERM')),
    };
  }

  receive(text: string): void {
    this.#receive(text);
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onClosed(reason);
  }
}

function frame(number: number, data: string): string {
  return String.fromCharCode(number, data.length >> 8, data.length & 255) + data;
}

function framesInto(take: (kind: string, data: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk;
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.charCodeAt(1) * 256 + rest.charCodeAt(2);
      if (rest.length < end) return;
      const [kind, data] = [rest.charAt(0), rest.slice(HEADER_BYTES, end)];
      rest = rest.slice(end);
      take(kind, data);
    }
  };
}
