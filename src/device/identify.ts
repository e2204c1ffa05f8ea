// Finds out which dialect answers on a port, without moving anything. What makes asking everybody harmless:
//
//   gvn1 `clock`          reads a clock; needs and takes no session (GVN1 §3.1). To the others it is a
//                         command that begins with `@`: an error reply or an entry in an error queue.
//   methodscript `t` `i`  read version and serial number. To gvn1 no frames, dropped; to a 2400 undefined
//                         headers, to a Zahner error 27: no effect beyond that.
//   `*IDN?` (both SCPI)   reads the identity. MethodSCRIPT knows no command `*`; to gvn1 it is no frame.
//
// Each is a whole line, and none is empty: an empty line would end, and start, a MethodSCRIPT script that
// another host left half sent, whereas any of these lines makes the instrument reject it. A line left half
// sent spoils the first question, so each is put twice. At a wrong baud rate a question is noise, which no
// dialect executes. Flow control is off: questions and answers fit into every buffer, and a line without the
// wires for it would hold the question for ever.
// Must never send anything but `probe.ask`, nor ask a port that somebody else has open.
import type { BytePort, OpenPort, PortResult } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { LineSettings } from '../bytes/serial-port.ts';
import type { Dialect, Probe, ProbedInstrument } from './dialect.ts';

export interface IdentifyOptions {
  readonly clock: Clock;
  readonly openAt: (line: LineSettings) => OpenPort;
  /** Asked in this order, those of one baud rate together. */
  readonly dialects: readonly Dialect[];
  /**
   * A network port has no baud rate: all questions go over one connection, since a device server that serves
   * one client may turn the next one away while it still has the last.
   */
  readonly isNetwork?: boolean;
}

export type IdentifyResult =
  | { readonly type: 'found'; readonly dialect: Dialect; readonly instrument: ProbedInstrument }
  /** `heard`: what came instead, at most its first 80 characters. */
  | { readonly type: 'nobody'; readonly asked: readonly string[]; readonly heard: string }
  | {
      readonly type: 'failed';
      readonly reason: 'absent' | 'busy' | 'denied' | 'failed';
      readonly detail: string;
    };

interface Question {
  readonly dialect: Dialect;
  readonly probe: Probe;
}

const ASKED_TIMES = 2;
/** Whoever talks without a pause is given this many waiting times. */
const WAITS_MAX = 4;
const AGAIN_EVERY_MS = 100;
const AGAIN_MAX_MS = 3000;
const HEARD_SHOWN = 80;
const HEARD_KEPT = 4096;

/** Opens the port once for each baud rate, a network port once, and closes it. `done` is called once. */
export function identify(options: IdentifyOptions, done: (result: IdentifyResult) => void): void {
  const questions = options.dialects.flatMap((dialect) => {
    const { probe } = dialect;
    return probe === null ? [] : Array.from({ length: ASKED_TIMES }, () => ({ dialect, probe }));
  });
  const groups = options.isNetwork === true ? [questions] : groupsOf(questions);
  askNext(options, { groups, asked: [], heard: '' }, done);
}

interface Progress {
  readonly groups: readonly (readonly Question[])[];
  readonly asked: readonly string[];
  readonly heard: string;
}

function askNext(
  options: IdentifyOptions,
  { groups, asked, heard }: Progress,
  done: (result: IdentifyResult) => void,
): void {
  const [group, ...rest] = groups;
  const [first] = group ?? [];
  if (group === undefined || first === undefined) return done({ type: 'nobody', asked, heard });
  const { baudRate } = first.dialect;
  const isAgain = asked.length > 0;
  openPort(options, { baudRate, patienceMs: isAgain ? AGAIN_MAX_MS : 0 }, (opened) => {
    if (!opened.ok) return done({ type: 'failed', reason: opened.reason, detail: opened.detail });
    new Conversation(options.clock, opened.port, group, (answer) => {
      if (answer.type !== 'nobody') return done(answer);
      const names = [...new Set([...asked, ...answer.asked])];
      askNext(options, { groups: rest, asked: names, heard: heard + answer.heard }, done);
    }).ask();
  });
}

/**
 * A port that was just closed by this side may be locked for a moment, since the system closes it beside this
 * thread, or away, since some devices come up anew.
 */
function openPort(
  options: IdentifyOptions,
  { baudRate, patienceMs }: { readonly baudRate: number; readonly patienceMs: number },
  done: (result: PortResult) => void,
): void {
  options.openAt({ baudRate, flowControl: 'none' })((result) => {
    const mayCome = !result.ok && ['busy', 'absent'].includes(result.reason) && patienceMs > 0;
    if (!mayCome) return done(result);
    const leftMs = patienceMs - AGAIN_EVERY_MS;
    options.clock.after(AGAIN_EVERY_MS, () => openPort(options, { baudRate, patienceMs: leftMs }, done));
  });
}

/** In the order of the first question of each baud rate. */
function groupsOf(questions: readonly Question[]): readonly (readonly Question[])[] {
  const groups = new Map<number, Question[]>();
  for (const question of questions) {
    const { baudRate } = question.dialect;
    groups.set(baudRate, [...(groups.get(baudRate) ?? []), question]);
  }
  return [...groups.values()];
}

/** One open port, and the questions put on it one after the other. */
class Conversation {
  readonly #clock: Clock;
  readonly #port: BytePort;
  readonly #questions: readonly Question[];
  readonly #done: (result: IdentifyResult) => void;
  #index = 0;
  #heard = '';
  #heardFirst = '';
  #askedMs = 0;
  #silence: Timer | null = null;
  #isOver = false;

  constructor(
    clock: Clock,
    port: BytePort,
    questions: readonly Question[],
    done: (result: IdentifyResult) => void,
  ) {
    this.#clock = clock;
    this.#port = port;
    this.#questions = questions;
    this.#done = done;
    port.onClosed((reason) =>
      this.#end({ type: 'failed', reason: 'failed', detail: `${port.name}: ${reason}` }),
    );
    port.onBytes((text) => this.#hear(text));
  }

  ask(): void {
    const question = this.#questions[this.#index];
    if (question === undefined) {
      const asked = this.#questions.map(({ dialect }) => dialect.name);
      return this.#end({ type: 'nobody', asked, heard: this.#heardFirst.slice(0, HEARD_SHOWN) });
    }
    this.#heard = '';
    this.#askedMs = this.#clock.nowMs();
    this.#port.write(question.probe.ask);
    this.#wait(question);
  }

  #hear(text: string): void {
    const question = this.#questions[this.#index];
    if (this.#isOver || question === undefined) return;
    this.#heard = (this.#heard + text).slice(-HEARD_KEPT);
    if (this.#heardFirst.length < HEARD_SHOWN) this.#heardFirst += text;
    const { dialect, probe } = question;
    const instrument = probe.parse(this.#heard);
    if (instrument !== null) this.#end({ type: 'found', dialect, instrument });
    else this.#wait(question);
  }

  #wait({ probe }: Question): void {
    this.#silence?.cancel();
    const passedMs = this.#clock.nowMs() - this.#askedMs;
    const leftMs = Math.min(probe.waitMs, Math.max(0, WAITS_MAX * probe.waitMs - passedMs));
    this.#silence = this.#clock.after(leftMs, () => {
      this.#index += 1;
      this.ask();
    });
  }

  #end(result: IdentifyResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#silence?.cancel();
    this.#port.close();
    this.#done(result);
  }
}
