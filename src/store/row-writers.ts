// Prepared statements for everything of a commit that is not a sample: one function per table.
// Column order here is the order of the schema; the meaning of the columns is written there.
// Runs inside the commit's transaction; never opens one.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { StepMode } from '../steps/step.ts';
import type { RollupRow } from './pyramid.ts';
import type {
  AuxRow,
  Checkpoint,
  ClockSync,
  CommandRow,
  HalfCycle,
  ImpedanceRow,
  RunEvent,
  RunStateRow,
  SampleGap,
  StepBegan,
  StepEnded,
} from './run-store.ts';
import { createWireWriter } from './wire-rows.ts';

export interface RowWriters {
  readonly stepBegan: (row: StepBegan) => void;
  readonly stepEnded: (row: StepEnded) => void;
  readonly halfCycle: (row: HalfCycle) => void;
  readonly event: (row: RunEvent) => void;
  readonly command: (row: CommandRow) => void;
  readonly clockSync: (row: ClockSync) => void;
  readonly aux: (row: AuxRow) => void;
  readonly impedance: (row: ImpedanceRow) => void;
  readonly gap: (row: SampleGap) => void;
  readonly rollup: (row: RollupRow) => void;
  readonly wire: (lines: readonly string[]) => void;
  readonly checkpoint: (row: Checkpoint) => void;
  readonly state: (row: RunStateRow) => void;
  readonly progress: (row: { readonly commits: number; readonly nextSeq: number }) => void;
}

export function createRowWriters(db: Database.Database): RowWriters {
  const clockSync = db.prepare(
    'INSERT INTO clock_sync (t_us, wall_ms, source, error_us) VALUES (?, ?, ?, ?)',
  );
  const aux = db.prepare(
    'INSERT INTO aux (t_us, error_us, name, kind, temperature_uk, text) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const impedance = db.prepare<[ImpedanceRow]>(
    `INSERT INTO impedance (step, t_us, f_mhz, re_uohm, im_uohm)
     VALUES (@stepNumber, @timeUs, @frequencyMilliHz, @realMicroOhm, @imaginaryMicroOhm)`,
  );
  const gap = db.prepare('INSERT INTO gap (first_seq, count, reason) VALUES (?, ?, ?)');
  const event = db.prepare('INSERT INTO event (t_us, kind, detail) VALUES (?, ?, ?)');
  const rollup = db.prepare<[RollupRow]>(
    `INSERT INTO rollup (level, bucket, n, t0, t1, vmin, vmax, imin, imax) VALUES (${marks(9)})`,
  );
  return {
    ...createStepWriters(db),
    ...createCheckpointWriters(db),
    halfCycle: createHalfCycleWriter(db),
    command: createCommandWriter(db),
    event: (row) => event.run(row.timeUs, row.kind, JSON.stringify(row.detail)),
    clockSync: (row) => clockSync.run(row.timeUs, row.wallMs, row.source, row.errorUs),
    aux: ({ timeUs, errorUs, name, value }) => {
      const temperatureUk = value.kind === 'temperature' ? value.temperatureUk : null;
      const text = value.kind === 'marker' ? value.text : null;
      aux.run(timeUs, errorUs, name, value.kind, temperatureUk, text);
    },
    impedance: (row) => impedance.run(row),
    gap: (row) => gap.run(row.firstSeq, row.count, row.reason),
    rollup: (row) => rollup.run(row),
    wire: createWireWriter(db),
  };
}

