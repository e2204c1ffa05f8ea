// The zero and +- dummy-resistor check of an instrument: a known resistor in place of the cell, no current,
// then one of each sign, then none. What it finds is stored with the runs that follow and corrects nothing.
// Judged by what the data sheet promises; a direction that differs from the other biases every efficiency.
import type { Clock } from '../base/clock.ts';
import { formatQuantity } from '../base/quantity.ts';
import type { Result } from '../base/result.ts';
import type {
  Capabilities,
  Cycler,
  CyclerChannel,
  DeviceReport,
  DeviceResult,
  Done,
} from '../device/cycler.ts';
import { NO_LIMITS, type Step } from '../steps/step.ts';
import { type CheckFindings, type CheckReading, findingsOf, type PhaseReadings } from './check-findings.ts';
import { chooseRange } from './start-run.ts';

export interface CheckOrder {
  readonly channel: number;
  /** Magnitude; both signs are driven. */
  readonly currentPa: number;
  readonly resistorMohm: number;
}

/** What stands in the run: when, with what, on which range, and what was found. */
export interface InstrumentCheck extends CheckFindings, CheckOrder {
  readonly wallMs: number;
  readonly deviceId: string;
  readonly model: string;
  readonly rangeFullScalePa: number;
}

export interface CheckSubject {
  readonly cycler: Cycler;
  readonly capabilities: Capabilities;
  readonly deviceId: string;
  readonly model: string;
  readonly clock: Clock;
}

type Phase = keyof PhaseReadings;

const PHASES: readonly { readonly phase: Phase; readonly sign: -1 | 0 | 1 }[] = [
  { phase: 'zeroBefore', sign: 0 },
  { phase: 'plus', sign: 1 },
  { phase: 'minus', sign: -1 },
  { phase: 'zeroAfter', sign: 0 },
];
const PHASE_US = 10_000_000;
const READING_EVERY_US = 100_000;
/** nV of pA through mohm: 1e-12 A x 1e-3 ohm is 1e-6 nV. */
const NV_PER_PA_MOHM = 1e-6;
const RUN = 'check';
/** Renewed for each phase of ten seconds; less where the device grants less. */
const LEASE_MS = 60_000;
/** Four phases and what lies between them. */
const LIMIT_MS = 80_000;

/**
 * Refuses, or drives the resistor for forty seconds; the channel is open and released before `done`, or the
 * result says that it could not be seen to open. Returns what ends the check early, in the same order.
 */
export function checkInstrument(
  subject: CheckSubject,
  order: CheckOrder,
  done: (result: Result<InstrumentCheck>) => void,
): () => void {
  const range = rangeFor(subject, order);
  if (range.ok) return driveAndJudge(subject, { ...order, range }, done);
  done(range);
  return () => undefined;
}

type Range = Extract<ReturnType<typeof chooseRange>, { readonly ok: true }>;

function rangeFor({ capabilities, cycler }: CheckSubject, order: CheckOrder): ReturnType<typeof chooseRange> {
  const range = chooseRange(order.currentPa, capabilities, cycler.name);
  if (!range.ok) {
    const largest = formatQuantity(Math.max(...capabilities.currentRangesPa), 'current');
    const asked = formatQuantity(order.currentPa, 'current');
    const found = `"--current": ${asked} is beyond 95 % of the largest range (${largest})`;
    return { ...range, message: `${found} of "${cycler.name}"; use a smaller one` };
  }
  const expectedNv = order.currentPa * order.resistorMohm * NV_PER_PA_MOHM;
  if (expectedNv <= 0.8 * capabilities.voltageSpanNv) return range;
  const found = `"--current": on this resistor it makes ${(expectedNv / 1e9).toFixed(2)} V`;
  const message = `${found}, beyond 80 % of the span of "${cycler.name}"; use a smaller one`;
  return { ok: false, code: 'RANGE_EXCEEDED', message };
}

function driveAndJudge(
  { capabilities, clock, cycler, deviceId, model }: CheckSubject,
  { range, ...order }: CheckOrder & { readonly range: Range },
  done: (result: Result<InstrumentCheck>) => void,
): () => void {
  const channel = cycler.channel(order.channel);
  const readings: Record<Phase, CheckReading[]> = { zeroBefore: [], plus: [], minus: [], zeroAfter: [] };
  const answer = (result: Result<InstrumentCheck>): void => {
    channel.off((off) =>
      channel.release(RUN, () => done(off.ok ? openedAfter(result) : notSeenOpen(result, off.detail))),
    );
  };
  const limits = {
    voltageMaxNv: capabilities.voltageSpanNv,
    voltageMinNv: -capabilities.voltageSpanNv,
    currentMaxPa: Math.round(1.2 * order.currentPa),
    netChargeMaxNc: Math.round((order.currentPa * PHASE_US * 2) / 1e9) + 1_000_000,
  };
  const stopping: { isAsked: boolean; now: () => void } = { isAsked: false, now: () => undefined };
  channel.open({ run: RUN, rangeIndex: range.index, limits }, (opened) => {
    if (!opened.ok) return done(refusalOf(cycler.name, opened));
    if (stopping.isAsked) return answer(refusalOf(cycler.name, STOPPED));
    const leaseMs = Math.min(LEASE_MS, capabilities.leaseMaxMs);
    const sequence = { clock, cycler, channel, order, readings, leaseMs };
    stopping.now = drivePhases(sequence, (driven) => {
      if (!driven.ok) return answer(refusalOf(cycler.name, driven));
      const findings = findingsOf(readings, { ...order, fullScalePa: range.fullScalePa, capabilities });
      if (findings === null) return answer(tooFewReadings(cycler.name));
      const { fullScalePa } = range;
      const value = {
        ...order,
        wallMs: clock.wallMs(),
        deviceId,
        model,
        rangeFullScalePa: fullScalePa,
        ...findings,
      };
      answer({ ok: true, value });
    });
  });
  return () => {
    stopping.isAsked = true;
    stopping.now();
  };
}

