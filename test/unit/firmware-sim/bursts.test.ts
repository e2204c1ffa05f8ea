// Goal: a record rule with a burst samples on the grid of the page, in steps with and without current, and
// only on a device that announces it. Method: jobs over a memory line in virtual time; sample times against
// the page's words, written down as a loop over all instants; fast-check for the rules.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENT_NAMES, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { field, jobId, type NodeFields, nodeText, Rig } from './rig.ts';

const I_PA = 1_130_000_000;
const DUMMY = { cells: 'dummy-10-ohm' } as const;

function sampled(
  node: Omit<NodeFields, 'id' | 'n'>,
  options: ConstructorParameters<typeof Rig>[0] = DUMMY,
): Rig {
  const rig = new Rig(options);
  rig.start();
  expect(rig.load([{ id: 1, n: 1, ...node }])).toBe('ack');
  rig.runMs((node.t_us ?? 0) / 1000 + 10);
  return rig;
}
/** From the start of the step, in ticks. */
const ticksOf = (rig: Rig): number[] => rig.samples().map(({ tUs }) => (tUs - 1000) / 1000);

/** The page's rule, read aloud. */
function expectedTicks(rule: {
  readonly dtUs: number;
  readonly bdtUs: number;
  readonly bforUs: number;
  readonly durationTicks: number;
}): number[] {
  const { dtUs, bdtUs, bforUs, durationTicks } = rule;
  const instantsUs = [1000, durationTicks * 1000];
  let lastUs = 0;
  for (let us = bdtUs; us <= bforUs; us += bdtUs) instantsUs.push((lastUs = us));
  for (let us = lastUs + dtUs; us <= durationTicks * 1000; us += dtUs) instantsUs.push(us);
  const ticks = instantsUs.map((us) => Math.ceil(us / 1000)).filter((tick) => tick <= durationTicks);
  return [...new Set(ticks)].sort((a, b) => a - b);
}

describe('a burst', () => {
  test.each([
    ['with current', { i_pa: I_PA }],
    ['at rest', {}],
  ])('samples a step %s closely at first, then every period from its own last instant', (_name, mode) => {
    const rig = sampled({ ...mode, t_us: 40_000, rec: '10000,0,0,2000,7000' });
    expect(ticksOf(rig)).toEqual([1, 2, 4, 6, 16, 26, 36, 40]);
    expect(rig.samples().map(({ flags }) => flags)).toEqual([1, 0, 0, 0, 0, 0, 0, 2]);
  });

  test('takes the instant at which it is over along, and is none where it is over before its first', () => {
    expect(ticksOf(sampled({ t_us: 30_000, rec: '10000,0,0,3000,6000' }))).toEqual([1, 3, 6, 16, 26, 30]);
    expect(ticksOf(sampled({ t_us: 30_000, rec: '10000,0,0,7000,6000' }))).toEqual([1, 10, 20, 30]);
  });

  test('keeps the page for any periods, ticks or between them', () => {
    const rule = fc.record({
      dtUs: fc.integer({ min: 1001, max: 40_000 }),
      bdtShare: fc.double({ min: 0, max: 1, noNaN: true }),
      bforUs: fc.integer({ min: 1, max: 60_000 }),
      durationTicks: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(rule, ({ bdtShare, ...drawn }) => {
        const bdtUs = 1000 + Math.floor(bdtShare * (drawn.dtUs - 1001));
        const rec = `${drawn.dtUs},0,0,${bdtUs},${drawn.bforUs}`;
        const rig = sampled({ t_us: drawn.durationTicks * 1000, rec });
        expect(ticksOf(rig)).toEqual(expectedTicks({ ...drawn, bdtUs }));
      }),
      { numRuns: 60 },
    );
  });

  test('does not change what a rule of moves finds, nor where the step ends', () => {
    const moves = (rec: string): Rig => sampled({ i_pa: I_PA, t_us: 20_000_000, rec }, {});
    const [plain, burst] = ['10000000,5000000,0', '10000000,5000000,0,1000,100000'].map(moves);
    expect(plain?.frames('e').map((end) => end.replace(/ last=\S+/, ''))).toEqual(
      burst?.frames('e').map((end) => end.replace(/ last=\S+/, '')),
    );
    // Every tick of the first 100 ms is there, so none of them is a move.
    const ticks = burst === undefined ? [] : ticksOf(burst);
    expect(ticks.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, k) => k + 1));
    expect(ticks.slice(100)).toEqual([10_100, 20_000]);
  });

  test('leaves the device as it comes: no sample waits longer than the flush time', () => {
    const rig = new Rig(DUMMY);
    rig.start();
    rig.ask('flush ch=1 p_us=100000');
    expect(rig.load([{ id: 1, n: 1, t_us: 60_000_000, rec: '30000000,0,0,50000,2000000' }])).toBe('ack');
    rig.runMs(1100);
    const seenUs = rig.samples().at(-1)?.tUs ?? 0;
    expect(seenUs).toBeGreaterThanOrEqual(1_000_000);
  });

  test('on a clock that wraps is halved until wraps can be counted, and its last instant stays', () => {
    const instrument: Instrument = { ...INSTRUMENTS.ideal, clockWrapUs: 60_000_000 };
    const rig = sampled(
      { t_us: 100_000_000, rec: '60000000,0,0,20000000,45000000' },
      { ...DUMMY, instrument },
    );
    // 20 s become 10 s up to 40 s; 60 s become 15 s from there on. Device times wrap after a minute.
    const seconds = rig.samples().map(({ tUs }) => tUs / 1e6 - 0.001);
    expect(seconds.map((s) => Math.round(s * 1000) / 1000)).toEqual([0.001, 10, 20, 30, 40, 55, 10, 25, 40]);
  });
});

describe('a device', () => {
  test.each(INSTRUMENT_NAMES)('of the class %s announces bursts', (name) => {
    const hello = new Rig({ instrument: name }).ask('hello v=1 token=rig');
    expect(field(hello, 'feat').split(',')).toContain('burst');
  });

  test('that does not announce bursts says nothing of features, and refuses one by its key', () => {
    const rig = new Rig({ instrument: { ...INSTRUMENTS.ideal, features: [] } });
    rig.start();
    expect(field(rig.ask('hello v=1 token=rig'), 'feat')).toBe('(none)');
    expect(rig.load([{ id: 1, n: 1, rec: '10000,0,0,1000,5000' }])).toBe('nak code=BADARG key=rec');
    expect(rig.load([{ id: 1, n: 1, rec: '10000,0,0' }])).toBe('ack');
  });

  test.each([
    ['10000,0,0,1000', 'nak code=BADARG key=rec'],
    ['10000,0,0,1000,5000,1', 'nak code=BADARG key=rec'],
    ['10000,0,0,01000,5000', 'nak code=BADARG key=rec'],
    ['10000,0,0,999,5000', 'nak code=RANGE key=rec min=1000 max=9007199254740991'],
    ['10000,0,0,10000,50000', 'nak code=RANGE key=rec min=1000 max=9007199254740991'],
    ['10000,0,0,1000,0', 'nak code=RANGE key=rec min=1000 max=9007199254740991'],
    ['10000,0,0,1000,1', 'ack'],
  ])('answers rec=%s by %s', (rec, answer) => {
    const rig = new Rig(DUMMY);
    rig.start();
    const nodes = [{ id: 1, n: 1, rec }];
    rig.ask(`job ch=1 job=${jobId(nodes)} nodes=1`);
    expect(nodes.map((node) => rig.ask(`node ch=1 job=${jobId(nodes)} ${nodeText(node)}`))).toEqual([answer]);
  });
});
