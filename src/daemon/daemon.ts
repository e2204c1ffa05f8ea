// The daemon: bench, writer process, web process and control socket put together, and taken apart again in
// order. This process owns the serial ports; the other two may die at any time without touching a run.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { makeFolders } from '../base/folders.ts';
import type { Logger } from '../base/log.ts';
import { createUlid } from '../base/ulid.ts';
import type { Config } from '../config/config.ts';
import type { Protocol } from '../steps/protocol.ts';
import { CATALOG_FILE } from '../store/catalog.ts';
import { type CatalogRun, openCatalogReader } from '../store/catalog-reader.ts';
import type { RunStateRow, RunStore, Store } from '../store/run-store.ts';
import { WriterStore } from '../store/writer-store.ts';
import type { FeedMessage, RunSummary } from '../stream/feed.ts';
import { type AuxInputsOptions, auxPorts, startAuxInputs } from './aux-inputs.ts';
import { Bench } from './bench.ts';
import { readCheck } from './check-file.ts';
import type { KeptChild } from './children.ts';
import { handleControl } from './control.ts';
import { controlPath, type HandleControl, serveControl } from './control-server.ts';
import { prepareCyclers } from './create-cyclers.ts';
import { summaryFromCatalog } from './run-summary.ts';
import { spawnWriter } from './spawn-writer.ts';
import { startWebChild } from './web-child.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly dataPath: string;
  readonly protocols: readonly Protocol[];
  readonly log: Logger;
  /** Software versions and the like, stored with each run. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Whether the operator asked for this very web port. */
  readonly isWebPortFixed: boolean;
  readonly onWebListening: (url: string) => void;
}

export interface Daemon {
  readonly bench: Bench;
  /** Cells into the state of the policy, files closed, children ended; resolves within ten seconds. */
  stop(policy: Config['on_shutdown']): Promise<void>;
}

const STARTING = {
  ok: false,
  code: 'DAEMON_UNREACHABLE',
  message: 'the daemon is starting; try again',
} as const;
const FINAL_STATES = new Set(['done', 'stopped', 'failed']);
const STOP_LIMIT_MS = 10_000;

/** Starts everything; throws GalvanodeError where that is refused, with nothing left running. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, dataPath, log } = options;
  const clock = new SystemClock();
  // Everything that can be refused is refused before anything is made.
  const wanted = prepareCyclers(config.cyclers);
  const portOf = auxPorts(config.aux);
  makeDataFolder(dataPath);
  const token = sessionToken(dataPath);
  const cyclers = wanted.map((make) => make({ clock, token }));
  // The socket first: where another daemon answers on it, nothing else may be started.
  let handle: HandleControl = (_request, reply) => reply(STARTING);
  const control = await serveControl(controlPath(dataPath), (request, reply) => handle(request, reply));
  const store = new WriterStore({
    clock,
    spawn: () => spawnWriter(dataPath),
    onTrouble: (detail) => log.error({ detail }, 'the writer process is in trouble'),
  });
  const epoch = randomBytes(8).toString('hex');
  let web: KeptChild | null = null;
  const feed = (message: FeedMessage): void => web?.send(message, { isLive: message.type === 'live' });
  const newRunId = (): string => createUlid({ wallMs: clock.wallMs(), random: randomBytes(10) });
  const bench = new Bench({
    ...{ config, clock, log, store, cyclers, newRunId },
    protocols: options.protocols,
    meta: options.meta,
    lastCheck: (cycler, channel) => readCheck(dataPath, cycler, channel),
    feed,
  });
  handle = handleControl(bench);
  // First the instruments: a cell that is driven for nobody waits for no file.
  bench.start();
  bench.remember(await closeLeftovers(dataPath, store, log));
  const child = startWebChild({
    ...{ clock, log, epoch, port: config.web.port },
    isPortFixed: options.isWebPortFixed,
    runs: () => bench.runs(),
    onListening: options.onWebListening,
  });
  web = child;
  const record: AuxInputsOptions['record'] = (reading, belongs) => bench.recordAux(reading, belongs);
  const aux = startAuxInputs({ inputs: config.aux, clock, log, portOf, record });
  return {
    bench,
    stop: async (policy) =>
      new Promise((resolve) => {
        clock.after(STOP_LIMIT_MS, resolve);
        aux.close();
        bench.shutdown(policy, () => {
          control.close();
          child.close(() => store.close(resolve));
        });
      }),
  };
}

/** Makes the data folder with what belongs into it; throws STORE_FAILED with what to do. */
export function makeDataFolder(dataPath: string): void {
  try {
    makeFolders(join(dataPath, 'runs'), 0o700);
  } catch (thrown) {
    throw new GalvanodeError(
      'STORE_FAILED',
      `the data folder ${dataPath} cannot be made: ${messageOf(thrown)}; choose another with --data`,
    );
  }
}

