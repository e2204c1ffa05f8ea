// Rows for the store's tests: a run description, commits that fit together, and folders that vanish.
// Not a test itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { normalAt, randomKey } from '../../../src/base/prng.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { SampleColumns } from '../../../src/samples/sample-buffer.ts';
import { NO_LIMITS, type Step } from '../../../src/steps/step.ts';
import { type InlineOpenResult, type InlineRunStore, InlineStore } from '../../../src/store/inline-store.ts';
import type {
  Commit,
  HalfCycle,
  RunDescription,
  StepBegan,
  StepEnded,
  StoreResult,
} from '../../../src/store/run-store.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const RUN = '01KDVDNR00000000000000000A';

export function descriptionOf(changes: Partial<RunDescription> = {}): RunDescription {
  return {
    run: RUN,
    createdWallMs: 1_767_225_600_000,
    protocol: { name: 'symmetric-cycling', version: 1, sourceHash: 'abc' },
    parameters: { currentDensity: '1 mA/cm2' },
    cell: {
      areaCm2: 1.13,
      sampleId: 'Zn-42',
      workingElectrode: 'Zn',
      counterElectrode: 'Zn',
      electrolyte: '2 M ZnSO4',
      separator: 'glass fibre',
      operator: null,
      notes: null,
    },
    cycler: 'sim0',
    channel: 1,
    instrument: { dialect: 'gvn1', voltageErrorNv: 1_000_000, currentErrorPa: 1_000_000 },
    isSimulated: true,
    timeScale: 1,
    meta: { seed: 7 },
    ...changes,
  };
}

export const EMPTY_COMMIT: Commit = {
  samples: null,
  stepsBegan: [],
  stepsEnded: [],
  halfCycles: [],
  events: [],
  commands: [],
  clockSyncs: [],
  aux: [],
  impedance: [],
  gaps: [],
  checkpoint: null,
  state: null,
};

export function commitOf(changes: Partial<Commit>): Commit {
  return { ...EMPTY_COMMIT, ...changes };
}

/**
 * Samples every 10 s of a square wave with noise; what number `seq` holds never depends on how they are
 * cut.
 */
export function samplesOf(firstSeq: number, count: number, seed = 1): SampleColumns {
  const key = randomKey(seed, 'fixture');
  const column = (value: (seq: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => value(firstSeq + index));
  const sign = (seq: number): number => (stepOf(seq) % 2 === 0 ? 1 : -1);
  return {
    firstSeq,
    count,
    timeUs: column((seq) => seq * 10_000_000),
    voltageNv: column((seq) => sign(seq) * 48_000_000 + Math.round(1e5 * normalAt(key, seq))),
    currentPa: column((seq) => sign(seq) * 1_130_000_000 + Math.round(1e4 * normalAt(key, -seq))),
    netChargeNc: column((seq) => seq * 11_300),
    step: column(stepOf),
    flags: column(() => 0),
  };
}

export const SAMPLES_A_STEP = 360;

export function stepOf(seq: number): number {
  return Math.floor((seq - 1) / SAMPLES_A_STEP) + 1;
}

export const PLATING: Step = {
  programStep: 'plating',
  phase: 'cycling',
  cycle: 1,
  half: 'plate',
  completesCycle: false,
  mode: { kind: 'cc', currentPa: -1_130_000_000 },
  durationMaxUs: 7_200_000_000,
  durationExpectedUs: 3_600_000_000,
  limits: { ...NO_LIMITS, stepChargeNc: 4_068_000_000 },
  record: { everyUs: 10_000_000, voltageDeltaNv: null, currentDeltaPa: null },
  allowsLookAhead: true,
};

export function beganOf(stepNumber: number): StepBegan {
  const firstSeq = (stepNumber - 1) * SAMPLES_A_STEP + 1;
  const step = { ...PLATING, cycle: Math.ceil(stepNumber / 2) };
  return { stepNumber, startUs: firstSeq * 10_000_000, startNetChargeNc: 0, firstSeq, step };
}

export function endedOf(stepNumber: number): StepEnded {
  const lastSeq = stepNumber * SAMPLES_A_STEP;
  const ends = { endUs: lastSeq * 10_000_000, endNetChargeNc: -4_068_000_000, lastSeq };
  return { stepNumber, ...ends, reason: 'step-charge', voltageNv: -48_000_000, currentPa: -1_130_000_000 };
}

export function halfCycleOf(number: number): HalfCycle {
  const { startUs, step } = beganOf(number);
  return {
    number,
    cycle: step.cycle,
    phase: step.phase,
    half: 'plate',
    stepNumber: number,
    startUs,
    endUs: endedOf(number).endUs,
    chargeNc: 4_068_000_000,
    endNetChargeNc: -4_068_000_000,
    reason: 'step-charge',
    plateauNv: 48_000_000,
    tipNv: 61_000_000,
    endNv: 48_000_000,
    isInterrupted: false,
  };
}

/** One whole step: its beginning, its samples, its end, its half-cycle and where the run stands. */
export function wholeStep(stepNumber: number, seed = 1): Commit {
  return commitOf({
    samples: samplesOf((stepNumber - 1) * SAMPLES_A_STEP + 1, SAMPLES_A_STEP, seed),
    stepsBegan: [beganOf(stepNumber)],
    stepsEnded: [endedOf(stepNumber)],
    halfCycles: [halfCycleOf(stepNumber)],
    checkpoint: { version: 1, stepNumber, body: { cycle: stepNumber } },
  });
}

/** A run in a data folder of its own, by the inline store in virtual time; each call waits for its answer. */
export class StoreRig {
  readonly clock = new VirtualClock();
  readonly dataPath = temporaryFolder();
  readonly store = new InlineStore({
    ...{ clock: this.clock, durability: 'off', target: { dataPath: this.dataPath } },
  });
  run = runOf(this.#told((done) => this.store.createRun(descriptionOf(), done)));

  commit(commit: Commit): StoreResult {
    return this.#told((done) => this.run.commit(commit, done));
  }

  seal(): StoreResult {
    return this.#told((done) => this.run.seal(done));
  }

  close(): void {
    this.#told<null>((done) => this.store.close(() => done(null)));
  }

  openAgain(): InlineOpenResult {
    return this.#told((done) => this.store.openRun(RUN, done));
  }

  /** As a daemon that starts again. */
  reopen(): void {
    this.close();
    this.run = runOf(this.openAgain());
  }

  #told<Result>(start: (done: (result: Result) => void) => void): Result {
    const results: Result[] = [];
    start((result) => results.push(result));
    this.clock.runUntil(() => results.length > 0);
    const [result] = results;
    if (result === undefined) throw new Error('it was never told');
    return result;
  }
}

function runOf(opened: InlineOpenResult): InlineRunStore {
  if (!opened.ok) throw new Error(opened.detail);
  return opened.store;
}
