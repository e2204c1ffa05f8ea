// I5: charge. Every half-cycle is its step, and they come in turn: none twice, none left out, none beyond its
// target; what was cut off is marked. Samples, steps and (gvn1) the hidden charge of the cell agree within
// what the instrument may be off by.
import type { HalfCycleRow, StepRow } from '../../src/store/row-readers.ts';
import type { RunRecord, Trial, Violation } from './evidence.ts';
import { hiddenChargeOfSteps } from './hidden-charge.ts';

/** Of the charge: source, meter and a clock that drifts, all together. */
const ERROR_SHARE = 0.012;
/** pA: offset of the range, both of source and of meter. */
const OFFSET_PA = 2.5e7;
const NC_PER_PA_US = 1e-9;
/** Both edges of an emulated source: its counter follows the rise, the cell is switched at the end of it. */
const RISE_US = 200;
/** Where an instrument had to be met again, nobody knows better when its current stopped. */
const UNKNOWN_US = 2_000_000;
/** A tick or two of an instrument that finds its target passed. */
const BEYOND_US = 5000;
const PROGRAM_ENDS = new Set([
  ...['voltage-max', 'voltage-min', 'short-floor'],
  ...['net-charge', 'step-charge', 'last-step-charge', 'duration'],
]);

export function checkCharge(trial: Trial): Violation[] {
  const { evidence, runs } = trial;
  const what = runs.flatMap((record) => {
    const hidden = record.instrument.dialect === 'gvn1' ? hiddenChargeOfSteps(record, evidence) : null;
    const found = [
      ...[...rowsAgree(record), ...inTurn(record)],
      ...targets(record, { hidden, absentMs: absentMsOf(record, trial) }),
      ...againstCell(record, hidden),
    ];
    return found.slice(0, 3).map((text) => `run ${record.run}: ${text}`);
  });
  return what.map((found) => ({ invariant: 'I5', what: found }));
}

/** A half-cycle with the steps that made it: one, or several where an outage cut it into parts. */
interface Whole {
  readonly row: HalfCycleRow;
  readonly parts: readonly StepRow[];
}

function wholesOf({ halfCycles, steps }: RunRecord): Whole[] {
  let after = 0;
  return halfCycles.map((row) => {
    const parts = steps.filter(({ half, mode, programStep, stepNumber }) => {
      const isHere = stepNumber > after && stepNumber <= row.stepNumber;
      return isHere && mode === 'cc' && half !== null && programStep !== 'outage-check';
    });
    after = row.stepNumber;
    return { row, parts };
  });
}

/** Half-cycles are numbered in turn; every step of a half that has ended is in one, and in no other. */
function rowsAgree(record: RunRecord): string[] {
  const { halfCycles, steps, samples } = record;
  const wrong: string[] = [];
  const lastOf = halfCycles.at(-1)?.stepNumber ?? 0;
  const stray = steps.find(
    ({ endUs, half, mode, stepNumber }) =>
      half !== null && mode === 'cc' && endUs !== null && stepNumber > lastOf,
  );
  if (stray !== undefined) wrong.push(`step ${stray.stepNumber} has ended and is in no half-cycle`);
  wholesOf(record).forEach(({ row, parts }, index) => {
    const [first, last] = [parts[0], parts.at(-1)];
    const name = `half-cycle ${row.number}`;
    if (row.number !== index + 1) wrong.push(`${name} stands where ${index + 1} is due`);
    if (first === undefined || last === undefined || last.stepNumber !== row.stepNumber)
      return void wrong.push(`${name} is of step ${row.stepNumber}, which is none of a half`);
    if (parts.some(({ cycle, half }) => cycle !== row.cycle || half !== row.half))
      wrong.push(`${name} is made of steps of another one`);
    const chargeNc = Math.abs((last.endNetChargeNc ?? 0) - first.startNetChargeNc);
    if (Math.abs(chargeNc - row.chargeNc) > 1)
      wrong.push(`${name} has ${row.chargeNc} nC, its steps ${chargeNc}`);
    const isCut = parts.length > 1 || !PROGRAM_ENDS.has(row.reason);
    if (isCut && !row.isInterrupted) wrong.push(`${name} was cut (${row.reason}) and is not marked`);
  });
  return [...wrong, ...lastSamples(steps, samples)];
}

/** The last sample of a step that ended by its own rules has the counter of its end. */
function lastSamples(steps: readonly StepRow[], samples: RunRecord['samples']): string[] {
  const at = new Map(samples.seq.map((seq, index) => [seq, index]));
  return steps.flatMap(({ endNetChargeNc, lastSeq, mode, reason, setpointPa, stepNumber }) => {
    const index = lastSeq === null ? undefined : at.get(lastSeq);
    if (mode !== 'cc' || index === undefined || !PROGRAM_ENDS.has(reason ?? '')) return [];
    const apartNc = Math.abs((samples.netChargeNc[index] ?? 0) - (endNetChargeNc ?? 0));
    if (apartNc <= Math.abs(setpointPa ?? 0) * UNKNOWN_US * NC_PER_PA_US) return [];
    return [`step ${stepNumber} ends at ${endNetChargeNc} nC, ${apartNc} nC from its last sample`];
  });
}

