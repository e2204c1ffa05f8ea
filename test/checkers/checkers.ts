// The checkers of the swarm, one module an invariant (I1 to I6). Each is pure: a trial in, violations out.
import { checkAcknowledged } from './acknowledged.ts';
import { checkCharge } from './charge.ts';
import { checkDeadMan } from './dead-man.ts';
import type { Trial, Violation } from './evidence.ts';
import { checkJournalFirst } from './journal-first.ts';
import { checkNamedState } from './named-state.ts';
import { checkNumbering } from './numbering.ts';
import { checkPyramid } from './pyramid.ts';

export const CHECKERS: readonly ((trial: Trial) => Violation[])[] = [
  checkAcknowledged,
  checkPyramid,
  checkNumbering,
  checkDeadMan,
  checkJournalFirst,
  checkCharge,
  checkNamedState,
];
