// What the stream needs to know of stored runs. The daemon implements it with the store's readers. Every call
// is short (a page, a plot) and synchronous; none of them ever throws, since a file may be absent or busy.

/** null: not measured. */
export type Measured = number | null;

/** Columns of equal length; gaps leave numbers out. */
export interface StoredSamples {
  readonly seq: readonly number[];
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly Measured[];
  readonly currentPa: readonly Measured[];
  readonly netChargeNc: readonly Measured[];
  readonly step: readonly number[];
  readonly flags: readonly number[];
}

/** Lowest and highest of each point, in order of time; columns of equal length. */
export interface PlotSeries {
  readonly startUs: readonly number[];
  readonly endUs: readonly number[];
  readonly voltageMinNv: readonly Measured[];
  readonly voltageMaxNv: readonly Measured[];
  readonly currentMinPa: readonly Measured[];
  readonly currentMaxPa: readonly Measured[];
  /** Samples behind the point. */
  readonly count: readonly number[];
}

export interface PlotRange {
  readonly fromUs: number;
  readonly toUs: number;
  readonly points: number;
}

export interface StoredGap {
  readonly firstSeq: number;
  readonly count: number;
  readonly reason: string;
}

export type HistoryResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly detail: string };

/** Runs are named by id; an id that is not known fails. */
export interface History {
  /** Every number up to here is in the file or lies in a gap; 0: none. */
  storedSeq(run: string): HistoryResult<number>;
  /**
   * Stored samples with `seq` >= fromSeq, rising, at most `limit`; fewer mean that the file holds no more.
   */
  samplesFrom(run: string, fromSeq: number, limit: number): HistoryResult<StoredSamples>;
  plot(run: string, range: PlotRange): HistoryResult<PlotSeries>;
  /** Gaps that begin within `fromSeq`..`toSeq`. */
  gaps(
    run: string,
    range: { readonly fromSeq: number; readonly toSeq: number },
  ): HistoryResult<readonly StoredGap[]>;
  /** What the file says of itself: small JSON for /api/runs/:id. */
  meta(run: string): HistoryResult<Readonly<Record<string, unknown>>>;
}
