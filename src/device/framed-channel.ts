// A channel in the numbers of its run. A device that was reset counts samples, time and charge from zero
// again, and a wrapped clock is met at another count by another process: what it says is shifted into the
// run's frame, what it is told into its own. Without a shift nothing is touched. Never changes a current, a
// voltage or a flag.
import type { LookAheadTree, TreeNode } from '../steps/step.ts';
import type {
  ChannelStatus,
  CyclerChannel,
  DeviceReport,
  Done,
  Lease,
  RunSetup,
  SampleRange,
  SamplesReport,
  StepEndReport,
} from './cycler.ts';

/** To be added to what the device says. */
export interface Frame {
  readonly n: number;
  readonly timeUs: number;
  readonly netChargeNc: number;
}

export const DEVICE_FRAME: Frame = { n: 0, timeUs: 0, netChargeNc: 0 };

export class FramedChannel implements CyclerChannel {
  readonly #device: CyclerChannel;
  #frame: Frame;

  constructor(device: CyclerChannel, frame: Frame) {
    this.#device = device;
    this.#frame = frame;
  }

  get frame(): Frame {
    return this.#frame;
  }

  /** What the device says from now on is of another count. */
  shift(frame: Frame): void {
    this.#frame = frame;
  }

  /** Device clock to the run's frame, µs. */
  timeUs(deviceUs: number): number {
    return deviceUs + this.#frame.timeUs;
  }

  onReport(receive: (report: DeviceReport) => void): void {
    this.#device.onReport((report) => receive(this.#isPlain ? report : this.#framed(report)));
  }

  /**
   * The charge limit of the device is about its own zero: looser by the shift; the host judges the true one.
   */
  open(setup: RunSetup, done: Done<null>): void {
    const { limits } = setup;
    const netChargeMaxNc = limits.netChargeMaxNc + Math.abs(this.#frame.netChargeNc);
    this.#device.open({ ...setup, limits: { ...limits, netChargeMaxNc } }, done);
  }

  release(run: string, done: Done<null>): void {
    this.#device.release(run, done);
  }

  load(tree: LookAheadTree, done: Done<null>): void {
    const [root, ...rest] = tree.nodes;
    const shifted = (node: TreeNode): TreeNode => this.#unframedNode(node);
    this.#device.load(this.#isPlain ? tree : { nodes: [shifted(root), ...rest.map(shifted)] }, done);
  }

  renewLease(lease: Lease, done: Done<null>): void {
    this.#device.renewLease(lease, done);
  }

  off(done: Done<null>): void {
    this.#device.off(done);
  }

  status(done: Done<ChannelStatus>): void {
    this.#device.status((result) =>
      done(result.ok ? { ok: true, value: this.#framedStatus(result.value) } : result),
    );
  }

  clearFault(fault: string, done: Done<null>): void {
    this.#device.clearFault(fault, done);
  }

  setReporting(options: { readonly livePeriodMs: number; readonly flushMs: number }, done: Done<null>): void {
    this.#device.setReporting(options, done);
  }

  replaySamples({ from, to }: SampleRange, done: Done<SampleRange>): void {
    const { n } = this.#frame;
    // What lies before the device's own zero is of an earlier boot: it has none of it.
    this.#device.replaySamples({ from: Math.max(0, from - n), to: to - n }, (result) =>
      done(
        result.ok ? { ok: true, value: { from: result.value.from + n, to: result.value.to + n } } : result,
      ),
    );
  }

  replayStepEnds(fromStepNumber: number, done: Done<SampleRange>): void {
    this.#device.replayStepEnds(fromStepNumber, done);
  }

  get #isPlain(): boolean {
    const { n, timeUs, netChargeNc } = this.#frame;
    return n === 0 && timeUs === 0 && netChargeNc === 0;
  }

  #framed(report: DeviceReport): DeviceReport {
    switch (report.type) {
      case 'samples':
        return this.#framedSamples(report);
      case 'stepEnded':
        return this.#framedEnd(report);
      case 'live': {
        const netChargeNc = report.netChargeNc + this.#frame.netChargeNc;
        return { ...report, timeUs: this.timeUs(report.timeUs), netChargeNc };
      }
      case 'fault':
      case 'aux':
      case 'impedance':
        return { ...report, timeUs: this.timeUs(report.timeUs) };
    }
  }

  #framedSamples({ stepStartUs, ...report }: SamplesReport): SamplesReport {
    const { n, netChargeNc } = this.#frame;
    return {
      ...report,
      ...(stepStartUs === undefined ? {} : { stepStartUs: this.timeUs(stepStartUs) }),
      firstN: report.firstN + n,
      timeUs: report.timeUs.map((timeUs) => this.timeUs(timeUs)),
      netChargeNc: report.netChargeNc.map((chargeNc) => chargeNc + netChargeNc),
    };
  }

  #framedEnd(report: StepEndReport): StepEndReport {
    const { n, netChargeNc } = this.#frame;
    return {
      ...report,
      startUs: this.timeUs(report.startUs),
      endUs: this.timeUs(report.endUs),
      startNetChargeNc: report.startNetChargeNc + netChargeNc,
      endNetChargeNc: report.endNetChargeNc + netChargeNc,
      lastN: report.lastN + n,
    };
  }

  #framedStatus(status: ChannelStatus): ChannelStatus {
    const { n, netChargeNc } = this.#frame;
    return {
      ...status,
      timeUs: this.timeUs(status.timeUs),
      nextN: status.nextN + n,
      oldestN: status.oldestN + n,
      netChargeNc: status.netChargeNc + netChargeNc,
    };
  }

  #unframedNode(node: TreeNode): TreeNode {
    const { netChargeNc } = node.step.limits;
    if (netChargeNc === null) return node;
    const limits = { ...node.step.limits, netChargeNc: netChargeNc - this.#frame.netChargeNc };
    return { ...node, step: { ...node.step, limits } };
  }
}
