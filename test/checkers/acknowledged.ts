// I1: what a living daemon was told is stored, is in the file, unchanged: samples, steps, half-cycles, gaps.
import type { Commit } from '../../src/store/run-store.ts';
import type { RunRecord, Trial, Violation } from './evidence.ts';

export function checkAcknowledged({ evidence, runs }: Trial): Violation[] {
  return runs.flatMap((record) => {
    const rows = rowsOf(record);
    const missing = evidence.acknowledged
      .filter(({ run }) => run === record.run)
      .flatMap(({ atMs, commit }) =>
        stored(commit)
          .filter((row) => !rows.has(row))
          .map((row) => `run ${record.run}: acknowledged at ${atMs} ms and not in the file as told: ${row}`),
      );
    return missing.slice(0, 3).map((what) => ({ invariant: 'I1', what }));
  });
}

function rowsOf({ samples, steps, halfCycles, gaps }: RunRecord): ReadonlySet<string> {
  const rows = new Set<string>();
  samples.seq.forEach((seq, index) => {
    const { timeUs, voltageNv, currentPa, netChargeNc, step, flags } = samples;
    const values = [timeUs, voltageNv, currentPa, netChargeNc, step, flags].map((column) => column[index]);
    rows.add(`sample ${[seq, ...values].join(' ')}`);
  });
  for (const { stepNumber, endUs, endNetChargeNc, lastSeq, reason } of steps)
    rows.add(`end of step ${stepNumber}: ${[endUs, endNetChargeNc, lastSeq, reason].join(' ')}`);
  for (const { number, stepNumber, chargeNc, reason } of halfCycles)
    rows.add(`half-cycle ${[number, stepNumber, chargeNc, reason].join(' ')}`);
  for (const { firstSeq, count } of gaps) rows.add(`gap ${firstSeq} ${count}`);
  return rows;
}

function stored({ samples, stepsEnded, halfCycles, gaps }: Commit): string[] {
  const rows: string[] = [];
  for (let index = 0; index < (samples?.count ?? 0); index += 1) {
    if (samples === null) break;
    const { timeUs, voltageNv, currentPa, netChargeNc, step, flags } = samples;
    const values = [timeUs, voltageNv, currentPa, netChargeNc, step, flags].map((column) => column[index]);
    rows.push(`sample ${[samples.firstSeq + index, ...values].join(' ')}`);
  }
  for (const { stepNumber, endUs, endNetChargeNc, lastSeq, reason } of stepsEnded)
    rows.push(`end of step ${stepNumber}: ${[endUs, endNetChargeNc, lastSeq, reason].join(' ')}`);
  for (const { number, stepNumber, chargeNc, reason } of halfCycles)
    rows.push(`half-cycle ${[number, stepNumber, chargeNc, reason].join(' ')}`);
  for (const { firstSeq, count } of gaps) rows.push(`gap ${firstSeq} ${count}`);
  return rows;
}