/**
 * Names this bench to its instruments, so that a restarted daemon is known again; not a secret that guards
 * anything.
 */
function sessionToken(dataPath: string): string {
  const path = join(dataPath, 'session-token');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // First start in this folder.
    const token = randomBytes(12).toString('hex');
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
    return token;
  }
}

/**
 * Runs that an earlier daemon left open end here: what they recorded is kept and sealed, and the record says
 * so.
 */
async function closeLeftovers(dataPath: string, store: Store, log: Logger): Promise<RunSummary[]> {
  const reader = openCatalogReader(join(dataPath, CATALOG_FILE));
  const summaries: RunSummary[] = [];
  for (const run of reader.runs(1000)) {
    const isLeft = !FINAL_STATES.has(run.state);
    const reason = `the daemon ended while the run was ${run.state}; a cell still driven was switched off`;
    if (isLeft || !run.isSealed) {
      const state = isLeft ? lastState(run, reason) : null;
      const failed = (thrown: unknown): void =>
        log.error({ run: run.run, err: thrown }, 'a left run is not sealed');
      await closeLeftover(store, run.run, state).catch(failed);
    }
    const summary = summaryFromCatalog(run);
    summaries.push(isLeft ? { ...summary, ...lastState(run, reason) } : summary);
  }
  reader.close();
  return summaries;
}

/** A run that was being ended keeps its outcome; any other one failed with its daemon. */
function lastState({ state, verdict, reason }: CatalogRun, otherwise: string): RunStateRow {
  if (state !== 'finishing' || verdict === null)
    return { state: 'failed', reason: otherwise, verdict: 'fault' };
  const ends: Readonly<Record<string, string>> = {
    stopped: 'stopped',
    completed: 'done',
    'voltage-limit': 'done',
  };
  return { state: ends[verdict] ?? 'failed', reason, verdict };
}

/** `state`: what it becomes; null where it had ended and only the seal is missing. */
async function closeLeftover(store: Store, run: string, state: RunStateRow | null): Promise<void> {
  const opened = await new Promise<RunStore>((resolve, reject) => {
    store.openRun(run, (result) =>
      result.ok ? resolve(result.store) : reject(new GalvanodeError(result.code, result.detail)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    const events = state === null ? [] : [{ timeUs: null, kind: 'state', detail: { ...state } }];
    const nothing = {
      samples: null,
      stepsBegan: [],
      stepsEnded: [],
      halfCycles: [],
      commands: [],
      clockSyncs: [],
      aux: [],
      impedance: [],
      gaps: [],
      checkpoint: null,
    };
    opened.commit({ ...nothing, events, state }, (committed) => {
      if (!committed.ok) return reject(new GalvanodeError(committed.code, committed.detail));
      opened.seal((sealed) =>
        sealed.ok ? resolve() : reject(new GalvanodeError(sealed.code, sealed.detail)),
      );
    });
  });
}
