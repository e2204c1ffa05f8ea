// The daemon: bench, writer process, web process and control socket put together, and taken apart again in
// order. This process owns the serial ports; the other two may die at any time without touching a run.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, SystemClock } from '../base/clock.ts';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { makeFolders } from '../base/folders.ts';
import type { Logger } from '../base/log.ts';
import { createUlid } from '../base/ulid.ts';
import type { Config } from '../config/config.ts';
import type { Protocol } from '../steps/protocol.ts';
import type { Store } from '../store/run-store.ts';
import { WriterStore } from '../store/writer-store.ts';
import type { FeedMessage, RunSummary } from '../stream/feed.ts';
import { type AuxInputsOptions, auxPorts, startAuxInputs } from './aux-inputs.ts';
import { BallastFile } from './ballast-file.ts';
import { Bench } from './bench.ts';
import { readCheck } from './check-file.ts';
import type { KeptChild } from './children.ts';
import { handleControl } from './control.ts';
import { controlPath, type HandleControl, serveControl } from './control-server.ts';
import { prepareCyclers } from './create-cyclers.ts';
import { Fences } from './fences.ts';
import { type ProcessHealth, startProcessHealth } from './process-health.ts';
import { DiskGuard, diskSpaceOf } from './disk-guard.ts';
import { readCatalogRuns } from './left-runs.ts';
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
  /** For an end without order: see `Bench.cutCells`. */
  cutCells: Bench['cutCells'];
  /** Says in the log, and to the operator, that the process ends by an error of ours. */
  crashed(thrown: unknown): void;
}

const STARTING = {
  ok: false,
  code: 'DAEMON_UNREACHABLE',
  message: 'the daemon is starting; try again',
} as const;
const STOP_LIMIT_MS = 10_000;

/** Starts everything; throws GalvanodeError where that is refused, with nothing left running. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, dataPath, log } = options;
  const clock = new SystemClock();
  const fences = new Fences({ clock, log });
  const { cyclers, auxOutside } = prepareInstruments(options, fences);
  // The socket first: where another daemon answers on it, nothing else may be started.
  let handle: HandleControl = (_request, reply) => reply(STARTING);
  const control = await serveControl(controlPath(dataPath), (request, reply) => handle(request, reply));
  let web: KeptChild | null = null;
  const tell = (message: FeedMessage): void => web?.send(message, { isLive: message.type === 'live' });
  const runs = (): readonly RunSummary[] => bench.runs();
  const health = startProcessHealth({ clock, log, tell, fences, runs, alarmCommand: config.alarm_command });
  const feed = (message: FeedMessage): void => {
    tell(message);
    health.hear(message);
  };
  const disk = createDiskGuard(options, clock, feed);
  const store = createStore(options, clock, disk);
  const newRunId = (): string => createUlid({ wallMs: clock.wallMs(), random: randomBytes(10) });
  const bench: Bench = new Bench({
    ...{ config, clock, log, store, cyclers, newRunId, feed },
    protocols: options.protocols,
    meta: options.meta,
    lastCheck: (cycler, channel) => readCheck(dataPath, cycler, channel),
    refusesRuns: () => disk.refusal(),
  });
  handle = handleControl(bench);
  bench.takeOver(readCatalogRuns(dataPath));
  bench.start();
  web = startWebChild({
    ...{ clock, log, runs, epoch: randomBytes(8).toString('hex'), port: config.web.port },
    isPortFixed: options.isWebPortFixed,
    onListening: options.onWebListening,
  });
  disk.start();
  const record: AuxInputsOptions['record'] = (reading, belongs) => bench.recordAux(reading, belongs);
  const aux = startAuxInputs({ inputs: config.aux, log, record, ...auxOutside });
  health.ready();
  return {
    bench,
    cutCells: (cut) => bench.cutCells(cut),
    crashed: (thrown) => health.crashed(thrown),
    stop: stopperOf({ clock, bench, aux, disk, health, control, web, store }),
  };
}

interface Running {
  readonly clock: Clock;
  readonly bench: Bench;
  readonly aux: { close(): void };
  readonly disk: DiskGuard;
  readonly health: ProcessHealth;
  readonly control: { close(): void };
  readonly web: KeptChild;
  readonly store: Store;
}

/** Cells first, then the control socket, so that whoever asked for a stop is answered; files last. */
function stopperOf({ clock, bench, aux, disk, health, control, web, store }: Running): Daemon['stop'] {
  return async (policy) =>
    new Promise((resolve) => {
      clock.after(STOP_LIMIT_MS, resolve);
      health.stopping();
      aux.close();
      disk.close();
      bench.shutdown(policy, () => {
        control.close();
        health.close();
        web.close(() => store.close(resolve));
      });
    });
}

/** Everything that can be refused is refused before anything is made; each driver gets a fence. */
function prepareInstruments({ config, dataPath }: DaemonOptions, fences: Fences) {
  const wanted = prepareCyclers(config.cyclers);
  const portOf = auxPorts(config.aux);
  makeDataFolder(dataPath);
  const token = sessionToken(dataPath);
  const cyclers = wanted.map((make, index) =>
    make({
      ...{ token, isWireRecorded: config.record_wire },
      ...fences.make(config.cyclers[index]?.name ?? ''),
    }),
  );
  const { clock, around } = fences.make('auxiliary inputs');
  const auxOutside = { clock, portOf: (port: string) => around(portOf(port)) };
  return { cyclers, auxOutside };
}

function createStore({ dataPath, log }: DaemonOptions, clock: Clock, disk: DiskGuard): WriterStore {
  return new WriterStore({
    clock,
    spawn: () => spawnWriter(dataPath),
    onTrouble: (detail) => log.error({ detail }, 'the writer process is in trouble'),
    onFull: () => disk.full(),
  });
}

function createDiskGuard(
  { config, dataPath, log }: DaemonOptions,
  clock: Clock,
  feed: (message: FeedMessage) => void,
): DiskGuard {
  return new DiskGuard({
    clock,
    limits: config.disk,
    readSpace: diskSpaceOf(dataPath),
    ballast: new BallastFile({ clock, path: join(dataPath, 'ballast'), bytes: config.disk.ballast }),
    alarm: (code, message) => {
      log.warn({ code }, message);
      feed({ type: 'alarm', run: null, code, message, atWallMs: clock.wallMs() });
    },
    note: (message) => log.info(message),
  });
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
