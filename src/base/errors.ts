// Every error an operator can meet: a stable code, the exit code of the command line, in one place.
// Each code has a line in src/README.md with what the operator should do (test/tidy.test.ts checks it).

/** Exit codes of the command line (DESIGN: contracts). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
  device: 4,
  storage: 5,
  refused: 6,
  auth: 7,
  daemonUnreachable: 8,
  difference: 9,
  interrupted: 130,
  terminated: 143,
} as const;

export const ERROR_CODES = {
  INTERNAL: EXIT.failed,
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.invalid,
  PARAMS_INVALID: EXIT.invalid,
  PROTOCOL_UNKNOWN: EXIT.invalid,
  PROTOCOL_INVALID: EXIT.invalid,
  STEP_UNBOUNDED: EXIT.invalid,
  PORT_ABSENT: EXIT.device,
  PORT_BUSY: EXIT.device,
  PORT_DENIED: EXIT.device,
  PORT_FAILED: EXIT.device,
  LINK_TIMEOUT: EXIT.device,
  LINK_CLOSED: EXIT.device,
  DEVICE_NONSENSE: EXIT.device,
  DEVICE_REFUSED: EXIT.device,
  STORE_FULL: EXIT.storage,
  STORE_FAILED: EXIT.storage,
  STORE_NEWER: EXIT.storage,
  RANGE_EXCEEDED: EXIT.refused,
  CAPABILITY_MISSING: EXIT.refused,
  CHANNEL_LOCKED: EXIT.refused,
  CHANNEL_UNKNOWN: EXIT.invalid,
  RUN_UNKNOWN: EXIT.usage,
  RUN_STATE: EXIT.refused,
  DAEMON_UNREACHABLE: EXIT.daemonUnreachable,
  DAEMON_RUNNING: EXIT.refused,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetail {
  readonly code: ErrorCode;
  /** One line: which field or port, what was found, what is allowed, what to do. */
  readonly message: string;
}

/** An expected failure on its way across a layer. `message` is the one line an operator reads. */
export class GalvanodeError extends Error {
  override readonly name = 'GalvanodeError';
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, context: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.context = context;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code];
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
