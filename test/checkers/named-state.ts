// I6: after the last fault the daemon comes to running, resting, paused, holding or an end within its time;
// every state has a reason in one line, none of them "internal error"; nothing was thrown that nobody caught;
// what is over is sealed, its cell open.
import type { RunRecord, Trial, Violation } from './evidence.ts';

/** What no fault from outside excuses: an error of ours, a reason without words, a command out of turn. */
const NEVER = /internal error|the device refused|^$|\n/;
const FINAL_STATES = ['done', 'stopped', 'failed'];

export function checkNamedState({ evidence, runs }: Trial): Violation[] {
  const notes = evidence.notes
    .filter(({ what }) => /^(not reached|uncaught|contradiction|refused for good)/.test(what))
    .map(({ atMs, what }) => `at ${atMs} ms: ${what}`);
  const told = evidence.states
    .filter(({ reason }) => NEVER.test(reason))
    .map(({ atMs, run, state, reason }) => `at ${atMs} ms: run ${run} is ${state}: "${reason}"`);
  const what = [...notes, ...told.slice(0, 3), ...runs.flatMap(endOf), ...openCells(evidence)];
  return what.map((found) => ({ invariant: 'I6', what: found }));
}

function endOf({ run, state, reason, isSealed }: RunRecord): string[] {
  if (!FINAL_STATES.includes(state)) return [`run ${run} is left ${state} (${reason})`];
  return isSealed ? [] : [`run ${run} is ${state} and its file is not sealed`];
}

/** Every cell that was ever driven is open in the end, by the instrument's own log. */
function openCells({ cells }: Trial['evidence']): string[] {
  const last = new Map<string, boolean>();
  for (const { instrument, entry } of cells) last.set(`${instrument}/${entry.ch}`, entry.cell === 'on');
  return [...last].flatMap(([place, isOn]) => (isOn ? [`the cell of ${place} is still driven`] : []));
}