function createStepWriters(db: Database.Database): Pick<RowWriters, 'stepBegan' | 'stepEnded'> {
  const began = db.prepare(
    `INSERT INTO step_log (step, program_step, phase, cycle, half, completes_cycle, mode, setpoint_pa,
       duration_max_us, limits, record, allows_look_ahead, start_us, start_q_nc, first_seq)
     VALUES (${marks(15)})`,
  );
  const ended = db.prepare(
    `UPDATE step_log SET end_us = ?, end_q_nc = ?, charge_nc = ? - start_q_nc, last_seq = ?, reason = ?,
       end_v_nv = ?, end_i_pa = ? WHERE step = ? AND end_us IS NULL`,
  );
  const modeOf = db.prepare('INSERT INTO step_mode (step, setpoint_nv, mode) VALUES (?, ?, ?)');
  return {
    stepBegan: ({ stepNumber, startUs, startNetChargeNc, firstSeq, step }) => {
      const { programStep, phase, cycle, half, mode, durationMaxUs } = step;
      const setpointPa = mode.kind === 'cc' ? mode.currentPa : null;
      const rules = [JSON.stringify(step.limits), JSON.stringify(step.record), Number(step.allowsLookAhead)];
      began.run(
        ...[stepNumber, programStep, phase, cycle, half, Number(step.completesCycle), mode.kind, setpointPa],
        ...[durationMaxUs, ...rules, startUs, startNetChargeNc, firstSeq],
      );
      if (mode.kind === 'rest' || mode.kind === 'cc') return;
      modeOf.run(stepNumber, setpointNvOf(mode), JSON.stringify(mode));
    },
    stepEnded: (row) => {
      const { endUs, endNetChargeNc, lastSeq, reason, voltageNv, currentPa, stepNumber } = row;
      const { changes } = ended.run(
        ...[endUs, endNetChargeNc, endNetChargeNc, lastSeq, reason, voltageNv, currentPa, stepNumber],
      );
      assert(changes === 1, `step ${stepNumber} must have begun and not ended`);
    },
  };
}

/** null: a spectrum under a current sets none. */
function setpointNvOf(mode: Exclude<StepMode, { readonly kind: 'rest' | 'cc' }>): number | null {
  switch (mode.kind) {
    case 'cv':
      return mode.voltageNv;
    case 'sweep':
      return mode.fromNv;
    case 'eis':
      return mode.bias.kind === 'voltage' ? mode.bias.voltageNv : null;
  }
}

function createHalfCycleWriter(db: Database.Database): RowWriters['halfCycle'] {
  const insert = db.prepare(
    `INSERT INTO half_cycle (number, cycle, phase, half, step, start_us, end_us, charge_nc, end_q_nc, reason,
       plateau_nv, tip_nv, end_nv, is_interrupted) VALUES (${marks(14)})`,
  );
  return (row) => {
    const where = [row.number, row.cycle, row.phase, row.half, row.stepNumber, row.startUs, row.endUs];
    const charge = [row.chargeNc, row.endNetChargeNc, row.reason];
    insert.run(...where, ...charge, row.plateauNv, row.tipNv, row.endNv, Number(row.isInterrupted));
  };
}

function createCommandWriter(db: Database.Database): RowWriters['command'] {
  const intent = db.prepare('INSERT INTO command (number, command, tree) VALUES (?, ?, ?)');
  const result = db.prepare('UPDATE command SET result = ? WHERE number = ? AND result IS NULL');
  return (row) => {
    switch (row.type) {
      case 'intent':
        intent.run(row.number, row.command, row.tree === null ? null : JSON.stringify(row.tree));
        return;
      case 'result':
        assert(
          result.run(row.result, row.number).changes === 1,
          `command ${row.number} must have an open intent`,
        );
        return;
    }
  };
}

function createCheckpointWriters(
  db: Database.Database,
): Pick<RowWriters, 'checkpoint' | 'state' | 'progress'> {
  const checkpoint = db.prepare('UPDATE checkpoint SET version = ?, step = ?, body = ? WHERE id = 1');
  const state = db.prepare('UPDATE checkpoint SET state = ?, reason = ?, verdict = ? WHERE id = 1');
  const progress = db.prepare('UPDATE checkpoint SET commits = ?, next_seq = ? WHERE id = 1');
  return {
    checkpoint: (row) => checkpoint.run(row.version, row.stepNumber, JSON.stringify(row.body)),
    state: (row) => state.run(row.state, row.reason, row.verdict),
    progress: (row) => progress.run(row.commits, row.nextSeq),
  };
}

function marks(count: number): string {
  return Array(count).fill('?').join(', ');
}
