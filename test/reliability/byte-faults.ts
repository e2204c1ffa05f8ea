// R4. The line damages what goes over it, both ways, during whole runs on each dialect, until so many
// frames have passed: bytes turned, lost, doubled and added, chunks cut in two and joined, stalls, and a
// megabyte of noise without an end of line. Virtual time. Passed when every run ends as the invariants want
// it, and no sample is in a record that the instrument did not send.
//
// Only gvn1 has a checksum. What changes a digit on another line is a good reading to everybody: those
// lines get what can be told (cut, joined, stalled, noise that is no character of theirs) for the verdict,
// and turned and lost bytes as well, where the damage is counted in the notes, and neither a wrong charge
// nor a run that ends because the instrument refused a turned command counts as a finding.
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { DIALECT_NAMES, type DialectName } from '../../src/config/dialect-names.ts';
import { decodeFrame, encodeFrame } from '../../src/frames/dialects/gvn1/frame.ts';
import { LineFramer } from '../../src/frames/line-framer.ts';
import type { Violation } from '../checkers/evidence.ts';
import type { FaultStory, NoiseShares, Story } from '../swarm/story.ts';
import type { Figures, TrialOptions } from './row.ts';
import { framesIn, saidVoltages } from './said-voltages.ts';
import { figuresOf, GVN1, type Lived, live, quietStory, SLOWER } from './stories.ts';

const LASTS_MS = 45_000;
const NOISE_BYTES = 1_000_000;
const WHOLE: NoiseShares = { flip: 0, drop: 0, double: 0, insert: 0, split: 0.3, merge: 0.3 };
const TORN: NoiseShares = { flip: 3e-4, drop: 3e-4, double: 3e-4, insert: 3e-4, split: 0.3, merge: 0.3 };
const STORIES_MAX = 1000;

interface OfDialect {
  frames: number;
  stories: number;
  readonly lived: Lived[];
  readonly problems: string[];
  /** Samples that the instrument never sent, where a checksum, or the kind of damage, should have told. */
  damaged: number;
  /** The same where nothing could. */
  damagedUntold: number;
}

/** `trials`: frames of each dialect. */
export async function byteFaultTrials({ seed, trials, say }: TrialOptions): Promise<Figures> {
  const found = DIALECT_NAMES.map((dialect): [DialectName, OfDialect] => {
    const figures = faultsOn(dialect, seed, trials);
    say(`R4: ${dialect}, ${figures.frames} frames in ${figures.stories} runs`);
    return [dialect, figures];
  });
  const resync = resyncProblems(seed);
  const all = found.map(([, figures]) => figures);
  const damaged = all.reduce((sum, figures) => sum + figures.damaged, 0);
  const problems = [
    ...all.flatMap((figures) => figures.problems),
    ...(damaged > 0 ? [`${damaged} damaged samples were taken for good ones`] : []),
    ...resync,
  ];
  const frames = Object.fromEntries(found.map(([dialect, figures]) => [dialect, figures.frames]));
  const damagedUntold = Object.fromEntries(
    found.flatMap(([dialect, figures]) => (dialect === 'gvn1' ? [] : [[dialect, figures.damagedUntold]])),
  );
  const figures = figuresOf(
    all.flatMap(({ lived }) => lived),
    { problems, notes: { frames, damaged, damagedWithoutChecksum: damagedUntold } },
  );
  return Promise.resolve({ ...figures, trials: all.reduce((sum, one) => sum + one.frames, 0) });
}

