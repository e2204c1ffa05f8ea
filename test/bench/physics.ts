// How fast the cell model alone is: voltages of a healthy Zn||Zn cell cycled at 1 mA/cm2, 1 mAh/cm2, asked
// at even intervals, reversals and the look-ahead of limits included; no instrument, no wire, no store.
// Baseline: the transcendental functions that no closed form can do without, in a loop of their own.
import { ZincCell } from '../../firmware-sim/cell/zinc-cell.ts';
import { BARE_ZINC_SHORTS, ZINC_DEFAULTS } from '../../firmware-sim/cell/zinc-parameters.ts';
import { median, rounded } from './statistics.ts';

const HALF_CYCLE_S = 3600;
const INTERVALS_S = [1, 10, 60];
const SAMPLES = 1_000_000;
const REPETITIONS = 3;
const HALF_CYCLES_OF_AGEING = 600;

/** Nanoseconds a sample at 1, 10 and 60 s, and microseconds a half-cycle of a cell that shorts; medians. */
export function measurePhysics(say: (text: string) => void) {
  const startMs = performance.now();
  const perSampleNs = new Map(INTERVALS_S.map((intervalS) => [intervalS, [] as number[]]));
  const baselineNs: number[] = [];
  const ageingUs: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    say(`physics: repetition ${repetition + 1} of ${REPETITIONS}`);
    for (const [intervalS, found] of perSampleNs) found.push(sampleNs(intervalS));
    baselineNs.push(transcendentalNs());
    ageingUs.push(ageingHalfCycleUs());
  }
  const at = (intervalS: number): number => median(perSampleNs.get(intervalS) ?? []);
  return {
    nsPerSample: rounded(at(10)),
    nsPerSampleAt1s: rounded(at(1)),
    nsPerSampleAt60s: rounded(at(60)),
    transcendentalNs: rounded(median(baselineNs)),
    ratio: rounded(at(10) / median(baselineNs), 2),
    usPerHalfCycleAgeing: rounded(median(ageingUs), 1),
    samples: SAMPLES,
    wallS: rounded((performance.now() - startMs) / 1000, 1),
  };
}

function sampleNs(intervalS: number): number {
  const cell = new ZincCell({ parameters: ZINC_DEFAULTS, seed: 1, cell: 1 });
  const perHalfCycle = HALF_CYCLE_S / intervalS;
  const halfCycles = Math.ceil(SAMPLES / perHalfCycle);
  const startMs = performance.now();
  let sumV = 0;
  for (let half = 0; half < halfCycles; half += 1) {
    reverse(cell, half);
    for (let index = 1; index <= perHalfCycle; index += 1) sumV += cell.voltageV(index * intervalS);
  }
  return perItemNs(startMs, halfCycles * perHalfCycle, sumV);
}

/** Two inverse hyperbolic sines, a logarithm, an exponential and two square roots. */
function transcendentalNs(): number {
  const startMs = performance.now();
  let sum = 0;
  for (let index = 1; index <= SAMPLES; index += 1) {
    const x = index / SAMPLES;
    sum += Math.asinh(x / Math.sqrt(1 + x)) + Math.asinh(x / Math.sqrt(2 - x)) + Math.log1p(x) + Math.exp(-x);
  }
  return perItemNs(startMs, SAMPLES, sum);
}

/** A cell whose shorts come twenty times as early as those of bare zinc: half of its life is shorted. */
function ageingHalfCycleUs(): number {
  const shorts = { ...BARE_ZINC_SHORTS, scaleCPerCm2: BARE_ZINC_SHORTS.scaleCPerCm2 / 20 };
  const cell = new ZincCell({ parameters: { ...ZINC_DEFAULTS, shorts }, seed: 1, cell: 1 });
  const startMs = performance.now();
  let sumV = 0;
  for (let half = 0; half < HALF_CYCLES_OF_AGEING; half += 1) {
    reverse(cell, half);
    for (let elapsedS = 60; elapsedS <= HALF_CYCLE_S; elapsedS += 60) sumV += cell.voltageV(elapsedS);
  }
  return perItemNs(startMs, HALF_CYCLES_OF_AGEING, sumV) / 1000;
}

/** As the board does it: the limits of the coming half-cycle are looked for at once. */
function reverse(cell: ZincCell, half: number): void {
  const currentA = (half % 2 === 0 ? -1e-3 : 1e-3) * ZINC_DEFAULTS.areaCm2;
  cell.switchTo(half === 0 ? 0 : HALF_CYCLE_S, { kind: 'current', currentA });
  cell.voltageRangeV(0, HALF_CYCLE_S);
}

/** The sum is looked at, so that nothing of the loop is left out by the compiler. */
function perItemNs(startMs: number, items: number, sum: number): number {
  const ns = ((performance.now() - startMs) * 1e6) / items;
  if (!Number.isFinite(sum)) throw new Error('a voltage was not finite');
  return ns;
}
