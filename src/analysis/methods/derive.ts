// What a protocol derives from a finished run: one function for each name of the closed list. Reads the run,
// changes nothing; a run whose protocol derives nothing of its own has no figures.
import { z } from 'zod';
import { DERIVED, type Derived } from '../../steps/derived.ts';
import type { RunReader } from '../../store/readers.ts';
import { calendarFigures } from './calendar-loss.ts';
import { conductanceFigures } from './conductance.ts';
import { criticalFigures } from './critical-current.ts';
import { depthFigures } from './depth-of-discharge.ts';
import { efficiencyFigures, reservoirFigures } from './efficiency.ts';
import type { Figure } from './figure.ts';
import { capacityFigures, gittFigures } from './full-cell.ts';
import { nucleationFigures } from './nucleation.ts';
import {
  impedanceFigures,
  tafelFigures,
  transferenceFigures,
  transientFigures,
  voltammetryFigures,
} from './potentiostatic.ts';
import { pulseFigures } from './pulse-resistance.ts';
import { rateFigures } from './rate-capability.ts';
import { recordOf, type RunRecord } from './run-record.ts';
import { cyclingFigures, temperatureFigures } from './symmetric.ts';

export interface Derivation {
  readonly kind: Derived;
  readonly figures: readonly Figure[];
}

const METHODS: Readonly<Record<Derived, (record: RunRecord) => readonly Figure[]>> = {
  efficiency: efficiencyFigures,
  'reservoir-efficiency': reservoirFigures,
  'calendar-loss': calendarFigures,
  'rate-capability': rateFigures,
  nucleation: nucleationFigures,
  'depth-of-discharge': depthFigures,
  'critical-current': criticalFigures,
  'pulse-resistance': pulseFigures,
  conductance: conductanceFigures,
  capacity: capacityFigures,
  gitt: gittFigures,
  cycling: cyclingFigures,
  'temperature-series': temperatureFigures,
  transient: transientFigures,
  voltammetry: voltammetryFigures,
  tafel: tafelFigures,
  transference: transferenceFigures,
  impedance: impedanceFigures,
};

/** Figures of `kind`. Throws STORE_FAILED where the file does not say with what the run was measured. */
export function deriveFrom(kind: Derived, reader: RunReader): Derivation {
  return { kind, figures: METHODS[kind](recordOf(reader)) };
}

const META = z.object({ protocol: z.object({ derives: z.enum(DERIVED).nullable() }) });

/**
 * What the run's own protocol derives; null: nothing of its own, a run that is not finished, or a file from
 * before it was kept.
 */
export function derivedOf(reader: RunReader): Derivation | null {
  if (!reader.isSealed()) return null;
  const meta = META.safeParse(reader.meta());
  const kind = meta.success ? meta.data.protocol.derives : null;
  return kind === null ? null : deriveFrom(kind, reader);
}
