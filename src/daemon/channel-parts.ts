// The parts of a run channel and how they are wired: each sees of the others only what it is given here.
// Decides nothing; the decisions are in channel.ts.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type {
  Capabilities,
  ChannelStatus,
  Cycler,
  CyclerChannel,
  DeviceFailure,
  StepEndReport,
} from '../device/cycler.ts';
import { ReportSequencer } from '../samples/report-sequencer.ts';
import type { CellLimits, ShortFloorPlan } from '../steps/protocol.ts';
import type { Runner } from '../steps/runner.ts';
import type { Step } from '../steps/step.ts';
import type { RunStateRow, RunStore } from '../store/run-store.ts';
import { AuxRecorder } from './aux-recorder.ts';
import { CellSwitch } from './cell-switch.ts';
import { ClockKeeper } from './clock-keeper.ts';
import { CommitTimer } from './commit-timer.ts';
import { Journal, type StoreTrouble } from './journal.ts';
import { LeaseKeeper, type LeasePlan } from './lease-keeper.ts';
import { Recorder, type RecorderFeed } from './recorder.ts';
import { RunEnding } from './run-ending.ts';
import { RunStatus } from './run-status.ts';
import { ShortWatch } from './short-watch.ts';
import { StepLoader } from './step-loader.ts';

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
  readonly device: CyclerChannel;
  readonly readClock: Cycler['readClock'];
  readonly capabilities: Capabilities;
  readonly store: RunStore;
  /** Absolute limits of this cell on this instrument. */
  readonly cellLimits: CellLimits;
  readonly shortFloor: ShortFloorPlan | null;
  readonly runner: Runner;
  readonly rangeIndex: number;
  /** Number that the device gives its next sample: the first one of the run. */
  readonly originN: number;
  readonly lease: LeasePlan;
  readonly onOutage: 'hold' | 'stop';
  readonly reporting: { readonly livePeriodMs: number; readonly flushMs: number };
  /** Commit at the latest this long after a sample came; null: never by the clock (virtual time). */
  readonly commitEveryMs: number | null;
  readonly feed: ChannelFeed;
}

/** What the parts ask of the channel. */
export interface ChannelHooks {
  readonly guard: (handle: () => void) => void;
  /** The step that runs now. */
  readonly step: () => Step;
  /** Number of the first step. */
  readonly stepNumber: number;
  readonly stepEnded: (report: StepEndReport) => void;
  readonly statusPolled: (status: ChannelStatus) => void;
  /** Whether the run may be driven at all. */
  readonly mayDrive: () => boolean;
  /** Whether this is still the step that is wanted. */
  readonly isWanted: (stepNumber: number) => boolean;
  /** Something was recorded, or will not come. */
  readonly settled: () => void;
  readonly refused: (reason: DeviceFailure, detail: string) => void;
  readonly storeTrouble: (trouble: StoreTrouble) => void;
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
  const { capabilities, clock, device, feed, readClock, run, runner, store } = options;
  const { timeScale, leaseMaxMs, tickUs } = capabilities;
  const { guard } = hooks;
  const journal = new Journal({
    store,
    clock,
    onStored: (seq) => feed.stored(seq),
    onTrouble: hooks.storeTrouble,
  });
  const recorder = new Recorder({ journal, feed, originN: options.originN, tickUs });
  const sequencer = createSequencer(options, hooks, recorder);
  const alarm = (code: string, message: string): void => feed.alarm(code, message);
  const shortWatch = new ShortWatch({ plan: options.shortFloor, journal, alarm });
  const status = new RunStatus({
    journal,
    announce: (row) => feed.state(row),
    timeUs: () => recorder.newestUs,
  });
  const lease = new LeaseKeeper({
    ...{ clock, device, timeScale, leaseMaxMs, plan: options.lease },
    onStatus: (polled) => guard(() => hooks.statusPolled(polled)),
    isWanted: hooks.mayDrive,
  });
  const clockKeeper = new ClockKeeper({
    ...{ clock, readClock, journal, timeScale },
    runTimeUs: (deviceUs) => recorder.runTimeUs(deviceUs),
    everyMs: options.commitEveryMs === null ? null : CLOCK_SYNC_EVERY_MS,
  });
  const commitTimer = new CommitTimer({ clock, journal, everyMs: options.commitEveryMs });
  const aux = new AuxRecorder({ journal, recorder, clockKeeper, commitTimer, tickUs });
  const loader = new StepLoader({
    ...{ capabilities, device, journal, lease, runner, guard },
    isWanted: (stepNumber) => hooks.mayDrive() && hooks.isWanted(stepNumber),
    nextN: () => sequencer.position.nextN,
    onRefused: hooks.refused,
  });
  const cell = new CellSwitch({ device, journal });
  const ending = new RunEnding({
    ...{ run, clock, device, cell, journal, status, store, guard },
    deadMan: options.capabilities.deadMan,
    catchUp: (owed) => sequencer.deviceIsAt(owed),
    hasAll: ({ nextN, endedStepNumber }) =>
      sequencer.position.nextN >= nextN && sequencer.position.stepNumber > endedStepNumber,
    onClosed: (problem) => feed.closed(problem),
  });
  const timers = { lease, clockKeeper, commitTimer };
  return { journal, recorder, shortWatch, sequencer, status, cell, ...timers, aux, loader, ending };
}

function createSequencer(
  options: RunChannelOptions,
  hooks: ChannelHooks,
  recorder: Recorder,
): ReportSequencer<StepEndReport> {
  const { device, originN } = options;
  const sequencer: ReportSequencer<StepEndReport> = new ReportSequencer(
    {
      samples: (report) => recorder.samples(report, hooks.step()),
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
    { nextN: originN, stepNumber: hooks.stepNumber },
  );
  return sequencer;
}
