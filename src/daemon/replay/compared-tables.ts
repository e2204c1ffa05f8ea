// What of two run files is compared, table by table: the steps that were sent, what happened, and every row.
// Not compared: when the host asked, wall time, and what came from beside the instrument. Column names are
// those of the file, so that a difference can be looked up in it.

export type Part =
  | 'command'
  | 'event'
  | 'began'
  | 'ended'
  | 'half-cycle'
  | 'sample'
  | 'gap'
  | 'impedance'
  | 'aux';

export interface ComparedTable {
  readonly part: Part;
  /** Rows after the number `k`, in order. */
  readonly sql: string;
  /** Whether `k` itself must be the same, and not only the order. */
  readonly hasOwnNumber: boolean;
  /** What a difference in it means, whatever it is. */
  readonly meaning: string;
}

/** Events of storage and of the host's own clock: a replay has neither trouble. */
const NOT_REPLAYED = "('store-trouble', 'storage-loss')";

/** In the order in which they follow from one another within one step. */
export const COMPARED_TABLES: readonly ComparedTable[] = [
  {
    part: 'command',
    sql: 'SELECT number AS k, command, tree FROM command WHERE number > ? ORDER BY k',
    hasOwnNumber: true,
    meaning: 'another order would be given to the instrument',
  },
  {
    part: 'began',
    sql: `SELECT step AS k, program_step, phase, cycle, half, completes_cycle, mode, setpoint_pa,
      duration_max_us, limits, record, allows_look_ahead, start_us, start_q_nc, first_seq
      FROM step_log WHERE step > ? ORDER BY k`,
    hasOwnNumber: true,
    meaning: 'another step begins, or at another moment',
  },
  {
    part: 'sample',
    sql: 'SELECT seq AS k, step, t_us, v_nv, i_pa, q_nc, flags FROM sample WHERE seq > ? ORDER BY k',
    hasOwnNumber: true,
    meaning: 'the same frames are read as another sample',
  },
  {
    part: 'gap',
    sql: 'SELECT first_seq AS k, count, reason FROM gap WHERE first_seq > ? ORDER BY k',
    hasOwnNumber: true,
    meaning: 'other samples are missing',
  },
  {
    part: 'impedance',
    sql: 'SELECT id AS k, step, t_us, f_mhz, re_uohm, im_uohm FROM impedance WHERE id > ? ORDER BY k',
    hasOwnNumber: false,
    meaning: 'the same frames are read as another spectrum',
  },
  {
    part: 'aux',
    sql: `SELECT id AS k, t_us, name, kind, temperature_uk, text FROM aux
      WHERE id > ? AND name = 'instrument' ORDER BY k`,
    hasOwnNumber: false,
    meaning: 'the thermometer of the instrument is read differently',
  },
  {
    part: 'ended',
    sql: `SELECT step AS k, end_us, end_q_nc, charge_nc, last_seq, reason, end_v_nv, end_i_pa FROM step_log
      WHERE step > ? AND end_us IS NOT NULL ORDER BY k`,
    hasOwnNumber: true,
    meaning: 'the step ends elsewhere, or for another reason',
  },
  {
    part: 'half-cycle',
    sql: `SELECT number AS k, step, cycle, phase, half, start_us, end_us, charge_nc, end_q_nc, reason,
      plateau_nv, tip_nv, end_nv, is_interrupted FROM half_cycle WHERE number > ? ORDER BY k`,
    hasOwnNumber: true,
    meaning: 'the same readings are judged as another half-cycle',
  },
  {
    part: 'event',
    sql: `SELECT id AS k, t_us, kind, detail FROM event
      WHERE id > ? AND kind NOT IN ${NOT_REPLAYED} ORDER BY k`,
    hasOwnNumber: false,
    meaning: 'the run takes another course',
  },
];
