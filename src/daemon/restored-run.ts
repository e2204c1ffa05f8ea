// A run as an earlier daemon left it, read back from its file: the checkpoint, and what is recorded in rows.
// Read once, before the run's channel is made; never writes.
import { assert } from '../base/assert.ts';
import type { Runner } from '../steps/runner.ts';
import type { RunReader } from '../store/readers.ts';
import type { HalfCycleRow, StepRow } from '../store/row-readers.ts';
import type { ClockSync, StepBegan, StepEnded } from '../store/run-store.ts';
import { type CutHalfCycle, HalfCycleBook } from './half-cycle-book.ts';
import { Progress } from './progress.ts';
import type { OpenStep, RecordedSoFar } from './recorder.ts';
import type { RunCheckpoint } from './run-checkpoint.ts';

export interface RestoredRun {
  readonly checkpoint: RunCheckpoint;
  readonly recorded: RecordedSoFar;
  readonly halfCycles: readonly HalfCycleRow[];
  readonly lastSync: ClockSync | null;
  /** Wall time at which it was created: its time began soon after. */
  readonly createdWallMs: number;
  /** Number of the latest command. */
  readonly commandNumber: number;
  /** Commands of which nobody knows what became: the device is asked, they are never sent again. */
  readonly openCommands: readonly number[];
}

const PAGE = 100_000;

export function readRestoredRun(reader: RunReader, checkpoint: RunCheckpoint, runner: Runner): RestoredRun {
  const progress = new Progress(runner, checkpoint.progress);
  const halfCycles = readHalfCycles(reader);
  const { latest, open } = reader.commands();
  const createdWallMs = reader.meta()['created_wall_ms'];
  assert(typeof createdWallMs === 'number', 'a run knows when it was created');
  return {
    checkpoint,
    recorded: readRecorded(reader, checkpoint, { progress, halfCycles: halfCycles.length }),
    halfCycles,
    lastSync: reader.lastClockSync(),
    createdWallMs,
    commandNumber: latest,
    openCommands: open,
  };
}

function readHalfCycles(reader: RunReader): HalfCycleRow[] {
  const rows: HalfCycleRow[] = [];
  for (let page = reader.halfCycles(1, PAGE); ; page = reader.halfCycles(rows.length + 1, PAGE)) {
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

function readRecorded(
  reader: RunReader,
  checkpoint: RunCheckpoint,
  { progress, halfCycles }: { readonly progress: Progress; readonly halfCycles: number },
): RecordedSoFar {
  const { cutFromStep } = checkpoint.recorder;
  const { stepNumber } = progress.state;
  const steps = reader.steps(cutFromStep ?? Math.max(1, stepNumber - 1), PAGE);
  const openRow = steps.at(-1);
  const endedRow = steps.findLast((row) => row.endUs !== null);
  const cut = cutFromStep === null ? null : cutHalfCycle(reader, steps, progress);
  const book = new HalfCycleBook(halfCycles, cut);
  const open = openRow?.endUs === null ? openStep(reader, { row: openRow, book, progress }) : null;
  assert(open === null || open.began.stepNumber === stepNumber, 'the open step is the one of the checkpoint');
  return {
    ...checkpoint.recorder,
    halfCycles,
    newest: reader.lastSample(),
    lastEnded: endedRow === undefined ? null : endedFrom(endedRow),
    open,
    cut,
  };
}

/** The half-cycle whose parts stand in `steps`, the first of them in front. */
function cutHalfCycle(reader: RunReader, steps: readonly StepRow[], progress: Progress): CutHalfCycle | null {
  const [first] = steps;
  if (first === undefined) return null;
  const parts = steps.filter(({ programStep, endUs }) => programStep === first.programStep && endUs !== null);
  const last = parts.at(-1);
  if (last === undefined) return null;
  const began: StepBegan = { ...first, step: progress.programStep() };
  const collector = new HalfCycleBook(0, null).collectorOf(began);
  if (collector === null) return null;
  for (const part of parts) collect(reader, part, collector);
  return { began, collector, ended: endedFrom(last) };
}

function openStep(
  reader: RunReader,
  {
    row,
    book,
    progress,
  }: { readonly row: StepRow; readonly book: HalfCycleBook; readonly progress: Progress },
): OpenStep {
  const began: StepBegan = { ...row, step: progress.step() };
  const collector = book.collectorOf(began);
  if (collector !== null) collect(reader, row, collector);
  return { began, collector };
}

function collect(reader: RunReader, part: StepRow, collector: NonNullable<OpenStep['collector']>): void {
  let fromSeq = part.firstSeq;
  for (;;) {
    const { seq, step, voltageNv, netChargeNc } = reader.samplesFrom(fromSeq, PAGE);
    for (let index = 0; index < seq.length; index += 1) {
      if (step[index] !== part.stepNumber) return;
      collector.add(voltageNv[index] ?? 0, netChargeNc[index] ?? 0);
    }
    const last = seq.at(-1);
    if (last === undefined || seq.length < PAGE) return;
    fromSeq = last + 1;
  }
}

function endedFrom(row: StepRow): StepEnded {
  const { stepNumber, endUs, endNetChargeNc, lastSeq, reason, endVoltageNv, endCurrentPa } = row;
  assert(endUs !== null && endNetChargeNc !== null, 'a step that ended has a time and a charge');
  assert(lastSeq !== null && reason !== null, 'a step that ended has a last sample and a reason');
  const [voltageNv, currentPa] = [endVoltageNv ?? 0, endCurrentPa ?? 0];
  return { stepNumber, endUs, endNetChargeNc, lastSeq, reason, voltageNv, currentPa };
}