function faultsOn(dialect: DialectName, seed: number, frames: number): OfDialect {
  const found: OfDialect = {
    ...{ frames: 0, stories: 0, damaged: 0, damagedUntold: 0 },
    ...{ lived: [], problems: [] },
  };
  while (found.frames < frames && found.stories < STORIES_MAX) {
    const isTorn = dialect === 'gvn1' || found.stories % 2 === 1;
    const story = storyOf(dialect, {
      seed: seed * 10_000 + found.stories,
      isTorn,
      isFirst: found.stories < 2,
    });
    const lived = live(story);
    const { said, heard } = lived.trial.evidence;
    found.stories += 1;
    found.frames += framesIn(said) + framesIn(heard);
    const damaged = damagedIn(dialect, lived);
    const isTold = dialect === 'gvn1' || !isTorn;
    if (isTold) found.damaged += damaged;
    else found.damagedUntold += damaged;
    const violations = lived.violations.filter((violation) => isTold || !isExcused(violation));
    found.lived.push({ ...lived, violations });
    if (violations.length > 0) found.problems.push(`seed ${story.seed} on ${dialect}`);
  }
  return found;
}

/** A value that was turned is a wrong charge; a command that was turned is refused, and its run ends. */
function isExcused({ invariant, what }: Violation): boolean {
  return invariant === 'I5' || (invariant === 'I6' && what.includes('the device refused'));
}

function storyOf(
  dialect: DialectName,
  { seed, isTorn, isFirst }: { readonly seed: number; readonly isTorn: boolean; readonly isFirst: boolean },
): Story {
  const instrument =
    dialect === 'gvn1'
      ? GVN1
      : { ...GVN1, dialect, runs: GVN1.runs.map((run) => ({ ...run, parameters: SLOWER })) };
  const key = randomKey(seed, 'byte-faults');
  const at = (draw: number): number => Math.round(2000 + uniformAt(key, draw) * (LASTS_MS - 10_000));
  const on = { instrument: instrument.name };
  const faults: FaultStory[] = [
    { what: 'noise', atMs: 0, forMs: LASTS_MS, shares: isTorn ? TORN : WHOLE, ...on },
    { what: 'stall', atMs: at(0), forMs: 300, ...on },
    { what: 'babble', atMs: at(1), bytes: isFirst ? NOISE_BYTES : 2000, ...on },
  ];
  return { ...quietStory(seed, LASTS_MS, instrument), faults: faults.sort((a, b) => a.atMs - b.atMs) };
}

function damagedIn(dialect: DialectName, { trial }: Lived): number {
  const said = saidVoltages(dialect, trial.evidence.said);
  const stored = trial.runs.flatMap(({ samples }) => samples.voltageNv);
  return stored.filter((voltageNv) => voltageNv !== null && !said.has(voltageNv)).length;
}

/** Behind any damage to one frame, and behind a megabyte of noise, at most one good frame is lost. */
function resyncProblems(seed: number): readonly string[] {
  const key = randomKey(seed, 'resync');
  const good = Array.from({ length: 3 }, (_, index) => encodeFrame(index, 'ok', `ch=${index + 1}`));
  const [damaged = '', next = '', second = ''] = good;
  const noise = '\u00ff'.repeat(NOISE_BYTES);
  const streams = Array.from(damaged, (_, at) => {
    const bit = 1 << Math.floor(uniformAt(key, at) * 8);
    const turned = String.fromCharCode(damaged.charCodeAt(at) ^ bit);
    return [
      damaged.slice(0, at) + turned + damaged.slice(at + 1),
      damaged.slice(0, at) + damaged.slice(at + 1),
    ];
  }).flat();
  return [noise, ...streams].flatMap((begin) => {
    const heard = framesHeard(begin + next + second);
    const isGood = heard.at(-1) === second && heard.every((frame) => good.includes(frame));
    return isGood ? [] : [`behind ${JSON.stringify(begin.slice(0, 80))} came ${JSON.stringify(heard)}`];
  });
}

function framesHeard(text: string): readonly string[] {
  const heard: string[] = [];
  const framer = new LineFramer({
    lengthMax: 1024,
    onLine: (line) => {
      if (decodeFrame(line).kind === 'frame') heard.push(line);
    },
  });
  for (let at = 0; at < text.length; at += 4096) framer.push(text.slice(at, at + 4096));
  return heard;
}
