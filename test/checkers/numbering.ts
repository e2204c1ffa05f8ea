// I2: numbers of a run go up by one or lie in a gap that is recorded; samples belong to their steps and times
// rise; and, where the instrument numbers its own (gvn1), every stored sample is one that it took, and every
// one that it told is stored, or lies in a recorded gap or outage.
import type { StepRow } from '../../src/store/row-readers.ts';
import type { Evidence, RunRecord, Trial, Violation } from './evidence.ts';
import { framesOf, samplesOf } from './gvn1-frames.ts';

export function checkNumbering({ evidence, runs }: Trial): Violation[] {
  const what = runs.flatMap((record) => {
    const found = [
      ...holes(record),
      ...stepsInTurn(record),
      ...outOfStep(record),
      ...needlessGaps(record),
      ...againstTruth(record, evidence),
    ];
    return found.slice(0, 3).map((text) => `run ${record.run}: ${text}`);
  });
  return what.map((found) => ({ invariant: 'I2', what: found }));
}

function holes({ samples, gaps }: RunRecord): string[] {
  const ranges = [
    ...samples.seq.map((seq) => ({ from: seq, to: seq })),
    ...gaps.map(({ firstSeq, count }) => ({ from: firstSeq, to: firstSeq + count - 1 })),
  ].sort((a, b) => a.from - b.from);
  let next = 1;
  for (const { from, to } of ranges) {
    if (from !== next) return [`seq goes on with ${from} where ${next} is due, and no gap says so`];
    next = to + 1;
  }
  return [];
}

/** A device that cannot have forgotten anything was not asked, or not heard. */
function needlessGaps({ gaps, instrument }: RunRecord): string[] {
  if (instrument.dialect !== 'gvn1' || instrument.mayForget) return [];
  const needless = gaps.filter(({ reason }) => reason.startsWith('no longer in the ring'));
  return needless.map(
    ({ count, firstSeq }) => `a gap of ${count} at ${firstSeq}, and the device has them all`,
  );
}

function stepsInTurn({ gaps, steps }: RunRecord): string[] {
  return steps.flatMap(({ stepNumber, firstSeq, lastSeq, startUs, endUs, endNetChargeNc }, index) => {
    const next = steps[index + 1];
    const wrong: string[] = [];
    if (stepNumber !== index + 1) wrong.push(`step ${stepNumber} stands where ${index + 1} is due`);
    if (endUs !== null && endUs < startUs) wrong.push(`step ${stepNumber} ends before it starts`);
    if (next === undefined) return wrong;
    if (endUs === null) wrong.push(`step ${stepNumber} has no end, and step ${next.stepNumber} has begun`);
    else if (next.startUs < endUs) wrong.push(`step ${next.stepNumber} starts before the one before it ends`);
    if (lastSeq !== null && next.firstSeq !== pastGaps(gaps, lastSeq + 1, next.firstSeq))
      wrong.push(`step ${next.stepNumber} begins with sample ${next.firstSeq} behind ${lastSeq}`);
    if (endNetChargeNc !== null && next.startNetChargeNc !== endNetChargeNc)
      wrong.push(`step ${next.stepNumber} starts at ${next.startNetChargeNc} nC behind ${endNetChargeNc} nC`);
    if (firstSeq > next.firstSeq) wrong.push(`step ${next.stepNumber} begins before step ${stepNumber}`);
    return wrong;
  });
}

/** From `seq` on, and behind the gaps there that begin before `untilSeq`: its first samples may be lost. */
function pastGaps(gaps: RunRecord['gaps'], seq: number, untilSeq: number): number {
  const gap = gaps.find(({ firstSeq }) => firstSeq === seq && firstSeq < untilSeq);
  return gap === undefined ? seq : pastGaps(gaps, gap.firstSeq + gap.count, untilSeq);
}

function outOfStep({ samples, steps }: RunRecord): string[] {
  const byNumber = new Map(steps.map((step) => [step.stepNumber, step]));
  const wrong: string[] = [];
  samples.seq.forEach((seq, index) => {
    const [step, timeUs] = [samples.step[index] ?? 0, samples.timeUs[index] ?? 0];
    const row = byNumber.get(step);
    const before = samples.timeUs[index - 1] ?? Number.NEGATIVE_INFINITY;
    if (timeUs <= before) wrong.push(`sample ${seq} at ${timeUs} us is not after the one before it`);
    if (row === undefined || !isInside(row, seq, timeUs))
      wrong.push(`sample ${seq} at ${timeUs} us is outside its step ${step}`);
  });
  return wrong;
}

function isInside({ firstSeq, lastSeq, startUs, endUs }: StepRow, seq: number, timeUs: number): boolean {
  const isLate = (lastSeq !== null && seq > lastSeq) || (endUs !== null && timeUs > endUs);
  return seq >= firstSeq && timeUs > startUs && !isLate;
}

/** What the instrument said before the line could touch it. */
function againstTruth(record: RunRecord, { said }: Evidence): string[] {
  const { channel, events, gaps, instrument, samples, steps } = record;
  if (instrument.dialect !== 'gvn1') return [];
  const taken = new Map<string, number>();
  for (const { frame } of framesOf(said, instrument.name)) {
    for (const { n, step, voltageNv, currentPa } of samplesOf(frame, channel))
      taken.set(keyOf(step, voltageNv, currentPa), n);
  }
  const kept = new Map<number, number>();
  const foreign: string[] = [];
  samples.seq.forEach((seq, index) => {
    const step = samples.step[index] ?? 0;
    kept.set(step, (kept.get(step) ?? 0) + 1);
    if (!taken.has(keyOf(step, samples.voltageNv[index] ?? 0, samples.currentPa[index] ?? 0)))
      foreign.push(`sample ${seq} of step ${step} is none that the instrument took`);
  });
  const isAllThere = events.every(({ kind }) => kind !== 'outage' && kind !== 'incomplete');
  const lost = isAllThere ? missing(steps, { taken, kept, gaps }) : [];
  return [...foreign, ...lost];
}

function missing(
  steps: readonly StepRow[],
  found: {
    readonly taken: ReadonlyMap<string, number>;
    readonly kept: ReadonlyMap<number, number>;
    readonly gaps: RunRecord['gaps'];
  },
): string[] {
  const { taken, kept, gaps } = found;
  const counts = new Map<number, Set<number>>();
  for (const [key, n] of taken) {
    const step = Number(key.split(' ')[0]);
    counts.set(step, (counts.get(step) ?? new Set()).add(n));
  }
  return steps.flatMap(({ stepNumber, firstSeq, lastSeq }) => {
    const told = counts.get(stepNumber)?.size ?? 0;
    const inGap = gaps
      .filter(
        (gap) => gap.firstSeq <= (lastSeq ?? Number.POSITIVE_INFINITY) && gap.firstSeq + gap.count > firstSeq,
      )
      .reduce((sum, { count }) => sum + count, 0);
    const lacking = told - (kept.get(stepNumber) ?? 0) - inGap;
    return lacking > 0 ? [`${lacking} samples of step ${stepNumber} were told and are nowhere`] : [];
  });
}

function keyOf(step: number, voltageNv: number, currentPa: number): string {
  return `${step} ${voltageNv} ${currentPa}`;
}