function inTurn(record: RunRecord): string[] {
  const rows = record.halfCycles.filter(({ phase }) => phase === 'cycling');
  const wrong = rows.flatMap(({ cycle, half, reason }, index) => {
    const due = { cycle: 1 + Math.floor(index / 2), half: rows[index % 2]?.half };
    const isInTurn = due.cycle === cycle && due.half === half;
    // The operator's wish is an end too, and a half-cycle that had it is marked as cut all the same.
    const isLeftOpen = index < rows.length - 1 && !PROGRAM_ENDS.has(reason) && reason !== 'skipped';
    return [
      ...(isInTurn ? [] : [`${half} ${cycle} stands where ${due.half} ${due.cycle} is due`]),
      ...(isLeftOpen ? [`${half} ${cycle} was cut off, and the next half-cycle came`] : []),
    ];
  });
  if (rows[0] !== undefined && rows[0].half === rows[1]?.half) wrong.push('the same half comes twice');
  const isShortened = Number.isNaN(record.cycles) && rows.length % 2 === 0;
  const isWhole = record.verdict !== 'completed' || isShortened || rows.length === 2 * record.cycles;
  return isWhole ? wrong : [...wrong, `completed with ${rows.length} half-cycles of ${2 * record.cycles}`];
}

/** The longest lease of a story: what an instrument goes on for by itself. */
const LEASE_MS = 10_000;

/**
 * Where the host judges the charge, an instrument goes on without it: for as long as nobody heard it, and no
 * longer than its own bound, should it have one. Where a run held since nobody knew the charge, the operator
 * has let it go on.
 */
function absentMsOf({ events, instrument }: RunRecord, { absentMs }: Trial): number {
  const wasHeld = events.some(({ detail }) => JSON.stringify(detail).includes('no charge is known'));
  if (instrument.dialect === 'gvn1') return wasHeld ? absentMs + LEASE_MS : 0;
  return absentMs;
}

/** The cell is given what is wanted and no more, however often it was interrupted. */
function targets(
  record: RunRecord,
  { hidden, absentMs }: { readonly hidden: ReadonlyMap<number, number> | null; readonly absentMs: number },
): string[] {
  return wholesOf(record).flatMap(({ row, parts }) => {
    const [first] = parts;
    const limits = limitsOf(first);
    const targetNc = limits.netChargeNc;
    if (first === undefined || (targetNc ?? limits.stepChargeNc) === null) return [];
    const plannedNc =
      targetNc === null ? (limits.stepChargeNc ?? 0) : Math.abs(targetNc - first.startNetChargeNc);
    const currentPa = Math.abs(first.setpointPa ?? 0);
    const unknownUs = (parts.length - 1) * UNKNOWN_US + 2 * record.instrument.tickUs + absentMs * 1000;
    const slackNc = currentPa * unknownUs * NC_PER_PA_US + ERROR_SHARE * plannedNc;
    const sawNc = parts.reduce((sum, part) => sum + Math.abs(hidden?.get(part.stepNumber) ?? 0), 0);
    const givenNc = Math.max(row.chargeNc, sawNc);
    const name = `${row.half} ${row.cycle}`;
    if (givenNc > plannedNc + slackNc) return [`${name} was given ${givenNc} nC of ${plannedNc}`];
    if (targetNc === null) return [];
    // One that begins beyond its target, since an order of the operator moved either, ends at once.
    const isBeyond = (targetNc - first.startNetChargeNc) * (first.setpointPa ?? 0) < 0;
    const isAtOnce = isBeyond && row.chargeNc <= currentPa * BEYOND_US * NC_PER_PA_US;
    const isMet = row.reason !== 'net-charge' || Math.abs(row.endNetChargeNc - targetNc) <= slackNc;
    return isMet || isAtOnce ? [] : [`${name} ended at ${row.endNetChargeNc} nC, its target is ${targetNc}`];
  });
}

interface ChargeLimits {
  readonly netChargeNc: number | null;
  readonly stepChargeNc: number | null;
}

function limitsOf(step: StepRow | undefined): ChargeLimits {
  const limits = step?.limits;
  const read = (name: string): number | null => {
    const value = typeof limits === 'object' && limits !== null ? Reflect.get(limits, name) : null;
    return typeof value === 'number' ? value : null;
  };
  return { netChargeNc: read('netChargeNc'), stepChargeNc: read('stepChargeNc') };
}

function againstCell({ steps }: RunRecord, hidden: ReadonlyMap<number, number> | null): string[] {
  if (hidden === null) return [];
  return steps.flatMap(({ chargeNc, endUs, mode, reason, setpointPa, startUs, stepNumber }) => {
    if (mode !== 'cc' || chargeNc === null || endUs === null || !PROGRAM_ENDS.has(reason ?? '')) return [];
    const sawNc = hidden.get(stepNumber) ?? 0;
    const edgesNc = Math.abs(setpointPa ?? 0) * RISE_US * NC_PER_PA_US;
    const offsetNc = OFFSET_PA * (endUs - startUs + 5000) * NC_PER_PA_US;
    const boundNc = ERROR_SHARE * Math.abs(chargeNc) + offsetNc + edgesNc;
    if (Math.abs(sawNc - chargeNc) <= boundNc) return [];
    return [`step ${stepNumber} counts ${chargeNc} nC, and the cell saw ${Math.round(sawNc)} nC`];
  });
}
