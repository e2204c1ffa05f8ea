// One channel of a gvn1 cycler: what the daemon asks, as commands (GVN1.md §3.2); reports on their way to it.
import { assert } from '../../../base/assert.ts';
import { parseRange, parseStat, type StatReply } from '../../../frames/dialects/gvn1/replies.ts';
import type {
  ChannelStatus,
  CyclerChannel,
  DeviceReport,
  DeviceResult,
  Done,
  Lease,
  RunSetup,
  SampleRange,
} from '../../cycler.ts';
import type { LookAheadTree } from '../../../steps/step.ts';
import { JobLoader } from './job-loader.ts';
import { Replayer } from './replayer.ts';
import { acknowledged, parsed, type Session } from './session.ts';

/** Numbers a device gives for one request (§10). */
const SAMPLES_PER_REPLAY = 1000;
const STEP_ENDS_PER_REPLAY = 64;
const REPLAY_FRAME_MS = 2000;

export class Gvn1Channel implements CyclerChannel {
  readonly #ch: number;
  readonly #session: Session;
  readonly #loader: JobLoader;
  readonly #samples: Replayer;
  readonly #stepEnds: Replayer;
  #receive: ((report: DeviceReport) => void) | null = null;

  constructor(session: Session, ch: number) {
    this.#ch = ch;
    this.#session = session;
    this.#loader = new JobLoader(session, ch);
    const { clock } = session;
    this.#samples = new Replayer({
      clock,
      pieceMax: SAMPLES_PER_REPLAY,
      frameMs: REPLAY_FRAME_MS,
      ask: ({ from, to }, done) => {
        session.ask('replay', { ch, from, to }, parsed('replay', parseRange, done));
      },
    });
    this.#stepEnds = new Replayer({
      clock,
      pieceMax: STEP_ENDS_PER_REPLAY,
      frameMs: REPLAY_FRAME_MS,
      ask: ({ from }, done) => {
        session.ask('ends', { ch, from }, parsed('ends', parseRange, done));
      },
    });
  }

  onReport(receive: (report: DeviceReport) => void): void {
    this.#receive = receive;
  }

  /** From the driver: a report of this channel has come. */
  deliver(report: DeviceReport): void {
    this.#receive?.(report);
    if (report.type === 'samples' && report.isReplay) {
      this.#samples.heard(report.firstN, report.firstN + report.timeUs.length - 1);
    }
    if (report.type === 'stepEnded' && report.isReplay) {
      this.#stepEnds.heard(report.stepNumber, report.stepNumber);
    }
  }

  /** From the driver: the link is gone and every request has failed; so does what waits for frames. */
  fail(failure: DeviceResult<never>): void {
    this.#samples.fail(failure);
    this.#stepEnds.fail(failure);
  }

  open({ run, rangeIndex, limits }: RunSetup, done: Done<null>): void {
    const values = {
      ch: this.#ch,
      run,
      range: rangeIndex,
      vhi_nv: limits.voltageMaxNv,
      vlo_nv: limits.voltageMinNv,
      ihi_pa: limits.currentMaxPa,
      qhi_nc: limits.netChargeMaxNc,
      token: this.#session.token,
    };
    this.#session.ask('open', values, (result) => {
      if (result.ok) this.#session.time?.opened(this.#ch, run);
      acknowledged(done)(result);
    });
  }

  release(run: string, done: Done<null>): void {
    this.#session.ask('close', { ch: this.#ch, run }, acknowledged(done));
  }

  load(tree: LookAheadTree, done: Done<null>): void {
    this.#loader.load(tree, done);
  }

  renewLease(lease: Lease, done: Done<null>): void {
    const t_us = lease === 'waived' ? -1 : Math.round(lease.durationMs * 1000);
    const policy = lease === 'waived' ? 'off' : lease.policy;
    this.#loader.leased(lease === 'waived' ? Number.POSITIVE_INFINITY : lease.durationMs);
    this.#session.ask(
      'lease',
      { ch: this.#ch, token: this.#session.token, t_us, policy },
      acknowledged(done),
    );
  }

  off(done: Done<null>): void {
    this.#session.askUrgently('off', { ch: this.#ch }, acknowledged(done));
    this.#loader.abort('off was asked before it was loaded');
  }

  status(done: Done<ChannelStatus>): void {
    this.#stat((result) => done(result.ok ? { ok: true, value: statusFrom(result.value) } : result));
  }

  clearFault(fault: string, done: Done<null>): void {
    this.#session.ask('clr', { ch: this.#ch, fault }, acknowledged(done));
  }

  setReporting(options: { readonly livePeriodMs: number; readonly flushMs: number }, done: Done<null>): void {
    const ch = this.#ch;
    // A sample that waits for longer than a clock that wraps can be followed would be dated wrong.
    const flushMs = Math.min(options.flushMs, this.#session.time?.flushMaxMs ?? options.flushMs);
    this.#session.ask('live', { ch, p_us: Math.round(options.livePeriodMs * 1000) }, (result) => {
      if (!result.ok) return done(result);
      this.#session.ask('flush', { ch, p_us: Math.round(flushMs * 1000) }, acknowledged(done));
    });
  }

  /** Asks where the ring stands first, so that a range long gone costs no request for each piece. */
  replaySamples(range: SampleRange, done: Done<SampleRange>): void {
    assert(range.from >= 0, `from must be 0 or more, found ${range.from}`);
    this.#stat((result) => {
      if (!result.ok) return done(result);
      const from = Math.max(range.from, result.value.oldest);
      this.#samples.replay({ from, to: Math.min(range.to, result.value.n - 1) }, done);
    });
  }

  replayStepEnds(fromStepNumber: number, done: Done<SampleRange>): void {
    assert(fromStepNumber >= 0, `fromStepNumber must be 0 or more, found ${fromStepNumber}`);
    this.#stepEnds.replay({ from: fromStepNumber, to: null }, done);
  }

  #stat(done: Done<StatReply>): void {
    const read = (payload: string, sentMs: number): StatReply | null => {
      const stat = parseStat(payload);
      if (stat?.ch !== this.#ch) return null;
      const tUs = this.#session.time?.answered(stat.tUs, sentMs) ?? null;
      return tUs === null ? null : { ...stat, tUs };
    };
    this.#session.ask('stat', { ch: this.#ch }, parsed('stat', read, done));
  }
}

function statusFrom(stat: StatReply): ChannelStatus {
  return {
    state: stat.state,
    run: stat.run,
    timeUs: stat.tUs,
    nodeId: stat.node,
    stepNumber: stat.step,
    endedStepNumber: stat.ended,
    nextN: stat.n,
    oldestN: stat.oldest,
    netChargeNc: stat.qNc,
    fault: stat.fault,
    isCellOn: stat.cell === 'on',
  };
}