const STOPPED = { ok: false, reason: 'refused', detail: 'the check was stopped by the operator' } as const;

interface Sequence {
  readonly clock: Clock;
  readonly cycler: Cycler;
  readonly channel: CyclerChannel;
  readonly order: CheckOrder;
  readonly readings: Record<Phase, CheckReading[]>;
  readonly leaseMs: number;
}

/**
 * One phase after the other; each is a step of its own, so that nothing follows an end that nobody judged.
 * Returns what stops it.
 */
function drivePhases(
  { clock, cycler, channel, order, readings, leaseMs }: Sequence,
  done: Done<null>,
): () => void {
  let index = 0;
  const isOver = { value: false };
  const finish = (result: DeviceResult<null>): void => {
    if (isOver.value) return;
    isOver.value = true;
    limit.cancel();
    cycler.onLink(() => undefined);
    channel.onReport(() => undefined);
    done(result);
  };
  const limit = clock.after(LIMIT_MS, () =>
    finish({ ok: false, reason: 'timeout', detail: `no end of the check within ${LIMIT_MS / 1000} s` }),
  );
  // What was lost with the link is not asked for again: a check is repeated, not mended.
  cycler.onLink((link) => {
    if (link.type === 'lost') finish({ ok: false, reason: 'closed', detail: link.detail });
  });
  const next = (): void => {
    const phase = PHASES[index];
    if (phase === undefined) return finish({ ok: true, value: null });
    const step = stepOf(phase.phase, phase.sign * order.currentPa);
    const id = index + 1;
    channel.renewLease({ durationMs: leaseMs, policy: 'off' }, (leased) => {
      if (!leased.ok) return finish(leased);
      // Stopped meanwhile: a step loaded behind the order to open would close the cell again.
      if (isOver.value) return;
      channel.load({ nodes: [{ id, stepNumber: id, step, children: {} }] }, (loaded) => {
        if (!loaded.ok) finish(loaded);
      });
    });
  };
  channel.onReport((report) => {
    const phase = PHASES[index];
    if (phase === undefined) return;
    if (report.type === 'samples') readings[phase.phase].push(...readingsOf(report));
    if (report.type === 'fault')
      return finish({ ok: false, reason: 'fault', detail: `it reports fault "${report.fault}"` });
    if (report.type !== 'stepEnded' || report.stepNumber !== index + 1) return;
    if (report.reason !== 'duration')
      return finish({ ok: false, reason: 'fault', detail: `phase ${phase.phase} ended by ${report.reason}` });
    index += 1;
    next();
  });
  channel.setReporting({ livePeriodMs: 0, flushMs: 100 }, (set) => {
    if (isOver.value) return;
    if (set.ok) next();
    else finish(set);
  });
  return () => finish(STOPPED);
}

function readingsOf(report: Extract<DeviceReport, { readonly type: 'samples' }>): CheckReading[] {
  return report.timeUs.map((timeUs, index) => ({
    timeUs,
    voltageNv: report.voltageNv[index] ?? 0,
    currentPa: report.currentPa[index] ?? 0,
  }));
}

function stepOf(phase: Phase, currentPa: number): Step {
  return {
    programStep: phase,
    phase: 'contact',
    cycle: 0,
    half: null,
    completesCycle: false,
    mode: currentPa === 0 ? { kind: 'rest' } : { kind: 'cc', currentPa },
    durationMaxUs: PHASE_US,
    durationExpectedUs: PHASE_US,
    limits: NO_LIMITS,
    record: { everyUs: READING_EVERY_US, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: false,
  };
}

function refusalOf(name: string, { reason, detail }: Extract<DeviceResult<null>, { readonly ok: false }>) {
  const code = reason === 'timeout' || reason === 'closed' ? 'LINK_TIMEOUT' : 'DEVICE_REFUSED';
  return { ok: false, code, message: `cycler "${name}": ${detail}` } as const;
}

function openedAfter(result: Result<InstrumentCheck>): Result<InstrumentCheck> {
  return result.ok ? result : { ...result, message: `${result.message}; the cell is open` };
}

/** Whatever was found counts for less. */
function notSeenOpen(result: Result<InstrumentCheck>, detail: string): Result<InstrumentCheck> {
  const before = result.ok ? 'the check is done' : result.message;
  const message = `${before}; the cell was not seen to open (${detail}): take it off by hand`;
  return { ok: false, code: 'LINK_TIMEOUT', message };
}

function tooFewReadings(name: string) {
  const message = `cycler "${name}" gave too few readings to judge it; check the link and try again`;
  return { ok: false, code: 'DEVICE_REFUSED', message } as const;
}
