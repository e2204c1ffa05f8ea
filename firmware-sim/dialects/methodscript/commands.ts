// The commands of the line, outside of scripts, as data: what each does, and whether it is for an idle
// instrument only. The instrument echoes the first character of a command and answers behind it.
import { lineCapabilities, scriptCapabilities } from './capabilities.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { Profile } from './profiles.ts';
import type { Registers } from './registers.ts';
import type { Script } from './script.ts';
import type { ScriptRun } from './script-run.ts';

/** What a command may ask of the instrument. */
export interface CommandHost {
  readonly profile: Profile;
  readonly serial: string;
  readonly registers: Registers;
  /** The script that runs; null when idle. */
  readonly run: ScriptRun | null;
  /** What `l` or `e` has loaded. */
  loaded: Script | null;
  /** What `Fmscr` has kept; it outlives the power. */
  readonly permanent: { script: Script | null };
  readonly nowUs: number;
  /** The lines that follow are a script, up to an empty one; `r` is what happens then. */
  beginLoading(command: 'l' | 'e'): void;
  startLoaded(): void;
  /** `Z`, at once or late; the acknowledgement is the host's to send. */
  abort(): void;
}

/** What stands behind the echo; null where the answer comes later or never. */
export type CommandAnswer =
  | { readonly ok: true; readonly text: string | null }
  | { readonly ok: false; readonly code: ErrorCode };

interface LineCommand {
  /** True: only while no script runs, 0006 otherwise. False: only while one runs. null: always. */
  readonly isIdleOnly: boolean | null;
  readonly answer: (host: CommandHost, payload: string) => CommandAnswer;
}

const DONE: CommandAnswer = { ok: true, text: '' };
const LATER: CommandAnswer = { ok: true, text: null };
const MODE_WRONG = refusal(ERRORS.wrongCommunicationMode);

const COMMANDS: Readonly<Record<string, LineCommand>> = {
  t: { isIdleOnly: null, answer: ({ profile }) => text(`${profile.name}${profile.firmware}\nR*`) },
  i: { isIdleOnly: true, answer: ({ serial }) => text(serial) },
  v: { isIdleOnly: true, answer: () => text('01.09.00') },
  // A single instrument; MultiEmStat4 shows one port for each channel.
  m: { isIdleOnly: true, answer: () => refusal(ERRORS.notAMultiDevice) },
  // Both letters, then 64 digits; whether the second letter is sent too is not settled (README.md).
  CC: { isIdleOnly: true, answer: () => text(`C${lineCapabilities()}`) },
  CM: { isIdleOnly: true, answer: ({ profile }) => text(`M${scriptCapabilities(profile)}`) },
  l: { isIdleOnly: true, answer: (host) => beginLoading(host, 'l') },
  e: { isIdleOnly: true, answer: (host) => beginLoading(host, 'e') },
  r: { isIdleOnly: true, answer: runLoaded },
  Fmscr: { isIdleOnly: true, answer: keepLoaded },
  Lmscr: { isIdleOnly: true, answer: loadKept },
  Z: { isIdleOnly: false, answer: abort },
  Y: { isIdleOnly: false, answer: ({ run }) => asked(run, (running) => running.endLoop()) },
  h: { isIdleOnly: false, answer: (host) => halt(host) },
  H: { isIdleOnly: false, answer: (host) => resume(host) },
  R: {
    isIdleOnly: false,
    answer: ({ run }) =>
      run?.isReversible === true ? asked(run, (running) => running.reverse()) : MODE_WRONG,
  },
};

const REGISTER_COMMANDS: Readonly<Record<string, LineCommand>> = {
  G: { isIdleOnly: true, answer: ({ registers }, payload) => registers.get(payload) },
  S: { isIdleOnly: true, answer: ({ registers }, payload) => registers.set(payload) },
};

/** Storage is another part that this board lacks. */
const FILE_COMMANDS = /^(s?fs_[a-z]+|[le]_fs)( .*)?$/;

/** Answers one line that is not empty. */
export function answer(host: CommandHost, line: string): CommandAnswer {
  const known = Object.hasOwn(COMMANDS, line) ? COMMANDS[line] : undefined;
  const command = known ?? REGISTER_COMMANDS[line.charAt(0)] ?? fileCommand(line);
  if (command === null) return refusal(ERRORS.unknownCommand);
  const isRunning = host.run !== null;
  if (command.isIdleOnly !== null && command.isIdleOnly === isRunning) return MODE_WRONG;
  return command.answer(host, line.slice(1));
}

function fileCommand(line: string): LineCommand | null {
  if (!FILE_COMMANDS.test(line)) return null;
  return { isIdleOnly: true, answer: () => refusal(ERRORS.noFileSystem) };
}

function beginLoading(host: CommandHost, command: 'l' | 'e'): CommandAnswer {
  host.beginLoading(command);
  return LATER;
}

function runLoaded(host: CommandHost): CommandAnswer {
  if (host.loaded === null) return refusal(ERRORS.noScriptLoaded);
  host.startLoaded();
  return LATER;
}

function keepLoaded(host: CommandHost): CommandAnswer {
  if (host.loaded === null) return refusal(ERRORS.noScriptLoaded);
  host.permanent.script = host.loaded;
  return DONE;
}

function loadKept(host: CommandHost): CommandAnswer {
  if (host.permanent.script === null) return refusal(ERRORS.noScriptLoaded);
  host.loaded = host.permanent.script;
  return DONE;
}

function abort(host: CommandHost): CommandAnswer {
  host.abort();
  return LATER;
}

function halt({ run, nowUs }: CommandHost): CommandAnswer {
  return run?.isHalted === true ? MODE_WRONG : asked(run, (running) => running.halt(nowUs));
}

function resume({ run, nowUs }: CommandHost): CommandAnswer {
  return run?.isHalted === true ? asked(run, (running) => running.resume(nowUs)) : MODE_WRONG;
}

function asked(run: ScriptRun | null, request: (running: ScriptRun) => void): CommandAnswer {
  if (run === null) return MODE_WRONG;
  request(run);
  return DONE;
}

function text(answered: string): CommandAnswer {
  return { ok: true, text: answered };
}

function refusal(code: ErrorCode): { readonly ok: false; readonly code: ErrorCode } {
  return { ok: false, code };
}
