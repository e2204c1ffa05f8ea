// The recorded wire of a run as a replay walks through it: entries in order, read as far ahead as is needed,
// each sent frame with its kind, each heard one with what it answers. Knows which questions were asked again.
import type { PortIndex, WireEntry } from '../../device/wire-entry.ts';
import { parseWireLine } from '../../device/wire-entry.ts';
import type { WireFrame, WireLanguage } from '../../device/wire-language.ts';

export interface Recorded extends WireEntry {
  /** Connections are counted: nothing of one is answered in another. */
  readonly connection: number;
  /** Of a sent frame. */
  readonly kind: WireEntry['kind'];
  readonly question: string;
  readonly isPoll: boolean;
  /** The sent frame that this one answers, or whose work it shows; null: it comes unasked. */
  readonly cause: Recorded | null;
  /** Today's frame that asks the same; null: none has yet. */
  asked: WireFrame | null;
  /** The replay has gone past it. */
  isPassed: boolean;
  /** Heard, and due before what it answers was asked. */
  readonly waiting: Recorded[];
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Lines in order, some at a time; null at the end. */
export type ReadLines = () => readonly string[] | null;

/** In place of a line that is none: the file was damaged. */
const BROKEN: WireEntry = { atMs: 0, kind: 'left-out', text: '{}', port: 0 };
/** What was passed is kept so long only because taking it away one by one would cost more. */
const TRIM_AT = 4096;

export class RecordedWire {
  readonly #read: ReadLines;
  readonly #language: WireLanguage;
  /** Read, and not passed. */
  #ahead: Recorded[] = [];
  #at = 0;
  #isAllRead = false;
  #connection = 0;
  readonly #lastSent = new Map<PortIndex, Recorded>();
  /** Sent frames that nobody has asked again, by connection and kind. */
  readonly #open = new Map<string, Recorded[]>();

  constructor(read: ReadLines, language: WireLanguage) {
    this.#read = read;
    this.#language = language;
  }

  /** The entry that comes next; null: the record ends here. */
  get next(): Recorded | null {
    while (this.#at >= this.#ahead.length && this.#readOn()) void 0;
    return this.#ahead[this.#at] ?? null;
  }

  advance(): void {
    const passed = this.next;
    if (passed === null) return;
    passed.isPassed = true;
    this.#at += 1;
    if (this.#at < TRIM_AT) return;
    this.#ahead = this.#ahead.slice(this.#at);
    this.#at = 0;
  }

  /** The first recorded question of this kind that is still open; null: the record has none. */
  openQuestion(connection: number, question: string): Recorded | null {
    for (;;) {
      const [first] = this.#open.get(keyOf(connection, question)) ?? [];
      if (first !== undefined) return first;
      if (!this.#readOn()) return null;
    }
  }

  /** The same for a question of which there are more or fewer today: of about now, rather one that comes. */
  openPoll(connection: number, question: string, { fromMs, untilMs }: Span): Recorded | null {
    let missed: Recorded | null = null;
    for (let index = 0; ; index += 1) {
      while ((this.#open.get(keyOf(connection, question))?.length ?? 0) <= index && this.#readOn()) void 0;
      const found = this.#open.get(keyOf(connection, question))?.[index];
      if (found === undefined || found.atMs > untilMs) return missed;
      if (!found.isPassed) return found;
      if (found.atMs >= fromMs) missed = found;
    }
  }

  /** It is asked: takes it off the list, and those before it that nobody will ask. */
  close(recorded: Recorded): void {
    const open = this.#open.get(keyOf(recorded.connection, recorded.question)) ?? [];
    const at = open.indexOf(recorded);
    open.splice(recorded.isPoll ? 0 : at, recorded.isPoll ? at + 1 : 1);
  }

  /** The first frame sent from here on that nobody has asked again, up to a time. */
  nextSent(untilMs: number, isMeant: (sent: Recorded) => boolean = () => true): Recorded | null {
    for (let index = this.#at; ; index += 1) {
      while (index >= this.#ahead.length && this.#readOn()) void 0;
      const entry = this.#ahead[index];
      if (entry === undefined || entry.atMs > untilMs || entry.kind === 'cycler') return null;
      if (entry.kind === 'sent' && entry.asked === null && isMeant(entry)) return entry;
    }
  }

  /** Whether the record of this process holds nothing later than this. */
  endsBy(untilMs: number): boolean {
    for (let index = this.#at; ; index += 1) {
      while (index >= this.#ahead.length && this.#readOn()) void 0;
      const entry = this.#ahead[index];
      if (entry === undefined || entry.kind === 'cycler') return true;
      if (entry.atMs > untilMs) return false;
    }
  }

  #readOn(): boolean {
    if (this.#isAllRead) return false;
    const lines = this.#read();
    this.#isAllRead = lines === null;
    for (const line of lines ?? []) {
      this.#ahead.push(this.#recorded(parseWireLine(line) ?? BROKEN));
    }
    return lines !== null;
  }

  #recorded(entry: WireEntry): Recorded {
    const { kind, port, text } = entry;
    if (kind === 'opened' && port === 0) {
      this.#connection += 1;
      this.#lastSent.clear();
    }
    const isSent = kind === 'sent';
    const isUnasked = kind !== 'heard' || this.#language.isReport(text, port);
    const recorded: Recorded = {
      ...entry,
      connection: this.#connection,
      question: isSent ? this.#language.kindOf(text) : '',
      isPoll: isSent && this.#language.isPoll(text),
      cause: isUnasked ? null : (this.#lastSent.get(port) ?? null),
      ...{ asked: null, isPassed: false, waiting: [] },
    };
    if (isSent) this.#rememberSent(recorded);
    return recorded;
  }

  #rememberSent(sent: Recorded): void {
    this.#lastSent.set(sent.port, sent);
    const key = keyOf(sent.connection, sent.question);
    const open = this.#open.get(key) ?? [];
    open.push(sent);
    this.#open.set(key, open);
  }
}

function keyOf(connection: number, question: string): string {
  return `${connection} ${question}`;
}
