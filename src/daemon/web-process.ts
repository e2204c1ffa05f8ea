// Entry of the web process: forked by the core, it serves the page, the stream and the history of runs. feed
// (fork channel) -> hub -> WebSocket; run files -> readers -> history -> hub and HTTP. It may die at any
// time. Never writes a run file, never talks to an instrument, never outlives its parent's channel.
//
//   fork(path, [JSON.stringify({ port, isPortFixed })], { detached: true })
//   core -> epoch, runs, then the rest      web -> listening (once, after epoch), or failed and exit 1
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { SystemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { openRunReader, type RunReader } from '../store/readers.ts';
import { FIRST_SEQ } from '../store/run-store.ts';
import { loadAssets } from '../stream/assets.ts';
import { parseFeedMessage, type WebReport } from '../stream/feed.ts';
import type {
  History,
  HistoryResult,
  PlotRange,
  PlotSeries,
  StoredGap,
  StoredSamples,
} from '../stream/history.ts';
import { Hub } from '../stream/hub.ts';
import { DEFAULT_PORT, startServer } from '../stream/server.ts';

const Options = z.strictObject({
  /**
   * 0: any free one. A respawned process is given the port of the one before, so that pages find it again.
   */
  port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
  /** The operator asked for this very port: fail where it is taken. */
  isPortFixed: z.boolean().default(false),
  dashboardFolder: z.string().default(fileURLToPath(new URL('../dashboard/', import.meta.url))),
});
type Options = z.infer<typeof Options>;

const CLOSE_LIMIT_MS = 2_000;
/** All of a run: an outage leaves one, so there are few. */
const GAPS_READ = 100_000;

function main(options: Options): void {
  if (process.send === undefined) {
    process.stderr.write('web-process is started by the galvanode daemon; run: galvanode daemon\n');
    process.exit(2);
  }
  const clock = new SystemClock();
  const history = new ReaderHistory((run) => hub.find(run)?.path);
  const hub: Hub = new Hub({ clock, history });
  let closing: (() => Promise<void>) | null = async () => Promise.resolve();
  let isListening = false;

  const listen = async (): Promise<void> => {
    const result = await startServer({
      hub,
      history,
      assets: loadAssets(options.dashboardFolder),
      ...options,
    });
    if (!result.ok) {
      fail(result.reason, result.detail);
      return;
    }
    const { server } = result;
    if (closing === null) await server.close();
    closing &&= async () => server.close();
    report({ type: 'listening', url: server.url, port: server.port });
  };
  const end = (): void => {
    const close = closing;
    if (close === null) return;
    closing = null;
    hub.close();
    clock.after(CLOSE_LIMIT_MS, () => process.exit(0));
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // Ctrl-C reaches the whole process group; when this process goes is for the core to say.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  // A core that was killed meanwhile has said so before anybody listened.
  if (!process.connected) end();
  process.on('message', (message) => {
    const feed = parseFeedMessage(message);
    if (feed === null || closing === null) return;
    hub.receive(feed);
    if (isListening || feed.type !== 'epoch') return;
    isListening = true;
    listen().catch((thrown: unknown) => fail('failed', messageOf(thrown)));
  });
}

function report(message: WebReport): void {
  if (process.connected) process.send?.(message);
}

function fail(code: 'port-busy' | 'failed', message: string): void {
  if (!process.connected || process.send === undefined) process.exit(1);
  const failed: WebReport = { type: 'failed', code, message };
  process.send(failed, () => process.exit(1));
}

/**
 * History over the run files. A reader opens its file for each call, so none is held and none bars a seal.
 */
class ReaderHistory implements History {
  readonly #pathOf: (run: string) => string | undefined;
  readonly #readers = new Map<string, RunReader>();

  constructor(pathOf: (run: string) => string | undefined) {
    this.#pathOf = pathOf;
  }

  storedSeq(run: string): HistoryResult<number> {
    return this.#read(run, (reader) => reader.storedSeq());
  }

  samplesFrom(run: string, fromSeq: number, limit: number): HistoryResult<StoredSamples> {
    return this.#read(run, (reader) => reader.samplesFrom(fromSeq, limit));
  }

  plot(run: string, range: PlotRange): HistoryResult<PlotSeries> {
    return this.#read(run, (reader) => reader.plot(range));
  }

  gaps(
    run: string,
    { fromSeq, toSeq }: { fromSeq: number; toSeq: number },
  ): HistoryResult<readonly StoredGap[]> {
    return this.#read(run, (reader) =>
      reader
        .gaps(FIRST_SEQ, GAPS_READ)
        .filter((gap) => gap.firstSeq <= toSeq && gap.firstSeq + gap.count > fromSeq),
    );
  }

  meta(run: string): HistoryResult<Readonly<Record<string, unknown>>> {
    return this.#read(run, (reader) => reader.meta());
  }

  #read<T>(run: string, read: (reader: RunReader) => T): HistoryResult<T> {
    const path = this.#pathOf(run);
    if (path === undefined) return { ok: false, detail: `run ${run} is not known` };
    try {
      const known = this.#readers.get(path);
      const reader = known ?? openRunReader(path);
      if (known === undefined) this.#readers.set(path, reader);
      return { ok: true, value: read(reader) };
    } catch (thrown) {
      return { ok: false, detail: messageOf(thrown) };
    }
  }
}

// Last, since classes above are not there before.
main(Options.parse(JSON.parse(process.argv[2] ?? '{}')));
