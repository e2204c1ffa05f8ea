// What a gvn1 device sends on its own, as the daemon's reports. Tables where words differ.
// Null is nonsense; the driver counts it.
import type { Frame } from '../../../frames/dialects/gvn1/frame.ts';
import { parseFault, parseLive, parseStepEnd, type EndWord } from '../../../frames/dialects/gvn1/replies.ts';
import { isOfOneStep, parseSamples } from '../../../frames/dialects/gvn1/samples.ts';
import type { EndReason, ProgramEndReason } from '../../../steps/step.ts';
import type { DeviceReport } from '../../cycler.ts';

export const END_REASONS: Readonly<Record<EndWord, EndReason>> = {
  vmax: 'voltage-max',
  vmin: 'voltage-min',
  floor: 'short-floor',
  qnet: 'net-charge',
  qstep: 'step-charge',
  qlast: 'last-step-charge',
  imin: 'current-min',
  t: 'duration',
  off: 'off',
  stop: 'stop-byte',
  lease: 'lease',
  fault: 'fault',
};

/** Ends that may lead to a child, in the order in which they win at one tick. */
export const PROGRAM_END_WORDS: readonly (readonly [ProgramEndReason, EndWord])[] = [
  ['voltage-max', 'vmax'],
  ['voltage-min', 'vmin'],
  ['short-floor', 'floor'],
  ['net-charge', 'qnet'],
  ['step-charge', 'qstep'],
  ['last-step-charge', 'qlast'],
  ['current-min', 'imin'],
  ['duration', 't'],
];

/** As it stands on the wire: its times are those that the device clock showed (device-time.ts). */
export interface ChannelReport {
  readonly channel: number;
  readonly report: DeviceReport;
}

export function reportFromFrame({ type, payload }: Frame): ChannelReport | null {
  switch (type) {
    case 's':
      return samplesReport(payload, false);
    case 'r':
      return samplesReport(payload, true);
    case 'e':
      return stepEndReport(payload, false);
    case 'x':
      return stepEndReport(payload, true);
    case 'l':
      return liveReport(payload);
    case 'f':
      return faultReport(payload);
    default:
      return null;
  }
}

function samplesReport(payload: string, isReplay: boolean): ChannelReport | null {
  const frame = parseSamples(payload);
  if (frame === null || !isOfOneStep(frame)) return null;
  const { channel, firstN, stepNumber, timeUs, voltageNv, currentPa, netChargeNc, flags } = frame;
  return {
    channel,
    report: {
      type: 'samples',
      firstN,
      stepNumber,
      timeUs,
      voltageNv,
      currentPa,
      netChargeNc,
      flags,
      isReplay,
    },
  };
}

function stepEndReport(payload: string, isReplay: boolean): ChannelReport | null {
  const end = parseStepEnd(payload);
  if (end === null) return null;
  return {
    channel: end.channel,
    report: {
      type: 'stepEnded',
      stepNumber: end.n,
      nodeId: end.id,
      reason: END_REASONS[end.why],
      startUs: end.t0Us,
      endUs: end.tUs,
      startNetChargeNc: end.q0Nc,
      endNetChargeNc: end.qNc,
      voltageNv: end.vNv,
      currentPa: end.iPa,
      lastN: end.last,
      nextNodeId: end.next,
      isReplay,
    },
  };
}

function liveReport(payload: string): ChannelReport | null {
  const live = parseLive(payload);
  if (live === null) return null;
  const { channel, n, tUs, vNv, iPa, qNc } = live;
  return {
    channel,
    report: { type: 'live', stepNumber: n, timeUs: tUs, voltageNv: vNv, currentPa: iPa, netChargeNc: qNc },
  };
}

function faultReport(payload: string): ChannelReport | null {
  const fault = parseFault(payload);
  if (fault === null) return null;
  const { channel, n, tUs } = fault;
  return { channel, report: { type: 'fault', fault: fault.fault, stepNumber: n, timeUs: tUs } };
}
