// The device side of gvn1, from power-up to power-down: bytes in, bytes out, one timer for whatever comes
// next.
//
//   bytes -> LineSplitter -> parseFrame -> execute -> answer     firmware -> samples, ends, faults -> frames
//
// Before anything else every entry lives the channels through to now, so a host never sees a stale state.
import { assert } from '../../../src/base/assert.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { ChannelBoard } from '../../board/channel-board.ts';
import { ChannelFirmware, type ChannelListener } from '../../board/channel-firmware.ts';
import type { DeviceClock } from '../../board/device-clock.ts';
import type { Instrument } from '../../board/instrument.ts';
import { execute } from './commands.ts';
import { type Frame, frameText, LineSplitter, parseFrame } from './frame.ts';
import { faultText, liveText, stepEndText } from './reports.ts';
import { SampleStream } from './sample-stream.ts';
import type { ChannelSession, DeviceIdentity, PortSession } from './session.ts';

const FLUSH_DEFAULT_US = 100_000;
/** A line without flow control: what a stuck reader leaves standing beyond this is lost, as on a UART. */
const UNSENT_MAX_BYTES = 4_194_304;
/** Floating point may wake the device a hair early; it then waits this long, never zero. */
const SHORTEST_WAIT_MS = 0.001;

export interface Gvn1DeviceOptions {
  readonly clock: Clock;
  readonly deviceClock: DeviceClock;
  readonly boards: readonly ChannelBoard[];
  readonly instrument: Instrument;
  readonly identity: DeviceIdentity;
}

/** The last command executed: a repetition is answered from here. */
interface ExecutedCommand {
  readonly seq: number;
  readonly crc: string;
  readonly answer: string;
}

export class Gvn1Device {
  readonly #clock: Clock;
  readonly #deviceClock: DeviceClock;
  readonly #session: PortSession;
  readonly #splitter: LineSplitter;
  #port: BytePort | null = null;
  #executed: ExecutedCommand | null = null;
  #ownSeq = 0;
  #outbox = '';
  #timer: Timer | null = null;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #isPowered = true;

