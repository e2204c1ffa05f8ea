// Voltage traces straight from the cell model, without instrument, wire or noise: constant-current
// half-cycles that end by charge, by a strip cut-off or by a voltage limit. The cell is asked, never
// stepped.
import type { CellModel } from '../../../firmware-sim/cell/cell-model.ts';
import { createCellModel, describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import type { Point } from './svg.ts';

export interface Cycling {
  readonly cell: string;
  readonly seed?: number;
  readonly densityMAPerCm2: number;
  readonly chargeMAhPerCm2: number;
  readonly halfCycles: number;
  /** Stripping ends where the voltage gets here, and goes on to the next plating. */
  readonly stripCutoffV?: number;
  /** The run ends where |V| gets here. */
  readonly limitV?: number;
}

export interface CellTrace {
  /** Hours and volts. */
  readonly voltage: readonly Point[];
  /** Hours and mS/cm2: conductance of the bridges, which no instrument sees. */
  readonly conductance: readonly Point[];
  readonly halfCycles: readonly HalfCycleTrace[];
}

export interface HalfCycleTrace {
  readonly startH: number;
  readonly chargeMAhPerCm2: number;
  readonly half: 'plate' | 'strip';
}

const AREA_CM2 = 1.13;
/** Dense where a half-cycle begins, and in its last hundredth. */
const SHARES: readonly number[] = [
  ...[1e-6, 3e-5, 1e-4, 3e-4, 6e-4, 1e-3, 2e-3, 3e-3, 5e-3, 7e-3],
  ...Array.from({ length: 99 }, (_, index) => (index + 1) / 100),
  ...[0.992, 0.995, 0.998, 0.999, 1],
];

export function cellOf(name: string, seed = 1): CellModel {
  const description = describeCell(name);
  if (description === null) throw new Error(`no cell ${name}`);
  return createCellModel(description, { seed, cell: 0 });
}

/** Rests for a second, then cycles, plating first. */
export function cycle(plan: Cycling): CellTrace {
  const model = cellOf(plan.cell, plan.seed);
  const halfS = (plan.chargeMAhPerCm2 / plan.densityMAPerCm2) * 3600;
  const voltage: Point[] = [];
  const conductance: Point[] = [];
  const halfCycles: HalfCycleTrace[] = [];
  let [startH, beforeS] = [0, 1];
  for (let index = 0; index < plan.halfCycles; index += 1) {
    const half = index % 2 === 0 ? 'plate' : 'strip';
    const currentA = ((half === 'plate' ? -1 : 1) * plan.densityMAPerCm2 * AREA_CM2) / 1000;
    model.switchTo(beforeS, { kind: 'current', currentA });
    const trace = halfCycle(model, halfS, boundsOf(plan, half));
    for (const { atS, volts, conductanceMs } of trace.points) {
      voltage.push({ x: startH + atS / 3600, y: volts });
      conductance.push({ x: startH + atS / 3600, y: conductanceMs });
    }
    halfCycles.push({ startH, half, chargeMAhPerCm2: (trace.endS * plan.densityMAPerCm2) / 3600 });
    if (trace.hasMetLimit) break;
    startH += trace.endS / 3600;
    beforeS = trace.endS;
  }
  return { voltage, conductance, halfCycles };
}

interface Bounds {
  /** With its sign: a bare substrate rests far above zero before it is plated, and that is no failure. */
  readonly endsV: number;
  readonly endsRun: boolean;
}

function boundsOf({ stripCutoffV, limitV = 10 }: Cycling, half: 'plate' | 'strip'): Bounds {
  if (half === 'strip' && stripCutoffV !== undefined) return { endsV: stripCutoffV, endsRun: false };
  return { endsV: half === 'plate' ? -limitV : limitV, endsRun: true };
}

interface TracedPoint {
  readonly atS: number;
  readonly volts: number;
  readonly conductanceMs: number;
}

function halfCycle(model: CellModel, halfS: number, { endsV, endsRun }: Bounds) {
  const points: TracedPoint[] = [];
  const look = (atS: number): TracedPoint => ({
    atS,
    volts: model.voltageV(atS),
    conductanceMs: model.truth(atS).hidden['shortConductanceMsPerCm2'] ?? 0,
  });
  let insideS = 0;
  for (const share of SHARES) {
    const point = look(share * halfS);
    if (isBeyond(point.volts, endsV)) {
      const endS = crossingS(model, { endsV, insideS, outsideS: point.atS });
      for (const part of [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1])
        points.push(look(insideS + (endS - insideS) * part));
      return { points, endS, hasMetLimit: endsRun };
    }
    points.push(point);
    insideS = point.atS;
  }
  return { points, endS: halfS, hasMetLimit: false };
}

function isBeyond(volts: number, endsV: number): boolean {
  return endsV > 0 ? volts >= endsV : volts <= endsV;
}

function crossingS(
  model: CellModel,
  { endsV, insideS, outsideS }: { endsV: number; insideS: number; outsideS: number },
): number {
  let [low, high] = [insideS, outsideS];
  for (let pass = 0; pass < 40; pass += 1) {
    const middle = (low + high) / 2;
    if (isBeyond(model.voltageV(middle), endsV)) high = middle;
    else low = middle;
  }
  return high;
}
