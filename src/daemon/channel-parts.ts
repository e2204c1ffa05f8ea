// The parts of a run channel and how they are wired: each sees of the others only what it is given here.
// Decides nothing; the decisions are in channel.ts.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Capabilities, ChannelStatus, Cycler, DeviceFailure, StepEndReport } from '../device/cycler.ts';
import type { FramedChannel } from '../device/framed-channel.ts';
import type { WireRecorder } from '../device/wire-recorder.ts';
import { ReportSequencer } from '../samples/report-sequencer.ts';
import type { OutagePolicy } from '../steps/outage.ts';
import type { CellLimits, ShortFloorPlan } from '../steps/protocol.ts';
import type { Runner } from '../steps/runner.ts';
import { type Checkpoint, FIRST_SEQ, type RunStateRow, type RunStore } from '../store/run-store.ts';
import { AuxRecorder } from './aux-recorder.ts';
import { CellSwitch } from './cell-switch.ts';
import { ClockKeeper } from './clock-keeper.ts';
import { CommitTimer } from './commit-timer.ts';
import { Journal } from './journal.ts';
import { LeaseKeeper, type LeasePlan } from './lease-keeper.ts';
import type { ProgramSource } from './parameter-change.ts';
import type { Progress } from './progress.ts';
import { Recorder, type RecorderFeed } from './recorder.ts';
import type { RestoredRun } from './restored-run.ts';
import { RunEnding } from './run-ending.ts';
import { RunStatus } from './run-status.ts';
import { sealRun } from './seal-run.ts';
import { ShortWatch } from './short-watch.ts';
import { StepLoader } from './step-loader.ts';
import { judgeTrouble, type StoreTrouble } from './store-trouble.ts';

export interface ChannelFeed extends RecorderFeed {
  state(row: RunStateRow): void;
  stored(storedSeq: number): void;
  alarm(code: string, message: string): void;
  /** The run has ended and its file is sealed (or could not be: `problem`). */
  closed(problem: string | null): void;
}

export interface RunChannelOptions {
  readonly run: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The channel of the cycler, in the numbers of the run. */
  readonly device: FramedChannel;
  readonly readClock: Cycler['readClock'];
  readonly capabilities: Capabilities;
  readonly store: RunStore;
  /** Absolute limits of this cell on this instrument. */
  readonly cellLimits: CellLimits;
  readonly shortFloor: ShortFloorPlan | null;
  /** What `runner` was prepared from. */
  readonly program: ProgramSource;
  readonly runner: Runner;
  /** The program that waits for the end of a cycle; null: none does. */
  readonly changed: Runner | null;
  readonly rangeIndex: number;
  /** Number that the device gives its next sample: the first one of the run. */
  readonly originN: number;
  readonly lease: LeasePlan;
  readonly onOutage: OutagePolicy;
  readonly reporting: { readonly livePeriodMs: number; readonly flushMs: number };
  /** Commit at the latest this long after a sample came; null: never by the clock (virtual time). */
  readonly commitEveryMs: number | null;
  readonly feed: ChannelFeed;
  /** What an earlier daemon left; null: the run begins. */
  readonly restored: RestoredRun | null;
  /** null: what goes over the wire is not recorded. */
  readonly wire: WireRecorder | null;
}

/** What the parts ask of the channel. */
export interface ChannelHooks {
  readonly guard: (handle: () => void) => void;
  readonly progress: Progress;
  readonly checkpoint: () => Checkpoint;
  readonly stepEnded: (report: StepEndReport) => void;
  readonly statusPolled: (status: ChannelStatus) => void;
  /** Whether the run may be driven at all. */
  readonly mayDrive: () => boolean;
  /** Whether a device that still drives is kept going while it is asked what it did. */
  readonly mayKeep: () => boolean;
  /** Whether this is still the step that is wanted. */
  readonly isWanted: (stepNumber: number) => boolean;
  /** Something was recorded, or will not come. */
  readonly settled: () => void;
  readonly refused: (reason: DeviceFailure, detail: string) => void;
  /** The store does not take the data: the run must hold, or cannot go on. */
  readonly hold: (reason: string) => void;
  readonly fail: (reason: string) => void;
}

export interface ChannelParts {
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly shortWatch: ShortWatch;
  readonly sequencer: ReportSequencer<StepEndReport>;
  readonly status: RunStatus;
  readonly cell: CellSwitch;
  readonly lease: LeaseKeeper;
  readonly clockKeeper: ClockKeeper;
  readonly aux: AuxRecorder;
  readonly commitTimer: CommitTimer;
  readonly loader: StepLoader;
  readonly ending: RunEnding;
}

const CLOCK_SYNC_EVERY_MS = 600_000;

