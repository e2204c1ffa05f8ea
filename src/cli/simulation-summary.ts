// What `galvanode simulate` says at the end: figures of the sealed record, and beside them the truth that
// only a simulator knows. Reads the file that was just written; never changes it.
import { type CoulombicEfficiency, coulombicEfficiency } from '../analysis/coulombic-efficiency.ts';
import { type Life, lifeOf } from '../analysis/life.ts';
import { derivedOf } from '../analysis/methods/derive.ts';
import { measurementOf } from '../analysis/measurement.ts';
import { shortOnsetUs } from '../analysis/short-floor.ts';
import { roundToUncertainty } from '../analysis/uncertainty.ts';
import { formatQuantity } from '../base/quantity.ts';
import { contentHashOfDigests } from '../store/content-hash.ts';
import { openRunReader, type RunReader } from '../store/readers.ts';
import type { HalfCycle } from '../store/run-store.ts';
import { derivedFigures, derivedLines } from './derived-text.ts';
import { printLine, say } from './output.ts';
import type { SimulationResult } from './simulation.ts';

export type Summary = ReturnType<typeof summarise>;

export function summarise(result: SimulationResult, seed: number) {
  const { halfCycles, verdict, truth } = result;
  const main = halfCycles.filter((half) => half.phase === 'cycling' && !half.isInterrupted);
  const reader = openRunReader(result.path);
  const measurement = measurementOf(reader.meta());
  const { areaCm2 } = measurement;
  const life = lifeOf({ halfCycles, verdict, shortOnsetsUs: shortOnsetsUs(reader) });
  const derived = derivedOf(reader);
  // Of a sealed file the digests are there already.
  const contentHash = contentHashOfDigests(reader.sealRows());
  reader.close();
  return {
    run: result.run,
    path: result.path,
    seed,
    state: result.state,
    verdict,
    reason: result.reason,
    simulatedHours: Number((result.simulatedS / 3600).toFixed(3)),
    cycles: Math.floor(main.length / 2),
    samples: result.samples,
    platedChargeAhPerCm2: Number((sum(main, 'plate') / 3.6e12 / areaCm2).toPrecision(9)),
    chargeImbalancePpm: imbalancePpm(sum(halfCycles, 'strip'), sum(halfCycles, 'plate')),
    trueChargeImbalancePpm: imbalancePpm(truth.stripChargeNc, truth.plateChargeNc),
    // null where both electrodes are zinc and half-cycles end by charge: it would always read 100 %.
    coulombicEfficiency: efficiencyFigures(coulombicEfficiency(halfCycles, measurement)),
    lifeHours: Number(life.currentHours.toFixed(4)),
    life: lifeFigures(life, areaCm2),
    // null where the protocol derives nothing of its own.
    derived: derived === null ? null : derivedFigures(derived),
    wallS: Number(result.wallS.toFixed(3)),
    speedFactor: Math.round(result.simulatedS / result.wallS),
    contentHash,
  };
}

/** In percent, with no digit beyond the uncertainty. */
function efficiencyFigures(efficiency: CoulombicEfficiency | null) {
  if (efficiency === null) return null;
  const { window, cycles, interrupted, unfinished, rested, standardDeviation, uncertainty, first } =
    efficiency;
  const rounded = (ratio: number): number => percentOf(ratio, uncertainty).pct;
  const firstCycle = first === null ? null : percentOf(first.ratio, first.uncertainty);
  return {
    sumPct: rounded(efficiency.sum),
    meanPct: rounded(efficiency.mean),
    uPct: percentOf(efficiency.sum, uncertainty).uPct,
    sdPct: standardDeviation === null ? null : Number((standardDeviation * 100).toPrecision(2)),
    cycles,
    window: { firstCycle: window.firstCycle, lastCycle: window.lastCycle },
    leftOut: { interrupted, unfinished, rested },
    firstCyclePct: firstCycle?.pct ?? null,
    firstCycleUPct: firstCycle?.uPct ?? null,
    cyclesAbove100: efficiency.aboveUnity,
    firstCycleBelow90: efficiency.firstBelow90,
  };
}

function percentOf(ratio: number, uncertainty: number) {
  const { valueText, uncertaintyText } = roundToUncertainty(ratio * 100, uncertainty * 100);
  return { pct: Number(valueText), uPct: Number(uncertaintyText) };
}

/** `isBound`: the cell had not failed when the run ended, and lived at least so long. */
function lifeFigures({ failure, isBound, deviceHours, platedChargeNc }: Life, areaCm2: number) {
  const platedAhPerCm2 = Number((platedChargeNc / 3.6e12 / areaCm2).toPrecision(9));
  return { failure, isBound, deviceHours: Number(deviceHours.toFixed(4)), platedAhPerCm2 };
}

const PAGE = 10_000;

function shortOnsetsUs(reader: RunReader): number[] {
  const onsets: number[] = [];
  for (let fromId = 1; ; ) {
    const events = reader.events(fromId, PAGE);
    onsets.push(...events.map(shortOnsetUs).filter((onsetUs) => onsetUs !== null));
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) return onsets;
    fromId = last.id + 1;
  }
}

function sum(halfCycles: readonly HalfCycle[], half: 'plate' | 'strip'): number {
  return halfCycles.filter((row) => row.half === half).reduce((total, row) => total + row.chargeNc, 0);
}

/** |strip - plate| / plate; null where nothing was plated. */
function imbalancePpm(stripNc: number, plateNc: number): number | null {
  return plateNc === 0 ? null : Number(((Math.abs(stripNc - plateNc) / plateNc) * 1e6).toPrecision(6));
}

export function printSummary(summary: Summary): void {
  const { simulatedHours, cycles, samples, wallS, speedFactor, coulombicEfficiency: efficiency } = summary;
  const plated = formatQuantity(Math.round(summary.platedChargeAhPerCm2 * 3.6e12), 'arealCharge');
  const counted = `${summary.chargeImbalancePpm ?? '-'} ppm on the device's counter`;
  printLine(`${summary.state}: ${summary.verdict ?? '-'} (${summary.reason})`);
  printLine(
    `${simulatedHours} h, ${cycles} cycles, ${samples} samples in ${wallS} s (${speedFactor} x real time)`,
  );
  printLine(`plated ${plated}; imbalance ${counted}, ${summary.trueChargeImbalancePpm ?? '-'} ppm in truth`);
  if (efficiency !== null) {
    const { sumPct, meanPct, uPct } = efficiency;
    const { valueText, uncertaintyText } = roundToUncertainty(sumPct, uPct);
    const mean = `mean of ${efficiency.cycles} cycles: ${roundToUncertainty(meanPct, uPct).valueText} %`;
    printLine(`efficiency ${valueText} % +- ${uncertaintyText} % by the sums, ${mean}`);
  }
  const { failure } = summary.life;
  printLine(
    `life ${failure === null ? '>= ' : ''}${summary.lifeHours} h of current (${failure ?? 'no failure'})`,
  );
  if (summary.derived !== null) for (const line of derivedLines(summary.derived)) printLine(line);
  printLine(`content hash ${summary.contentHash}`);
  say(`look at it: sqlite3 -readonly ${summary.path} 'select * from samples limit 5'`);
}
