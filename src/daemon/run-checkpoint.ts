// The checkpoint of a run: all that a daemon needs to go on with it and cannot read from its rows. Written
// with every transaction, so it never says anything else than the rows beside it. JSON; small, whatever the
// run's length.
import type { Frame } from '../device/framed-channel.ts';
import type { Checkpoint } from '../store/run-store.ts';
import type { ChannelParts, RunChannelOptions } from './channel-parts.ts';
import { NO_ORDERS } from './program-orders.ts';
import type { PersistedProgress } from './program-orders.ts';
import type { Progress } from './progress.ts';
import type { PersistedRecorder } from './recorder.ts';

/** 3: with what the operator wants of the program. An older program would not know of it, and refuses. */
const CHECKPOINT_VERSION = 3;
/** Without orders: there were none. */
const CHECKPOINT_WITHOUT_ORDERS = 2;

export interface RunCheckpoint {
  readonly progress: PersistedProgress;
  /** Snapshot of the lifecycle machine. */
  readonly lifecycle: unknown;
  readonly recorder: PersistedRecorder;
  readonly frame: Frame;
  /** Number of the run's first sample, in the frame of the run. */
  readonly originN: number;
  readonly nextNodeId: number;
  /** The step that was wanted when the device was given the run; null: it was not. */
  readonly openedAtStep: number | null;
  /** The daemon was told to end and made the run hold: the next one may go on with it. */
  readonly isLeft: boolean;
  /** Run times at which the run went on by itself after an outage, the latest few. */
  readonly continuedAtUs: readonly number[];
}

/** As of now. */
export function checkpointOf(
  { device, originN }: RunChannelOptions,
  { loader, recorder, status }: ChannelParts,
  channel: Pick<RunCheckpoint, 'openedAtStep' | 'isLeft' | 'continuedAtUs'> & { readonly progress: Progress },
): Checkpoint {
  const { progress, ...rest } = channel;
  const body: RunCheckpoint = {
    ...rest,
    progress: progress.persist(),
    lifecycle: status.persist(),
    recorder: recorder.persist(),
    frame: device.frame,
    originN,
    nextNodeId: loader.nextNodeId,
  };
  return { version: CHECKPOINT_VERSION, stepNumber: progress.state.stepNumber, body: { ...body } };
}

/** Null where it was written by another version of this program, in words that this one does not know. */
export function parseCheckpoint(
  stored: { readonly version: number; readonly body: unknown } | null,
): RunCheckpoint | null {
  if (stored === null || typeof stored.body !== 'object' || stored.body === null) return null;
  if (!('progress' in stored.body)) return null;
  const checkpoint = stored.body as RunCheckpoint;
  if (stored.version === CHECKPOINT_VERSION) return checkpoint;
  if (stored.version !== CHECKPOINT_WITHOUT_ORDERS) return null;
  return { ...checkpoint, progress: { ...checkpoint.progress, ...NO_ORDERS } };
}
