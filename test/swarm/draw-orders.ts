// What an operator asks for while a story goes on: pause, resume, skip, finish, set, at any moment, wise or
// not, and diagnostics between the cycles of some runs. Drawn with dice of their own, so that the story of a
// seed without orders stays what it was. Pure.
import { Dice } from './dice.ts';
import { drawStory } from './draw-story.ts';
import type { InstrumentStory, OrderStory, RunStory, Story } from './story.ts';

/** Which stories a swarm is made of: faults alone, or an operator with wishes too. */
export type StoryKind = 'faults' | 'faults-and-orders';

const ORDER_WEIGHTS = { pause: 4, skip: 4, set: 4, finish: 1, resume: 1 } as const;
/** How long a run is left paused before the operator lets it go on; a lease is 2 s to 10 s. */
const PAUSES_MS = [50, 700, 3000, 8000, 20_000];
/** None of them widens what an instrument enforces but by mistake: that must be refused. */
const CHANGES: readonly RunStory['parameters'][] = [
  { cycles: 3 },
  { cycles: 9 },
  { record_interval: '150 ms' },
  { areal_capacity: '0.002 mAh/cm2' },
  { current_density: '0.9 mA/cm2' },
  { areal_capacity: '0.003 mAh/cm2', cycles: 8, record_interval: '40 ms' },
  { current_density: '60 mA/cm2' },
  { diagnostics: 'none' },
  { diagnostics: 'probe', diagnostics_every: 1 },
];
const DIAGNOSTICS: readonly RunStory['parameters'][] = [
  { diagnostics: 'probe', diagnostics_every: 1 },
  { diagnostics: 'probe', diagnostics_every: 2 },
];

/** Everything of one seed, of this kind. */
export function drawStoryOf(seed: number, kind: StoryKind): Story {
  const story = drawStory(seed);
  return kind === 'faults' ? story : withOrders(story);
}

function withOrders(story: Story): Story {
  const dice = new Dice(story.seed, 'orders');
  const instruments = story.instruments.map((instrument) => withDiagnostics(dice, instrument));
  const wishes = Array.from({ length: 1 + dice.below(6) }, () => drawOrder(dice, story));
  return { ...story, instruments, orders: wishes.flat().sort((a, b) => a.atMs - b.atMs) };
}

function withDiagnostics(dice: Dice, instrument: InstrumentStory): InstrumentStory {
  const [isWanted, added] = [dice.chance(0.3), dice.pick(DIAGNOSTICS)];
  // A probe is at three times the current: the ranges of the others end before.
  if (!isWanted || instrument.dialect !== 'gvn1') return instrument;
  const runs = instrument.runs.map((run) => ({ ...run, parameters: { ...run.parameters, ...added } }));
  return { ...instrument, runs };
}

/** A pause is followed by a resume: what is paused for ever is stopped with what is held in the end. */
function drawOrder(dice: Dice, { faultsUntilMs, instruments }: Story): OrderStory[] {
  const { name, runs } = dice.pick(instruments);
  const place = { instrument: name, channel: dice.pick(runs).channel };
  const order = dice.weighted(ORDER_WEIGHTS);
  const atMs = 1000 + dice.below(faultsUntilMs);
  switch (order) {
    case 'set':
      return [{ ...place, atMs, order, parameters: dice.pick(CHANGES) }];
    case 'pause':
      return [
        { ...place, atMs, order },
        { ...place, atMs: atMs + dice.pick(PAUSES_MS), order: 'resume' },
      ];
    case 'resume':
    case 'skip':
    case 'finish':
      return [{ ...place, atMs, order }];
  }
}
