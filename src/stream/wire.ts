// Feed and history rows to wire messages, and wire messages to frames. A frame is made once and shared by all
// clients. Never changes a number: what is stored is what is sent.
import { assert } from '../base/assert.ts';
import { valueAt } from '../base/column.ts';
import type { GapFeed, HalfCycleFeed, LiveFeed, RunSummary, StepFeed } from './feed.ts';
import type { PlotSeries, StoredSamples } from './history.ts';
import type { RunInfo, SamplesMessage, ServerMessage } from './messages.ts';

/** UTF-8 JSON of one message, ready for any number of sockets. */
export type Frame = Uint8Array;

const encoder = new TextEncoder();

export function encodeFrame(message: ServerMessage): Frame {
  return encoder.encode(JSON.stringify(message));
}

/** One sample on its way through a coalescer. */
export interface Row {
  readonly seq: number;
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
  readonly step: number;
  readonly flags: number;
}

export function rowAt(batch: LiveFeed, index: number): Row {
  return {
    seq: batch.firstSeq + index,
    timeUs: valueAt(batch.timeUs, index),
    voltageNv: valueAt(batch.voltageNv, index),
    currentPa: valueAt(batch.currentPa, index),
    netChargeNc: valueAt(batch.netChargeNc, index),
    step: batch.stepNumber,
    flags: valueAt(batch.flags, index),
  };
}

/** Number of the last sample of a batch. */
export function lastSeqOf(batch: LiveFeed): number {
  return batch.firstSeq + batch.timeUs.length - 1;
}

export interface SamplesHead {
  readonly run: string;
  readonly storedSeq: number;
}

export function exactSamples(head: SamplesHead, page: StoredSamples): SamplesMessage {
  return {
    v: 1,
    type: 'samples',
    run: head.run,
    mode: 'exact',
    stored_seq: head.storedSeq,
    at_ms: null,
    represents: page.seq.length,
    seq: [...page.seq],
    time_us: [...page.timeUs],
    voltage_nv: [...page.voltageNv],
    current_pa: [...page.currentPa],
    charge_nc: [...page.netChargeNc],
    step: [...page.step],
    flags: [...page.flags],
  };
}

/** Rows of a live batch from `skip` on. */
export function liveSamples(head: SamplesHead, batch: LiveFeed, skip: number): SamplesMessage {
  const count = batch.timeUs.length - skip;
  assert(count > 0, `a live message must hold a row, found ${count}`);
  return {
    v: 1,
    type: 'samples',
    run: head.run,
    mode: 'live',
    stored_seq: head.storedSeq,
    at_ms: batch.atWallMs,
    represents: count,
    seq: Array.from({ length: count }, (_, index) => batch.firstSeq + skip + index),
    time_us: batch.timeUs.slice(skip),
    voltage_nv: batch.voltageNv.slice(skip),
    current_pa: batch.currentPa.slice(skip),
    charge_nc: batch.netChargeNc.slice(skip),
    step: Array.from({ length: count }, () => batch.stepNumber),
    flags: batch.flags.slice(skip),
  };
}

export interface CoalescedRows {
  readonly rows: readonly Row[];
  readonly represents: number;
  readonly atWallMs: number;
}

export function coalescedSamples(
  head: SamplesHead,
  { rows, represents, atWallMs }: CoalescedRows,
): SamplesMessage {
  return {
    v: 1,
    type: 'samples',
    run: head.run,
    mode: 'coalesced',
    stored_seq: head.storedSeq,
    at_ms: atWallMs,
    represents,
    seq: rows.map((row) => row.seq),
    time_us: rows.map((row) => row.timeUs),
    voltage_nv: rows.map((row) => row.voltageNv),
    current_pa: rows.map((row) => row.currentPa),
    charge_nc: rows.map((row) => row.netChargeNc),
    step: rows.map((row) => row.step),
    flags: rows.map((row) => row.flags),
  };
}

/** Series as `past` (stream) or `plot` (HTTP): the same columns. */
export function plotMessage<T extends 'past' | 'plot'>(type: T, head: SamplesHead, series: PlotSeries) {
  return {
    v: 1 as const,
    type,
    run: head.run,
    stored_seq: head.storedSeq,
    time_us: [...series.startUs],
    end_us: [...series.endUs],
    count: [...series.count],
    voltage_min_nv: [...series.voltageMinNv],
    voltage_max_nv: [...series.voltageMaxNv],
    current_min_pa: [...series.currentMinPa],
    current_max_pa: [...series.currentMaxPa],
  };
}

export function runInfo(summary: RunSummary): RunInfo {
  const { position } = summary;
  return {
    run: summary.run,
    cycler: summary.cycler,
    channel: summary.channel,
    protocol: summary.protocol,
    cell: summary.cellLabel,
    state: summary.state,
    reason: summary.reason,
    since_ms: summary.sinceWallMs,
    verdict: summary.verdict,
    is_simulated: summary.isSimulated,
    time_scale: summary.timeScale,
    position: position && {
      step_number: position.stepNumber,
      program_step: position.programStep,
      phase: position.phase,
      cycle: position.cycle,
      half: position.half,
      record_every_us: position.recordEveryUs,
    },
    parameters: { ...summary.parameters },
    voltage_error_nv: summary.voltageErrorNv,
    current_error_pa: summary.currentErrorPa,
  };
}

export function stepMessage(feed: StepFeed): ServerMessage {
  const { run } = feed;
  if (feed.event === 'ended') {
    return {
      v: 1,
      type: 'step',
      run,
      event: feed.event,
      step_number: feed.row.stepNumber,
      reason: feed.row.reason,
      time_us: feed.row.endUs,
      voltage_nv: feed.row.voltageNv,
      current_pa: feed.row.currentPa,
      charge_nc: feed.row.endNetChargeNc,
      last_seq: feed.row.lastSeq,
    };
  }
  const { step } = feed.row;
  return {
    v: 1,
    type: 'step',
    run,
    event: feed.event,
    step_number: feed.row.stepNumber,
    program_step: step.programStep,
    phase: step.phase,
    cycle: step.cycle,
    half: step.half,
    current_pa: step.mode.kind === 'cc' ? step.mode.currentPa : 0,
    duration_max_us: step.durationMaxUs,
    record_every_us: step.record.everyUs,
    time_us: feed.row.startUs,
    first_seq: feed.row.firstSeq,
  };
}

export function halfCycleMessage({ run, row }: HalfCycleFeed): ServerMessage {
  return {
    v: 1,
    type: 'half_cycle',
    run,
    number: row.number,
    cycle: row.cycle,
    phase: row.phase,
    half: row.half,
    step_number: row.stepNumber,
    start_us: row.startUs,
    end_us: row.endUs,
    charge_nc: row.chargeNc,
    end_charge_nc: row.endNetChargeNc,
    reason: row.reason,
    plateau_nv: row.plateauNv,
    tip_nv: row.tipNv,
    end_nv: row.endNv,
    is_interrupted: row.isInterrupted,
  };
}

export function gapMessage({ run, row }: GapFeed): ServerMessage {
  return { v: 1, type: 'gap', run, first_seq: row.firstSeq, count: row.count, reason: row.reason };
}
