// The two ports of one instrument as one connection: up when both speak, lost when either is. Commands in
// order over the link, `ABOR` past it, packets of the data port handed on.
// Must never tell `up` before the instrument is known to be off.
import type { BytePort, OpenPort } from '../../../base/byte-port.ts';
import type { Clock } from '../../../base/clock.ts';
import { encodeCommand, type ZahnerCommand } from '../../../frames/dialects/zahner/commands.ts';
import type { Packet } from '../../../frames/dialects/zahner/packets.ts';
import { type IdentityReply, LINE_BYTES_MAX, type Reply } from '../../../frames/dialects/zahner/replies.ts';
import { LineFramer } from '../../../frames/line-framer.ts';
import { backOffMs } from '../../back-off.ts';
import type { Done, LinkLossReason } from '../../cycler.ts';
import { type Heard, Link, type LinkAnswer } from '../../link-runner.ts';
import type { LinkRules } from '../../link-types.ts';
import { DONE, NO_LINK, STALE } from '../../hosted/answers.ts';
import { DataPort } from './data-port.ts';
import { Greeter } from './greeter.ts';
import { failureFrom } from './failures.ts';
import { ReplyMatcher } from './reply-matcher.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly openDataPort: OpenPort | undefined;
  readonly answerMs: number;
  readonly keepAliveMs: number | null;
  readonly openMs: number;
  readonly nonsenseRetryMs: number;
  readonly onUp: (identity: IdentityReply) => void;
  /** After every request has failed. */
  readonly onLost: (reason: LinkLossReason, detail: string) => void;
  readonly onPacket: (packet: Packet) => void;
}

