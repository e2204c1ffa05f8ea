// I3: no cell is driven without a live lease or a bounded job. Judged by the instrument's own cell log:
// with a lease on the device (gvn1), by the leases that reached it; else by the bound of what was loaded,
// from the moment the daemon was gone. And no lease is renewed for a run that is not to be driven.
import type { CellSwitch, Evidence, RunRecord, Specimen, Trial, Violation } from './evidence.ts';
import { fieldsOf, framesOf, type SeenFrame } from './gvn1-frames.ts';

/** A tick of the device, and what its clock may be off by in a lease. */
const TICK_MS = 2;
const DRIFT = 0.006;
/** A renewal that was queued before the run was held may still be sent: four sends of 250 ms, and one. */
const QUEUED_MS = 2500;
const ACTIVE_STATES = new Set(['idle', 'running', 'resting']);
/** Lines, answers and the last reading of a step, before anything is late. */
const SLACK_MS = 3000;

interface Driven {
  readonly place: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export function checkDeadMan(trial: Trial): Violation[] {
  const { evidence, instruments, runs } = trial;
  const own = instruments.filter(({ deadMan }) => deadMan === 'device');
  const bounded = instruments.filter(({ deadMan }) => deadMan === 'step-bound');
  const what = [
    ...own.flatMap((instrument) => unleased(instrument, trial)),
    ...own.flatMap(({ name }) => renewedInVain(framesOf(evidence.sent, name), runs, evidence)),
    ...bounded.flatMap((instrument) => unbounded(instrument, trial)),
  ];
  return what.slice(0, 3).map((found) => ({ invariant: 'I3', what: found }));
}

/** Times during which each cell of an instrument was driven; one that still is, to the end of the log. */
function drivenOf(cells: readonly CellSwitch[], instrument: string): Driven[] {
  const since = new Map<string, number>();
  const driven: Driven[] = [];
  for (const { atMs, entry, instrument: name } of cells) {
    if (name !== instrument) continue;
    const place = `${name}/${entry.ch}`;
    const fromMs = since.get(place);
    if (entry.cell === 'on') since.set(place, fromMs ?? atMs);
    else if (fromMs !== undefined) {
      driven.push({ place, fromMs, untilMs: atMs });
      since.delete(place);
    }
  }
  for (const [place, fromMs] of since) driven.push({ place, fromMs, untilMs: Number.POSITIVE_INFINITY });
  return driven;
}

/** Steps that a policy lets run behind the end of a lease; each within its own bound. */
const STEPS_OF_POLICY: Readonly<Record<string, number>> = { off: 0, 'finish-step': 1, 'finish-cycle': 2 };

function unleased({ name }: Specimen, { evidence }: Trial): string[] {
  const heard = framesOf(evidence.heard, name);
  const longestMs = heard
    .filter(({ frame }) => frame.type === 'node')
    .reduce((longest, { frame }) => Math.max(longest, Number(fieldsOf(frame).get('t_us')) / 1000), 0);
  const leases = heard
    .filter(({ frame }) => frame.type === 'lease')
    .map(({ atMs, frame }) => {
      const fields = fieldsOf(frame);
      const stepsMs = longestMs * (STEPS_OF_POLICY[fields.get('policy') ?? ''] ?? 0);
      const lengthMs = Number(fields.get('t_us')) / 1000 + stepsMs;
      return { place: `${name}/${fields.get('ch')}`, atMs, untilMs: atMs + lengthMs * (1 + DRIFT) + TICK_MS };
    });
  return drivenOf(evidence.cells, name).flatMap(({ place, fromMs, untilMs }) => {
    let coveredMs = fromMs;
    for (const lease of leases) {
      if (lease.place === place && lease.atMs <= coveredMs) coveredMs = Math.max(coveredMs, lease.untilMs);
    }
    if (coveredMs >= untilMs) return [];
    return [`${place} is driven from ${fromMs} to ${untilMs} ms, and its leases end at ${coveredMs} ms`];
  });
}

/** From the word that a run is held or over, no lease is renewed for it until it goes on. */
function renewedInVain(
  frames: readonly SeenFrame[],
  runs: readonly RunRecord[],
  { states }: Evidence,
): string[] {
  return frames.flatMap(({ atMs, frame, instrument, life, order }) => {
    if (frame.type !== 'lease') return [];
    const channel = Number(fieldsOf(frame).get('ch'));
    const record = runs.findLast((run) => run.instrument.name === instrument && run.channel === channel);
    const told = states.findLast(
      (state) => state.order < order && state.life === life && state.run === record?.run,
    );
    if (told === undefined || ACTIVE_STATES.has(told.state) || atMs - told.atMs < QUEUED_MS) return [];
    return [
      `at ${atMs} ms a lease is renewed for run ${told.run}, which is ${told.state} since ${told.atMs} ms`,
    ];
  });
}

/** A daemon that is gone: its cells are open when what it had loaded must have ended. */
function unbounded({ name }: Specimen, { evidence, runs }: Trial): string[] {
  const gone = evidence.notes.filter(({ what }) => what === 'killed');
  return gone.flatMap(({ atMs, order }) => {
    const loads = evidence.acknowledged
      .filter(
        (stored) =>
          stored.order < order && runs.some((run) => run.run === stored.run && run.instrument.name === name),
      )
      .flatMap(({ commit }) => commit.commands);
    const last = loads.findLast((row) => row.type === 'intent' && row.command === 'load');
    if (last === undefined) return [];
    const boundMs = last.tree.nodes.reduce((sum, { step }) => sum + step.durationMaxUs / 1000, SLACK_MS);
    return drivenOf(evidence.cells, name)
      .filter(({ fromMs, untilMs }) => fromMs <= atMs && untilMs > atMs + boundMs)
      .filter(
        ({ untilMs }) =>
          !evidence.sent.some(
            (sent) => sent.instrument === name && sent.order > order && sent.atMs < untilMs,
          ),
      )
      .map(({ place }) => `${place} is driven ${boundMs} ms after the daemon died at ${atMs} ms`);
  });
}
