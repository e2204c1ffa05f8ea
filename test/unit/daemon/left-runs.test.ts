// Goal: a run whose file the disk does not give to the next daemon at once is told as it stands once it does.
// Method: a bench in virtual time; its daemon is killed, the store of the next one refuses to open the file
// for a while; then the list of runs, and what the page was told last.
import { describe, expect, it } from 'vitest';
import { openRunReader } from '../../../src/store/readers.ts';
import { DISK_BROKEN, DISK_FULL } from '../../support/faulty-store.ts';
import { QUICK, SPECIMEN } from '../../support/rig.ts';
import { type RecordedBench, recordedBench } from '../../support/recorded-bench.ts';

/** Longer than a run goes on after by itself. */
const LONG_MS = 660_000;

function listed({ bench }: RecordedBench) {
  const { state, reason, verdict } = bench.runs()[0] ?? {};
  return { state, reason, verdict };
}

function toldToThePage({ feed }: RecordedBench): string | undefined {
  return feed
    .flatMap((told) => {
      if (told.type === 'runs') return told.runs.map(({ state }) => state);
      return told.type === 'state' ? [told.state] : [];
    })
    .at(-1);
}

function ordered(rig: RecordedBench): { readonly refusal: string | null } {
  const answers: (string | null)[] = [];
  const order = { protocol: 'symmetric-cycling', cycler: 'bench', channel: 1, areaUcm2: 1_130_000 };
  rig.bench.startRun({ ...order, parameters: QUICK, cell: SPECIMEN }, (result) =>
    answers.push(result.ok ? null : result.code),
  );
  rig.runFor(1000);
  const [refusal = 'no answer'] = answers;
  return { refusal };
}

describe('a run whose file cannot be opened for five seconds', () => {
  it('that was held is held again, by its own reason, once it can', () => {
    const rig = recordedBench('gvn1', 3);
    rig.runFor(15_000);
    rig.restart(LONG_MS);
    rig.runFor(5000);
    const held = listed(rig);
    expect(held.state).toBe('holding');
    rig.restart(1000, () => DISK_FULL);
    rig.runFor(5000);
    expect(listed(rig)).toMatchObject({ state: 'link-lost', reason: DISK_FULL.detail });
    expect(toldToThePage(rig)).toBe('link-lost');
    rig.store.openFaultOf = () => null;
    rig.runFor(5000);
    expect(listed(rig)).toEqual(held);
    expect(toldToThePage(rig)).toBe('holding');
    const { run } = rig.bench.runs()[0] ?? { run: '' };
    expect(rig.bench.orderRun(run, { order: 'resume', reason: 'looked at' })).toMatchObject({ ok: true });
    expect(rig.runToEnd().state).toBe('done');
  });

  it('that is over, and only not sealed, stays what it became', () => {
    const rig = recordedBench('gvn1', 3);
    rig.store.sealFault = DISK_FULL;
    const ended = rig.runToEnd();
    expect(ended).toMatchObject({ state: 'done', verdict: 'completed' });
    rig.restart(1000, () => DISK_FULL);
    rig.runFor(5000);
    expect(listed(rig)).toMatchObject({ state: 'done', reason: ended.reason });
    rig.store.openFaultOf = () => null;
    rig.runFor(5000);
    expect(listed(rig)).toMatchObject({ state: 'done', reason: ended.reason });
    expect(openRunReader(rig.path).isSealed()).toBe(true);
  });

  it('keeps its channel, though one that was over there is sealed meanwhile', () => {
    const rig = recordedBench('gvn1', 3);
    rig.store.sealFault = DISK_BROKEN;
    const over = rig.runToEnd();
    // Until the seal is given up, which frees the channel; to a whole millisecond, as a real clock has it.
    rig.runFor(40_000 - (rig.clock.nowMs() % 1));
    const { refusal: first } = ordered(rig);
    expect(first).toBeNull();
    rig.runFor(10_000);
    rig.restart(1000, (run) => (run === over.run ? null : DISK_BROKEN));
    rig.runFor(3000);
    expect(openRunReader(over.path).isSealed()).toBe(true);
    expect(ordered(rig).refusal).toBe('CHANNEL_LOCKED');
  });
});
