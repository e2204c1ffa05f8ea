// Whether the steps of a run follow one another and their charges add up: what an open run, whose tables no
// seal covers yet, can be asked. Never writes.
import type Database from 'better-sqlite3';
import type { Findings } from './findings.ts';

/** Each finds the steps of which a claim does not hold. */
const CLAIMS: Readonly<Record<string, string>> = {
  'ends before it begins': 'SELECT step FROM step_log WHERE end_us < start_us',
  'has a charge that is not the difference of the counter at its ends':
    'SELECT step FROM step_log WHERE charge_nc <> end_q_nc - start_q_nc',
  'begins before the step before it':
    'SELECT step FROM (SELECT step, start_us, lag(start_us) OVER (ORDER BY step) AS earlier_us ' +
    'FROM step_log) WHERE start_us < earlier_us',
  'has no row, though a half-cycle names it':
    'SELECT DISTINCT step FROM half_cycle WHERE step NOT IN (SELECT step FROM step_log)',
};

export function checkSteps(db: Database.Database, findings: Findings): void {
  for (const [detail, sql] of Object.entries(CLAIMS)) {
    for (const step of db.prepare<[], number>(sql).pluck().all())
      findings.add({ kind: 'steps', where: `step ${step}`, detail });
  }
}