export function createChannelParts(options: RunChannelOptions, hooks: ChannelHooks): ChannelParts {
  const recording = createRecording(options, hooks);
  const { journal, recorder, sequencer, status } = recording;
  const { capabilities, clock, device, feed, restored, run, store } = options;
  const { timeScale, leaseMaxMs, tickUs } = capabilities;
  const { guard } = hooks;
  const lease = new LeaseKeeper({
    ...{ clock, device, timeScale, leaseMaxMs, plan: options.lease },
    onStatus: (polled) => guard(() => hooks.statusPolled(polled)),
    isWanted: () => hooks.mayDrive() || hooks.mayKeep(),
  });
  const clockKeeper = new ClockKeeper({
    ...{ clock, journal, timeScale, readClock: framedClock(options) },
    lastSync: restored?.lastSync ?? null,
    runTimeUs: (deviceUs) => recorder.runTimeUs(deviceUs),
    everyMs: options.commitEveryMs === null ? null : CLOCK_SYNC_EVERY_MS,
  });
  const commitTimer = new CommitTimer({ clock, journal, everyMs: options.commitEveryMs });
  const aux = new AuxRecorder({ journal, recorder, clockKeeper, commitTimer, tickUs });
  const loader = new StepLoader({
    ...{ capabilities, device, journal, lease, guard, progress: hooks.progress },
    nextNodeId: restored?.checkpoint.nextNodeId ?? 1,
    isWanted: (stepNumber) => hooks.mayDrive() && hooks.isWanted(stepNumber),
    onRefused: hooks.refused,
  });
  const cell = new CellSwitch({ device, journal });
  const ending = new RunEnding({
    ...{ run, clock, device, cell, journal, recorder, status, guard },
    seal: (done) => sealRun({ store, clock, onTrouble: (trouble) => tellTrouble(options, trouble) }, done),
    deadMan: options.capabilities.deadMan,
    catchUp: (owed) => sequencer.deviceIsAt(owed),
    hasAll: ({ nextN, endedStepNumber }) =>
      sequencer.position.nextN >= nextN && sequencer.position.stepNumber > endedStepNumber,
    onClosed: (problem) => feed.closed(problem),
  });
  return { ...recording, cell, lease, clockKeeper, commitTimer, aux, loader, ending };
}

type Recording = Pick<ChannelParts, 'journal' | 'recorder' | 'shortWatch' | 'sequencer' | 'status'>;

/** What happens to a report until it is a row, and what is made of it. */
function createRecording(options: RunChannelOptions, hooks: ChannelHooks): Recording {
  const { capabilities, clock, feed, originN, restored, store } = options;
  const journal = new Journal({
    store,
    clock,
    onStored: (seq) => feed.stored(seq),
    onTrouble: (trouble) => storeTrouble(options, hooks, trouble),
    checkpoint: hooks.checkpoint,
    commandNumber: restored?.commandNumber ?? 0,
    wire: options.wire,
  });
  const { tickUs } = capabilities;
  const recorder = new Recorder({ journal, feed, originN, tickUs, recorded: restored?.recorded ?? null });
  const sequencer = createSequencer(options, hooks, recorder);
  const alarm = (code: string, message: string): void => feed.alarm(code, message);
  const history = restored?.halfCycles ?? [];
  const shortWatch = new ShortWatch({ plan: options.shortFloor, journal, alarm, history });
  const status = new RunStatus({
    journal,
    announce: (row) => feed.state(row),
    timeUs: () => recorder.newestUs,
    persisted: restored?.checkpoint.lifecycle ?? null,
  });
  return { journal, recorder, shortWatch, sequencer, status };
}

function createSequencer(
  options: RunChannelOptions,
  hooks: ChannelHooks,
  recorder: Recorder,
): ReportSequencer<StepEndReport> {
  const { device, originN } = options;
  const sequencer: ReportSequencer<StepEndReport> = new ReportSequencer(
    {
      samples: (report) => recorder.samples(report, hooks.progress.step()),
      stepEnded: hooks.stepEnded,
      gap: (range) => recorder.gap(range),
      askSamples: (range) =>
        device.replaySamples(range, (result) =>
          hooks.guard(() => {
            if (result.ok) sequencer.samplesAnswered(result.value);
            else sequencer.samplesNotAnswered();
            hooks.settled();
          }),
        ),
      askStepEnds: (from) =>
        device.replayStepEnds(from, (result) =>
          hooks.guard(() => {
            // Whatever came is in order now; what did not is asked for again when the device tells where it
            // is.
            if (result.ok) sequencer.stepEndsAnswered();
            else sequencer.stepEndsNotAnswered();
            hooks.settled();
          }),
        ),
    },
    {
      nextN: originN + options.store.nextSeq - FIRST_SEQ,
      stepNumber: hooks.progress.state.stepNumber,
    },
  );
  return sequencer;
}

function storeTrouble(options: RunChannelOptions, hooks: ChannelHooks, trouble: StoreTrouble): void {
  if (trouble.isNew || trouble.isFinal) tellTrouble(options, trouble);
  const verdict = judgeTrouble(trouble);
  if (verdict.type === 'hold') hooks.hold(verdict.reason);
  if (verdict.type === 'fail') hooks.fail(verdict.reason);
}

function tellTrouble({ feed, log }: RunChannelOptions, trouble: StoreTrouble): void {
  log.error(trouble, 'the store does not take the data');
  feed.alarm(trouble.code, trouble.detail);
}

/** The clock of the device, in the frame of the run. */
function framedClock({ device, readClock }: RunChannelOptions): Cycler['readClock'] {
  return (done) =>
    readClock((result) => {
      if (!result.ok) return done(result);
      done({ ok: true, value: { ...result.value, deviceUs: device.timeUs(result.value.deviceUs) } });
    });
}
