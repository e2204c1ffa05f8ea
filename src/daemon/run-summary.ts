// What lists and pages show of a run: made from its description when it starts, from the catalog when it is
// over.
import type { CatalogRun } from '../store/catalog-reader.ts';
import type { RunReader } from '../store/readers.ts';
import type { RunDescription } from '../store/run-store.ts';
import type { RunSummary } from '../stream/feed.ts';

/** Of a run that is being started; state, reason and since are the caller's. */
export function summaryOf(
  description: RunDescription,
  path: string,
): Omit<RunSummary, 'state' | 'reason' | 'sinceWallMs'> {
  const { run, cycler, channel, protocol, cell, isSimulated, timeScale, instrument, parameters } =
    description;
  return {
    run,
    path,
    cycler,
    channel,
    protocol: protocol.name,
    cellLabel: cell.sampleId,
    isSimulated,
    timeScale,
    verdict: null,
    position: null,
    parameters: plainParameters(parameters),
    voltageErrorNv: instrument.voltageErrorNv,
    currentErrorPa: instrument.currentErrorPa,
  };
}

/** Of a run of an earlier daemon. What its file knows beyond this is read from the file. */
export function summaryFromCatalog(run: CatalogRun): RunSummary {
  const { path, cycler, channel, protocol, state, reason, sinceWallMs, isSimulated, timeScale, verdict } =
    run;
  return {
    run: run.run,
    ...{ path, cycler, channel, protocol, state, reason, sinceWallMs, isSimulated, timeScale, verdict },
    cellLabel: run.cell.sampleId,
    position: null,
    parameters: {},
    voltageErrorNv: null,
    currentErrorPa: null,
  };
}

/** What only the file of such a run knows: parameters, and the errors of its instrument. */
export function summaryFromFile(reader: RunReader): Partial<RunSummary> {
  const { parameters, instrument } = reader.meta();
  const errors = isRecord(instrument) ? instrument : {};
  const bound = (name: string): number | null => {
    const value = errors[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    parameters: isRecord(parameters) ? plainParameters(parameters) : {},
    voltageErrorNv: bound('voltageErrorNv'),
    currentErrorPa: bound('currentErrorPa'),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function plainParameters(
  parameters: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(parameters)) {
    plain[name] = typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
  }
  return plain;
}
