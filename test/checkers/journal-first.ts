// I4: nothing is sent that changes what a cell sees, off excepted, unless its intent was acknowledged before.
// By the cell's own log for every dialect: each current is one of an acknowledged tree. By the frames for
// gvn1: each commit carries the nodes of an acknowledged tree, and uses that intent up: none is sent twice.
import type { LookAheadTree } from '../../src/steps/step.ts';
import type { RunRecord, Trial, Violation } from './evidence.ts';
import { fieldsOf, framesOf, type SeenFrame } from './gvn1-frames.ts';

/** gvn1 logs what was set; the others what flows: less in compliance, else as set within their error. */
const SET_SHARE = 1e-6;
const FLOWING_SHARE = 0.02;
const FLOWING_OFFSET_PA = 1e7;

interface Intent {
  readonly order: number;
  readonly tree: LookAheadTree;
}

export function checkJournalFirst({ evidence, runs }: Trial): Violation[] {
  const places = new Map(runs.map((run) => [`${run.instrument.name}/${run.channel}`, run]));
  const what = [...places.values()].flatMap((place) => {
    const isHere = ({ channel, instrument }: RunRecord): boolean =>
      channel === place.channel && instrument.name === place.instrument.name;
    const names = new Set(runs.filter(isHere).map(({ run }) => run));
    const intents = evidence.acknowledged
      .filter(({ run }) => names.has(run))
      .flatMap(({ commit, order }) =>
        commit.commands.flatMap((row): Intent[] =>
          row.type === 'intent' && row.command === 'load' ? [{ order, tree: row.tree }] : [],
        ),
      );
    return [
      ...drivenWithout(place, intents, evidence.cells),
      ...sentWithout(place, intents, evidence.sent),
      ...firstWords(place, evidence.sent),
    ];
  });
  return what.slice(0, 3).map((found) => ({ invariant: 'I4', what: found }));
}

function drivenWithout(
  { channel, instrument }: RunRecord,
  intents: readonly Intent[],
  cells: Trial['evidence']['cells'],
): string[] {
  return cells.flatMap(({ atMs, entry, instrument: name, order }) => {
    const isHere = name === instrument.name && entry.ch === channel && entry.cell === 'on';
    const isOwn = instrument.dialect === 'gvn1';
    const offsetPa = isOwn ? 0 : FLOWING_OFFSET_PA;
    if (!isHere || Math.abs(entry.i_pa) <= offsetPa) return [];
    const bound = { share: isOwn ? SET_SHARE : FLOWING_SHARE, offsetPa, mayBeLess: !isOwn };
    const isMeant = intents.some(({ order: at, tree }) => at < order && hasSetpoint(tree, entry.i_pa, bound));
    if (isMeant) return [];
    return [
      `at ${atMs} ms ${name}/${channel} is driven with ${entry.i_pa} pA, which no acknowledged intent says`,
    ];
  });
}

interface Bound {
  readonly share: number;
  readonly offsetPa: number;
  readonly mayBeLess: boolean;
}

function hasSetpoint({ nodes }: LookAheadTree, flowingPa: number, bound: Bound): boolean {
  const { share, offsetPa, mayBeLess } = bound;
  return nodes.some(({ step: { mode } }) => {
    if (mode.kind !== 'cc') return false;
    const setPa = Math.abs(mode.currentPa);
    const alongPa = flowingPa * Math.sign(mode.currentPa);
    const allowedPa = share * setPa + offsetPa;
    return alongPa <= setPa + allowedPa && alongPa >= (mayBeLess ? 0 : setPa - allowedPa);
  });
}

interface Staged {
  /** Of the first byte of the load. */
  readonly order: number;
  readonly nodes: NodeFields[];
}

function sentWithout(
  { channel, instrument }: RunRecord,
  intents: readonly Intent[],
  sent: Trial['evidence']['sent'],
): string[] {
  if (instrument.dialect !== 'gvn1') return [];
  const unused = [...intents];
  const staged = new Map<string, Staged>();
  const done = new Set<string>();
  const wrong: string[] = [];
  for (const seen of framesOf(sent, instrument.name)) {
    const fields = fieldsOf(seen.frame);
    if (Number(fields.get('ch')) !== channel || isRepeat(seen, done)) continue;
    const job = `${seen.connection} ${fields.get('job')}`;
    if (seen.frame.type === 'job') staged.set(job, { order: seen.order, nodes: [] });
    if (seen.frame.type === 'node') staged.get(job)?.nodes.push(nodeOf(fields));
    if (seen.frame.type !== 'commit') continue;
    const load = staged.get(job);
    const nodes = textOf(load?.nodes ?? []);
    const firstByte = load?.order ?? seen.order;
    const index = unused.findIndex(({ order, tree }) => order < firstByte && textOf(nodesOf(tree)) === nodes);
    if (index === -1) wrong.push(`at ${seen.atMs} ms a load is sent without an intent of its own: ${nodes}`);
    else unused.splice(index, 1);
  }
  return wrong;
}

/** On a new connection a channel is asked where it is, or switched off, before anything else. */
function firstWords({ channel, instrument }: RunRecord, sent: Trial['evidence']['sent']): string[] {
  if (instrument.dialect !== 'gvn1') return [];
  const met = new Set<number>();
  return framesOf(sent, instrument.name).flatMap(({ atMs, connection, frame }) => {
    if (met.has(connection) || Number(fieldsOf(frame).get('ch')) !== channel) return [];
    met.add(connection);
    if (frame.type === 'stat' || frame.type === 'off') return [];
    return [`at ${atMs} ms "${frame.type}" is the first word to channel ${channel} on a new connection`];
  });
}

/** The same bytes again on the same connection: the link repeats what was not answered. */
function isRepeat({ connection, frame }: SeenFrame, done: Set<string>): boolean {
  const key = `${connection} ${frame.seq} ${frame.crc}`;
  if (done.has(key)) return true;
  done.add(key);
  return false;
}

/** What a node is told by: its charge target counts from that of the first, for a reset moves their zero. */
interface NodeFields {
  readonly id: number;
  readonly head: string;
  readonly targetNc: number | null;
}

function textOf(nodes: readonly NodeFields[]): string {
  const inTurn = [...nodes].sort((a, b) => a.id - b.id);
  const zeroNc = inTurn.find(({ targetNc }) => targetNc !== null)?.targetNc ?? 0;
  const texts = inTurn.map(
    ({ id, head, targetNc }) => `${id}/${head}/${targetNc === null ? '-' : targetNc - zeroNc}`,
  );
  return texts.join(' ');
}

function nodeOf(fields: ReadonlyMap<string, string>): NodeFields {
  const head = ['n', 'i_pa', 't_us'].map((key) => fields.get(key) ?? '-').join('/');
  const target = fields.get('qnet_nc');
  return { id: Number(fields.get('id')), head, targetNc: target === undefined ? null : Number(target) };
}

function nodesOf({ nodes }: LookAheadTree): NodeFields[] {
  return nodes.map(({ id, step, stepNumber }) => {
    const currentPa = step.mode.kind === 'cc' ? step.mode.currentPa : '-';
    const head = [stepNumber, currentPa, step.durationMaxUs].join('/');
    return { id, head, targetNc: step.limits.netChargeNc };
  });
}
