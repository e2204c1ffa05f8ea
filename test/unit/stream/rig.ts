// Rig for the stream's unit tests: a hub in virtual time, sockets that drain when told, and a run file in
// memory.
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { LiveFeed, RunSummary } from '../../../src/stream/feed.ts';
import type {
  History,
  PlotRange,
  PlotSeries,
  StoredGap,
  StoredSamples,
} from '../../../src/stream/history.ts';
import { type Connection, Hub } from '../../../src/stream/hub.ts';
import { type ServerMessage, ServerMessageSchema } from '../../../src/stream/messages.ts';
import type { ClientSocket } from '../../../src/stream/outbox.ts';

export const RUN = '01JD8Z4N6XQ2V7S5T3R1P0M9KC';
export const OTHER_RUN = '01JD8Z4N6XQ2V7S5T3R1P0M9KD';

export function summary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run: RUN,
    path: '/data/runs/secret/run.db',
    cycler: 'sim0',
    channel: 1,
    protocol: 'symmetric-cycling',
    cellLabel: 'Zn-042',
    state: 'running',
    reason: 'plating',
    sinceWallMs: 1_767_225_600_000,
    isSimulated: true,
    timeScale: 600,
    verdict: null,
    position: null,
    parameters: { cycles: 500, current_density: '1 mA/cm2' },
    voltageErrorNv: 250_000,
    currentErrorPa: 1_000_000,
    ...changes,
  };
}

/** Values are a function of the number, so that a wrong row shows. */
export function liveBatch(firstSeq: number, count: number, changes: Partial<LiveFeed> = {}): LiveFeed {
  const numbers = Array.from({ length: count }, (_, index) => firstSeq + index);
  return {
    type: 'live',
    run: RUN,
    firstSeq,
    stepNumber: 1,
    timeUs: numbers.map((seq) => seq * 1000),
    voltageNv: numbers.map((seq) => seq * 7),
    currentPa: numbers.map((seq) => -seq),
    netChargeNc: numbers.map((seq) => seq * 3),
    flags: numbers.map(() => 0),
    atWallMs: 1_767_225_600_000,
    ...changes,
  };
}

/** A run file: numbers that are stored, with holes where gaps are. */
export class FakeHistory implements History {
  readonly rows = new Map<string, number[]>();
  readonly gapRows: StoredGap[] = [];
  failure: string | null = null;
  pagesRead = 0;

  store(run: string, seqs: readonly number[]): void {
    this.rows.set(run, [...this.#rowsOf(run), ...seqs]);
  }

  storedSeq(run: string) {
    return this.#answer(() => this.#rowsOf(run).at(-1) ?? 0);
  }

  samplesFrom(run: string, fromSeq: number, limit: number) {
    return this.#answer((): StoredSamples => {
      this.pagesRead += 1;
      const seq = this.#rowsOf(run)
        .filter((number) => number >= fromSeq)
        .slice(0, limit);
      return {
        seq,
        timeUs: seq.map((number) => number * 1000),
        voltageNv: seq.map((number) => number * 7),
        currentPa: seq.map((number) => -number),
        netChargeNc: seq.map((number) => number * 3),
        step: seq.map(() => 1),
        flags: seq.map(() => 0),
      };
    });
  }

  plot(run: string, { fromUs, toUs, points }: PlotRange) {
    return this.#answer((): PlotSeries => {
      const inRange = this.#rowsOf(run).filter((seq) => seq * 1000 >= fromUs && seq * 1000 <= toUs);
      const every = Math.max(1, Math.ceil(inRange.length / points));
      const seqs = inRange.filter((_, index) => index % every === 0);
      return {
        startUs: seqs.map((seq) => seq * 1000),
        endUs: seqs.map((seq) => (seq + every - 1) * 1000),
        count: seqs.map(() => every),
        voltageMinNv: seqs.map((seq) => seq * 7),
        voltageMaxNv: seqs.map((seq) => (seq + every - 1) * 7),
        currentMinPa: seqs.map((seq) => -seq),
        currentMaxPa: seqs.map((seq) => -seq),
      };
    });
  }

  gaps(_run: string, { fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number }) {
    const isIn = ({ firstSeq, count }: StoredGap): boolean => firstSeq <= toSeq && firstSeq + count > fromSeq;
    return this.#answer(() => this.gapRows.filter(isIn));
  }

  meta(run: string) {
    return this.#answer(() => ({ run, protocol: 'symmetric-cycling' }));
  }

  #rowsOf(run: string): readonly number[] {
    return this.rows.get(run) ?? [];
  }

  #answer<T>(read: () => T): { ok: true; value: T } | { ok: false; detail: string } {
    return this.failure === null ? { ok: true, value: read() } : { ok: false, detail: this.failure };
  }
}

/** A browser tab: takes what is sent at once, or only when told to. */
export class FakeSocket implements ClientSocket {
  readonly received: ServerMessage[] = [];
  readonly sizes: number[] = [];
  isSlow = false;
  answersPings = true;
  closed: { code: number; reason: string } | null = null;
  isTerminated = false;
  bufferedBytes = 0;
  connection: Connection | null = null;
  #waiting: (() => void)[] = [];

  send(frame: Uint8Array, done: () => void): void {
    const deliver = (): void => {
      this.bufferedBytes -= frame.byteLength;
      this.sizes.push(frame.byteLength);
      this.received.push(ServerMessageSchema.parse(JSON.parse(new TextDecoder().decode(frame))));
      done();
    };
    this.bufferedBytes += frame.byteLength;
    if (this.isSlow) this.#waiting.push(deliver);
    else deliver();
  }

  /** Takes the oldest `count` of what waits. */
  drain(count = Number.POSITIVE_INFINITY): void {
    for (const deliver of this.#waiting.splice(0, count)) deliver();
  }

  ping(): void {
    if (this.answersPings) this.connection?.ponged();
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  terminate(): void {
    this.isTerminated = true;
  }

  say(message: object): void {
    this.connection?.receive(JSON.stringify(message));
  }

  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.received.filter(
      (message): message is Extract<ServerMessage, { type: T }> => message.type === type,
    );
  }

  /** Numbers of all samples received, in order of arrival. */
  seqs(): number[] {
    return this.of('samples').flatMap((message) => message.seq);
  }
}

export function rig() {
  const clock = new VirtualClock();
  const history = new FakeHistory();
  const hub = new Hub({ clock, history });
  hub.receive({ type: 'epoch', epoch: 'e1' });
  hub.receive({ type: 'runs', runs: [summary()] });
  const connect = (): FakeSocket => {
    const socket = new FakeSocket();
    socket.connection = hub.connect(socket);
    return socket;
  };
  /** What the core does at a commit: the rows are in the file, then it says so. */
  const commit = (firstSeq: number, count: number, run = RUN): void => {
    history.store(
      run,
      Array.from({ length: count }, (_, index) => firstSeq + index),
    );
    hub.receive({ type: 'stored', run, storedSeq: firstSeq + count - 1 });
  };
  const settle = (): void => clock.advance(1);
  return { clock, history, hub, connect, commit, settle };
}

export function seqRange(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
