// Program messages: which command each unit means, in which order they run, what waits for idle, and how the
// replies of one message are joined (manual 14-10 to 14-13). Must never touch the line.
import { assert } from '../../../src/base/assert.ts';
import type { Answer, Command, Outcome } from './command-kinds.ts';
import { COMMAND_TABLE } from './command-table.ts';
import type { Core } from './core.ts';
import { splitParameters } from './parameters.ts';
import { type ErrorCode, eventBitOf } from './scpi-errors.ts';
import { keysOf, parseHeader, unitsOf } from './scpi-header.ts';
import { showCompliance } from './sdm-cycle.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  COMMAND_TABLE.flatMap((command) => keysOf(command.header).map((key) => [key, command] as const)),
);
/** The same without numeric suffixes: tells a wrong suffix from a wrong word. */
const BARE_KEYS: ReadonlySet<string> = new Set([...COMMANDS.keys()].map((key) => key.replace(/\d+/g, '')));

interface Message {
  readonly units: readonly string[];
  next: number;
  base: readonly string[];
  readonly replies: string[];
  /** What a READ? has still to answer. */
  waiting: ((core: Core) => Answer) | null;
}

interface Unit {
  readonly command: Command;
  readonly isQuery: boolean;
  readonly parameters: readonly string[];
  readonly base: readonly string[];
}

export class MessageRunner {
  readonly #core: Core;
  readonly #reply: (text: string) => void;
  #message: Message | null = null;
  readonly #queue: string[] = [];

  constructor(core: Core, reply: (text: string) => void) {
    this.#core = core;
    this.#reply = reply;
  }

  /** Characters that wait in messages not begun yet, terminators included. */
  get waitingLength(): number {
    return this.#queue.reduce((sum, text) => sum + text.length + 1, 0);
  }

  /**
   * Takes a message in. While the trigger model runs only what is allowed to interrupt is carried out at once
   * (p. 16-3); `*RST` and the like also cancel what waits.
   */
  take(text: string): void {
    this.#queue.push(this.#core.trigger.isIdle ? text : this.#interrupt(text));
    this.run();
  }

  /** Carries out what can be; to be called whenever the instrument may have become idle. */
  run(): void {
    while (this.#isReady()) {
      const message = this.#message ?? this.#begin();
      if (message === null) return;
      if (message.waiting === null && message.next >= message.units.length) this.#end(message);
      else this.#step(message);
    }
  }

  /** Device clear: pending commands and replies are gone. */
  clear(): void {
    this.#message = null;
    this.#queue.length = 0;
  }

  raise(code: ErrorCode): void {
    this.#core.errors.push(code);
    this.#core.status.raiseStandard(eventBitOf(code));
  }

  #isReady(): boolean {
    return this.#core.trigger.isIdle && this.#core.us >= this.#core.busyUntilUs;
  }

  #begin(): Message | null {
    const text = this.#queue.shift();
    if (text === undefined) return null;
    this.#message = { units: unitsOf(text), next: 0, base: [], replies: [], waiting: null };
    return this.#message;
  }

  #step(message: Message): void {
    const { waiting } = message;
    if (waiting !== null) {
      message.waiting = null;
      this.#settle(message, waiting(this.#core));
      return;
    }
    const text = message.units[message.next] ?? '';
    message.next += 1;
    this.#execute(message, text);
  }

  #execute(message: Message, text: string): void {
    const unit = unitOf(text, message.base);
    if (!unit.ok) {
      this.#abandon(message, unit.code);
      return;
    }
    const { command, isQuery, parameters, base } = unit.value;
    message.base = base;
    if (isQuery && command.ask !== undefined) {
      this.#settle(message, this.#asked(command, message, parameters));
    } else if (!isQuery && command.set !== undefined) {
      const outcome: Outcome = command.set(this.#core, parameters);
      if (outcome !== null) this.#abandon(message, outcome);
    } else this.#abandon(message, -113);
  }

  /** `*STB?` alone needs to know of the message it stands in: MAV is set while replies wait. */
  #asked(command: Command, message: Message, parameters: readonly string[]): Answer {
    assert(command.ask !== undefined, 'a query must have an answer');
    return command === STATUS_BYTE
      ? { kind: 'text', text: String(this.#statusByte(message)) }
      : command.ask(this.#core, parameters);
  }

  #statusByte({ replies }: Message): number {
    const { status, errors } = this.#core;
    showCompliance(this.#core);
    return status.statusByte({ hasErrors: errors.count > 0, hasMessage: replies.length > 0 });
  }

  #settle(message: Message, answer: Answer): void {
    switch (answer.kind) {
      case 'text':
        message.replies.push(answer.text);
        break;
      case 'refused':
        this.#abandon(message, answer.code);
        break;
      case 'when-idle':
        message.waiting = answer.reply;
        break;
    }
  }

  /** "It discards all further program message units until the end of the string" (p. B-9). */
  #abandon(message: Message, code: ErrorCode): void {
    this.raise(code);
    message.next = message.units.length;
  }

  #end(message: Message): void {
    this.#message = null;
    if (message.replies.length > 0) this.#reply(message.replies.join(';'));
  }

  /** Carries out the urgent units at the head of a message; gives back the rest of it. */
  #interrupt(text: string): string {
    const units = unitsOf(text);
    let done = 0;
    for (const unitText of units) {
      const unit = unitOf(unitText, []);
      if (!unit.ok || unit.value.isQuery || unit.value.command.isUrgent !== true) break;
      const { command, parameters } = unit.value;
      if (command !== ABORT && command !== TRIGGER) this.clear();
      const outcome = command.set?.(this.#core, parameters) ?? null;
      done += 1;
      if (outcome === null) continue;
      this.raise(outcome);
      return '';
    }
    return units.slice(done).join(';');
  }
}

const STATUS_BYTE: Command = { header: '*STB', ask: () => ({ kind: 'text', text: '0' }) };
const ABORT = COMMANDS.get('ABOR');
const TRIGGER = COMMANDS.get('*TRG');

type UnitResult =
  | { readonly ok: true; readonly value: Unit }
  | { readonly ok: false; readonly code: ErrorCode };

function unitOf(text: string, base: readonly string[]): UnitResult {
  const end = text.search(/\s/);
  const headerText = end === -1 ? text : text.slice(0, end);
  const header = parseHeader(headerText, base);
  if (!header.ok) return header;
  const key = header.path.join(':');
  const command = key === '*STB' ? STATUS_BYTE : COMMANDS.get(key);
  if (command === undefined) return { ok: false, code: BARE_KEYS.has(key.replace(/\d+/g, '')) ? -114 : -113 };
  const parameters = splitParameters(end === -1 ? '' : text.slice(end));
  // A common command leaves the path where it was (IEEE 488.2, 7.6.1.5).
  const nextBase = key.startsWith('*') ? base : header.path.slice(0, -1);
  return { ok: true, value: { command, isQuery: header.isQuery, parameters, base: nextBase } };
}