  constructor({ clock, deviceClock, boards, instrument, identity }: Gvn1DeviceOptions) {
    this.#clock = clock;
    this.#deviceClock = deviceClock;
    const wrapUs = instrument.clockWrapUs;
    const listener: ChannelListener = {
      recorded: (firmware) => this.#sessionOf(firmware).stream.take(),
      stepEnded: (firmware, end) => {
        const { stream } = this.#sessionOf(firmware);
        stream.take();
        stream.flush();
        this.#sendOwn('e', stepEndText(firmware.channel, end, wrapUs));
      },
      faulted: ({ channel }, fault, step, atUs) =>
        this.#sendOwn('f', faultText(channel, { fault, step, atUs }, wrapUs)),
    };
    const channels = boards.map((board) => this.#createChannel(board, identity, listener));
    const send = (type: string, payload: string): void => this.#sendOwn(type, payload);
    this.#session = {
      identity,
      instrument,
      clock: deviceClock,
      channels,
      token: null,
      badLineCount: 0,
      send,
    };
    this.#splitter = new LineSplitter({
      line: (text) => this.#receiveLine(text),
      tooLong: () => this.#countBadLine(),
      stop: () => this.#stopAll(),
    });
  }

  /** The line to a host; null when nobody is there. The device goes on either way. */
  attach(port: BytePort | null): void {
    this.#port = port;
    this.#splitter.reset();
  }

  receive(chunk: string): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#splitter.push(chunk);
    this.#finish();
  }

  /** Lives through everything up to now; for whoever asks for the hidden truth. */
  catchUp(): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#finish();
  }

  /** The last tick lived through on this channel, numbered from 1. */
  doneTick(channel: number): number {
    const session = this.#session.channels[channel - 1];
    assert(session !== undefined, `channel ${channel} does not exist`);
    return session.firmware.doneTick;
  }

  /** Everything in this object is lost from here on. */
  powerDown(): void {
    this.#isPowered = false;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #createChannel(board: ChannelBoard, identity: DeviceIdentity, listener: ChannelListener): ChannelSession {
    const { ringCapacity, logCapacity } = identity;
    const firmware = new ChannelFirmware({
      board,
      clock: this.#deviceClock,
      listener,
      ringCapacity,
      logCapacity,
    });
    const send = (type: string, payload: string): void => this.#sendOwn(type, payload);
    const stream = new SampleStream(firmware, { wrapUs: board.instrument.clockWrapUs, send });
    return { firmware, stream, staged: null, livePeriodUs: 0, liveDueMs: 0, flushUs: FLUSH_DEFAULT_US };
  }

  #sessionOf(firmware: ChannelFirmware): ChannelSession {
    const session = this.#session.channels[firmware.channel - 1];
    assert(session !== undefined, `channel ${firmware.channel} must have a session`);
    return session;
  }

  #receiveLine(line: string): void {
    const frame = parseFrame(line);
    if (frame === null) {
      this.#countBadLine();
      return;
    }
    if (frame.type === 'hello') this.#executed = null;
    const last = this.#executed;
    if (last !== null && last.seq === frame.seq && last.crc === frame.crc) this.#outbox += last.answer;
    else this.#execute(frame);
  }

  #execute(frame: Frame): void {
    const answer = execute(this.#session, frame);
    const text = frameText(frame.seq, answer.type, answer.payload);
    if (frame.type !== 'hello') this.#executed = { seq: frame.seq, crc: frame.crc, answer: text };
    this.#outbox += text;
    if (answer.type === 'ack') answer.andThen?.();
  }

  #countBadLine(): void {
    this.#session.badLineCount += 1;
  }

  #stopAll(): void {
    for (const { firmware } of this.#session.channels) firmware.stop();
  }

  #sendOwn(type: string, payload: string): void {
    if (this.#session.token === null) return;
    this.#outbox += frameText(this.#ownSeq, type, payload);
    this.#ownSeq = (this.#ownSeq + 1) % 65_536;
  }

  #advance(): void {
    const tick = this.#deviceClock.nowTick();
    for (const { firmware } of this.#session.channels) firmware.advanceTo(tick);
  }

  /** Sends what is due, writes once, and sets the alarm for what comes next. */
  #finish(): void {
    const nowMs = this.#clock.nowMs();
    for (const channel of this.#session.channels) {
      if (this.#flushDueMs(channel) <= nowMs + SHORTEST_WAIT_MS) channel.stream.flush();
      this.#reportLive(channel, nowMs);
    }
    const text = this.#outbox;
    this.#outbox = '';
    const port = this.#port;
    if (text !== '' && port !== null && port.pendingBytes <= UNSENT_MAX_BYTES) port.write(text);
    this.#arm(nowMs);
  }

  #reportLive(channel: ChannelSession, nowMs: number): void {
    if (channel.livePeriodUs === 0 || channel.liveDueMs > nowMs + SHORTEST_WAIT_MS) return;
    this.#sendOwn('l', liveText(channel.firmware, this.#session.instrument.clockWrapUs));
    const periodMs = channel.livePeriodUs / 1000;
    // After a stall the missed reports are not made up for.
    const isLate = channel.liveDueMs + periodMs <= nowMs;
    channel.liveDueMs = isLate ? nowMs + periodMs : channel.liveDueMs + periodMs;
  }

  /** When the oldest waiting sample must leave; Infinity when none waits. */
  #flushDueMs({ stream, flushUs }: ChannelSession): number {
    return this.#deviceClock.msAtUs(stream.oldestUs) + flushUs / 1000;
  }

  #nextDueMs(channel: ChannelSession): number {
    const { firmware, stream } = channel;
    const liveMs = channel.livePeriodUs === 0 ? Number.POSITIVE_INFINITY : channel.liveDueMs;
    const { step } = firmware;
    if (step === null) return Math.min(liveMs, this.#flushDueMs(channel));
    const clock = this.#deviceClock;
    const nextSampleMs = clock.msAtTick(step.nextSampleTick);
    const flushMs = Math.min(clock.msAtUs(stream.oldestUs), nextSampleMs) + channel.flushUs / 1000;
    const fullMs = clock.msAtTick(step.nextSampleTick + stream.room * step.periodTicks);
    return Math.min(liveMs, clock.msAtTick(firmware.eventTick), flushMs, fullMs);
  }

  #arm(nowMs: number): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const channel of this.#session.channels) dueMs = Math.min(dueMs, this.#nextDueMs(channel));
    if (dueMs === this.#timerDueMs && this.#timer !== null) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(SHORTEST_WAIT_MS, dueMs - nowMs), () => {
      this.#timer = null;
      this.catchUp();
    });
  }
}