const HELLO = 'hello';
const ABORT = `${encodeCommand({ name: 'abort' })}\n`;
/** Greeting, switching off and opening the data port, which has a limit of its own. */
const HELLO_MS = 10_000;
const SEQ_MODULUS = 65_536;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #link: Link<Reply>;
  #greeter: Greeter | null = null;
  #matcher: ReplyMatcher | null = null;
  #dataPort: DataPort | null = null;
  #identity: IdentityReply | null = null;
  /** Sequence number of the command that was written last: the link's own, never on the wire. */
  #seq = 0;
  #aborts = new Set<Done<null>>();
  #linesDropped = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#link = new Link<Reply>({
      clock: options.clock,
      openPort: options.openPort,
      rules: this.#rules(),
      firstSeq: 0,
      createDecoder: (hear) => this.#createDecoder(hear),
      onHello: () => this.#identified(),
      onReport: () => undefined,
      onLost: (reason, detail) => this.#lost(reason, detail),
    });
  }

  get isUp(): boolean {
    return this.#link.isUp;
  }

  /** Lines that answer nothing, and stretches of the data port that are no packet. */
  get linesDropped(): number {
    return this.#linesDropped;
  }

  start(): void {
    this.#link.start();
  }

  close(): void {
    this.#link.close();
    this.#end('closed by this side');
  }

  /** The connection is of no use any more: it is closed, and a new one opened. */
  lose(detail: string): void {
    this.#link.loseSession(detail);
  }

  /** One after the other, each answered `ok`; the first that is not ends it, and is the failure. */
  askAll(commands: readonly ZahnerCommand[], done: Done<null>, isWanted: () => boolean = () => true): void {
    const [first, ...rest] = commands;
    if (!isWanted()) return done(STALE);
    if (first === undefined) return done(DONE);
    this.ask(first, (result) => {
      if (!result.ok) return done(result);
      if (result.value.kind === 'ok') return this.askAll(rest, done, isWanted);
      done(failureFrom(first, result.value));
    });
  }

  /** Whatever it is answered, an error too, is the value. `answerMs`: for what takes its time. */
  ask(command: ZahnerCommand, done: Done<Reply>, answerMs?: number): void {
    const payload = encodeCommand(command);
    this.#link.request(
      { type: payload, payload, ...(answerMs === undefined ? {} : { answerMs }) },
      (answer) => done(resultFrom(payload, answer)),
    );
  }

  /** Writes `ABOR` on a port that is open, but not up: nobody waits for its answer. */
  abortUnheard(): boolean {
    return this.#link.writeNow(ABORT);
  }

  /**
   * Writes `ABOR` at once, whatever is outstanding; `done` when it is answered, which is when the
   * potentiostat is off. An abort that is not answered is the end of the connection.
   */
  abort(done: Done<null>): void {
    if (!this.isUp || !this.#link.writeNow(ABORT)) return done(NO_LINK);
    const { clock, answerMs } = this.#options;
    const timer = clock.after(answerMs, () => this.lose(`no answer to ABOR within ${answerMs} ms`));
    const settle: Done<null> = (result) => {
      timer.cancel();
      if (this.#aborts.delete(settle)) done(result);
    };
    this.#aborts.add(settle);
    this.#matcher?.abortSent(() => settle({ ok: true, value: null }));
  }

  #rules(): LinkRules {
    const { answerMs, keepAliveMs, openMs, nonsenseRetryMs } = this.#options;
    const identify = encodeCommand({ name: 'identify' });
    return {
      hello: { type: HELLO, payload: ABORT.trim(), answerMs: HELLO_MS },
      keepAlive: { type: identify, payload: identify },
      retryMs: answerMs,
      // A command that is sent twice may act twice.
      sendsMax: 1,
      keepAliveMs,
      openMs,
      backOffMs,
      nonsenseRetryMs,
      seqModulus: SEQ_MODULUS,
      encode: (seq, { type, payload }) => {
        this.#seq = seq;
        if (type === HELLO) this.#greeter?.started();
        else this.#matcher?.commandSent();
        return `${payload}\n`;
      },
    };
  }

  /** Framer, greeter and matcher for each connection: nothing of one is heard in the next. */
  #createDecoder(hear: (heard: Heard<Reply>) => void): (text: string) => void {
    // What is left of a connection that did not come up, of which nobody was told.
    this.#end('the connection before');
    const drop = (): void => {
      this.#linesDropped += 1;
      hear({ kind: 'garbage' });
    };
    const greeter = new Greeter({
      clock: this.#options.clock,
      write: (text) => this.#link.writeNow(text),
      openDataPort: this.#options.openDataPort,
      takeDataPort: (port) => this.#takeDataPort(port, greeter),
      onDone: (identity) => {
        this.#identity = identity;
        hear({ kind: 'answer', seq: this.#seq, frame: { kind: 'ok' } });
      },
      onRefused: (reason, detail) => {
        if (reason === 'closed') this.#link.loseSession(detail);
        else this.#link.refuse(reason, detail);
      },
    });
    const matcher = new ReplyMatcher({
      onCommandReply: (frame) => hear({ kind: 'answer', seq: this.#seq, frame }),
      onStray: drop,
    });
    [this.#greeter, this.#matcher] = [greeter, matcher];
    const framer = new LineFramer({
      lengthMax: LINE_BYTES_MAX,
      onLine: (line) => {
        if (greeter.isOver) matcher.hear(line);
        else if (!greeter.hear(line)) drop();
      },
    });
    let tooLong = 0;
    return (text) => {
      framer.push(text);
      for (; tooLong < framer.tooLong; tooLong += 1) drop();
    };
  }

  #takeDataPort(port: BytePort, greeter: Greeter): void {
    const dataPort = new DataPort({
      port,
      onGreeted: (identity) => greeter.dataPortGreeted(identity),
      onPacket: (packet) => this.#options.onPacket(packet),
      onGarbage: () => {
        this.#linesDropped += 1;
      },
      onClosed: (detail) => {
        if (dataPort === this.#dataPort) this.#link.loseSession(detail);
      },
    });
    this.#dataPort = dataPort;
    dataPort.greet();
  }

  #identified(): void {
    const identity = this.#identity;
    if (identity === null) return;
    this.#link.identified();
    this.#options.onUp(identity);
  }

  #lost(reason: LinkLossReason, detail: string): void {
    this.#end(detail);
    this.#options.onLost(reason, detail);
  }

  #end(detail: string): void {
    this.#greeter?.stop();
    this.#dataPort?.close();
    [this.#greeter, this.#matcher, this.#dataPort, this.#identity] = [null, null, null, null];
    for (const settle of this.#aborts) settle({ ok: false, reason: 'closed', detail });
  }
}

function resultFrom(asked: string, answer: LinkAnswer<Reply>): Parameters<Done<Reply>>[0] {
  if (answer.ok) return { ok: true, value: answer.frame };
  const reason = answer.reason === 'withdrawn' ? 'stale' : answer.reason;
  return { ok: false, reason, detail: `${asked}: ${answer.detail}` };
}
