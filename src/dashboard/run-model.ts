// What the page knows of one run: its entry, its newest reading with its age, and its two curves.
// Fed by the bench with messages, read by the card. No DOM. Times are compared on the server's clock only.
import type { RunInfo, ServerMessage } from '../stream/messages.ts';
import { PlotBuffer } from './plot-buffer.ts';

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;
export type Curve = Pick<
  MessageOf<'past'>,
  'time_us' | 'end_us' | 'voltage_min_nv' | 'voltage_max_nv' | 'current_min_pa' | 'current_max_pa'
>;

/** `recent` keeps its full detail; `whole` is thinned as it grows. */
export type Span = 'recent' | 'whole';
export const RECENT_HOURS = 12;

const US_PER_HOUR = 3_600_000_000;
const NV_PER_MV = 1_000_000;
const STALE_MS = 3_000;
const STALE_INTERVALS = 3;

export interface Reading {
  readonly voltageNv: number | null;
  readonly currentPa: number | null;
  /** Server's wall time of its arrival; null: read from the file. */
  readonly atMs: number | null;
}

export type Freshness =
  | { readonly kind: 'none' }
  | { readonly kind: 'stored' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'live' | 'stale'; readonly ageMs: number };

const ENDED_STATES: ReadonlySet<string> = new Set(['done', 'stopped', 'failed']);

export function isEnded(state: string): boolean {
  return ENDED_STATES.has(state);
}

export class RunModel {
  info: RunInfo;
  reading: Reading | null = null;
  readonly curves: Readonly<Record<Span, PlotBuffer>> = { recent: new PlotBuffer(), whole: new PlotBuffer() };

  constructor(info: RunInfo) {
    this.info = info;
  }

  /** Replaces both curves; returns the time in s from which the recent one wants more detail, or null. */
  receivePast(past: Curve): number | null {
    fillCurve(this.curves.whole, past);
    fillCurve(this.curves.recent, past);
    this.#trim();
    const last = past.time_us.length - 1;
    if (last < 0) return null;
    if (this.reading === null || this.reading.atMs === null) this.reading = lastOf(past, last);
    const lastHours = this.curves.whole.lastTime;
    const firstHours = this.curves.whole.times[0] ?? lastHours;
    return lastHours - firstHours > RECENT_HOURS ? (lastHours - RECENT_HOURS) * 3600 : null;
  }

  /** Detail of the last hours, read separately; keeps what has come since. */
  receiveRecent(detail: Curve): void {
    const { times, values } = this.curves.recent;
    fillCurve(this.curves.recent, detail);
    times.forEach((time, index) => this.curves.recent.push(time, values[index] ?? Number.NaN));
    this.#trim();
  }

  receiveSamples(message: MessageOf<'samples'>): void {
    message.time_us.forEach((timeUs, index) => {
      const voltageNv = message.voltage_nv[index] ?? null;
      if (voltageNv !== null) this.#push(timeUs / US_PER_HOUR, voltageNv / NV_PER_MV);
    });
    const last = message.seq.length - 1;
    if (last < 0) return;
    const [voltageNv, currentPa] = [message.voltage_nv[last] ?? null, message.current_pa[last] ?? null];
    this.reading = { voltageNv, currentPa, atMs: message.at_ms };
    this.#trim();
  }

  receiveState(message: MessageOf<'state'>): void {
    const { state, reason, since_ms, verdict } = message;
    this.info = { ...this.info, state, reason, since_ms, verdict };
  }

  receiveStep(message: MessageOf<'step'>): void {
    if (message.event !== 'began') return;
    const { step_number, program_step, phase, cycle, half, record_every_us } = message;
    this.info = {
      ...this.info,
      position: { step_number, program_step, phase, cycle, half, record_every_us },
    };
  }

  /** A value is stale after three record intervals, in real time, and never before three seconds. */
  freshness(serverNowMs: number): Freshness {
    if (this.reading === null) return { kind: 'none' };
    if (isEnded(this.info.state)) return { kind: 'ended' };
    if (this.reading.atMs === null) return { kind: 'stored' };
    const ageMs = Math.max(0, serverNowMs - this.reading.atMs);
    const intervalMs = (this.info.position?.record_every_us ?? 0) / 1000 / this.info.time_scale;
    return { kind: ageMs > Math.max(STALE_MS, STALE_INTERVALS * intervalMs) ? 'stale' : 'live', ageMs };
  }

  #push(hours: number, voltageMv: number): void {
    this.curves.whole.push(hours, voltageMv);
    this.curves.recent.push(hours, voltageMv);
  }

  #trim(): void {
    this.curves.recent.dropBefore(this.curves.recent.lastTime - RECENT_HOURS);
  }
}

function fillCurve(buffer: PlotBuffer, curve: Curve): void {
  buffer.clear();
  curve.time_us.forEach((startUs, index) => {
    const min = curve.voltage_min_nv[index] ?? null;
    const max = curve.voltage_max_nv[index] ?? null;
    if (min === null || max === null) return;
    const end = (curve.end_us[index] ?? startUs) / US_PER_HOUR;
    buffer.pushRange({ start: startUs / US_PER_HOUR, end, min: min / NV_PER_MV, max: max / NV_PER_MV });
  });
}

/** The last point stands for several samples, as a rule alike; good enough until a live one comes. */
function lastOf(past: Curve, last: number): Reading {
  return {
    voltageNv: past.voltage_max_nv[last] ?? null,
    currentPa: past.current_max_pa[last] ?? null,
    atMs: null,
  };
}
