// The whole hardware seam: a stream of bytes, both ways. Serial, TCP and memory implement it and are
// interchangeable. Single-use: a port that has closed stays closed; a reopened device is a new object (a
// closed SerialPort delivers what was written to it after the next open: a stale command into a live cell).

export interface BytePort {
  /** What an operator would call it: `/dev/serial/by-id/…`, `tcp://127.0.0.1:7001`, `memory`. */
  readonly name: string;
  /** False before it is open and after it has closed. */
  readonly isOpen: boolean;
  /** Bytes that were accepted by `write` and are not on their way yet. */
  readonly pendingBytes: number;
  /**
   * Sends text as latin1 bytes. Returns false, having sent nothing, when the port is not open. Never queues
   * for a later open.
   */
  write(text: string): boolean;
  /** The one receiver of chunks, latin1 text, as they come. Must be set before the first byte is due. */
  onBytes(receive: (text: string) => void): void;
  /** The one receiver of the end, called exactly once, with the reason. No bytes come after it. */
  onClosed(receive: (reason: string) => void): void;
  /** Closes; idempotent. */
  close(): void;
}

/** Opens a new port object. Called once per connection; the result arrives exactly once. */
export type OpenPort = (done: (result: PortResult) => void) => void;

export type PortResult =
  | { readonly ok: true; readonly port: BytePort }
  | { readonly ok: false; readonly reason: 'absent' | 'busy' | 'denied' | 'failed'; readonly detail: string };
