// Goal: asking for the past ends, whatever the ring still has and whatever the line swallows, and never mixes
// two requests. Method: transcripts in virtual time; samples are named by their numbers alone.

import { describe, expect, it } from 'vitest';
import type { DeviceReport } from '../../../src/device/cycler.ts';
import { gvn1RigUp } from '../../support/gvn1-peer.ts';

const stat = (n: number, oldest: number): string =>
  `ch=1 state=idle run=01JA boot=1 t_us=9 job=- node=0 step=0 ended=3 n=${n} oldest=${oldest} q_nc=0 ` +
  'lease_us=0 fault=- cell=off rxbad=0';
const sample = (n: number): string => `${n + 1},0,0,0,0`;
const samples = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => sample(first + index)).join(';');
const stepEnd = (n: number): string =>
  `1 n=${n} id=${n} why=t t0_us=1 t_us=2 q0_nc=0 q_nc=0 v_nv=0 i_pa=0 last=${n} next=0`;

function numbersOf(reports: readonly DeviceReport[]): number[] {
  return reports.flatMap((report) =>
    report.type === 'samples' ? report.timeUs.map((_, index) => report.firstN + index) : [],
  );
}

describe('replaying samples', () => {
  it('asks in pieces of 1000, from the oldest the ring has to the newest', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(2302, 1300)}`,
      '> @2 replay ch=1 from=1300 to=2299',
      '< @2 ack from=1302 to=2299',
      ...Array.from(
        { length: 998 },
        (_, index) => `< @${index} r 1 ${1302 + index} 1 ${sample(1302 + index)}`,
      ),
      '> @3 replay ch=1 from=2300 to=2301',
      '< @3 ack from=2300 to=2301',
      `< @998 r 1 2300 1 ${samples(2300, 2301)}`,
    ]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 5000 }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toEqual([{ ok: true, value: { from: 1302, to: 2301 } }]);
    expect(numbersOf(rig.reports)).toEqual(Array.from({ length: 1000 }, (_, index) => 1302 + index));
    expect(rig.peer(0).unexpected).toEqual([]);
  });

  it('passes over a piece that has left the ring meanwhile', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(1500, 0)}`,
      '> @2 replay ch=1 from=0 to=999',
      '< @2 ack from=1400 to=999',
      '> @3 replay ch=1 from=1000 to=1499',
      '< @3 ack from=1400 to=1401',
      `< @0 r 1 1400 1 ${samples(1400, 1401)}`,
      '> @4 replay ch=1 from=1402 to=1499',
      '< @4 ack from=1402 to=1401',
    ]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 1499 }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toEqual([{ ok: true, value: { from: 1400, to: 1401 } }]);
  });

  it('is done at once when the ring has nothing of it', () => {
    const rig = gvn1RigUp(['> @1 stat ch=1', `< @1 ack ${stat(10, 10)}`]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 9 }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toEqual([{ ok: true, value: { from: 10, to: 9 } }]);
  });

  it('fails when a frame in the middle is lost', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(4, 0)}`,
      '> @2 replay ch=1 from=0 to=3',
      '< @2 ack from=0 to=3',
      `< @0 r 1 0 1 ${sample(0)}`,
      `< @2 r 1 2 1 ${samples(2, 3)}`,
    ]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 3 }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: false, reason: 'timeout', detail: expect.stringContaining('1 to 1') },
    ]);
    expect(numbersOf(rig.reports)).toEqual([0, 2, 3]);
  });

  it('fails when the last frame is lost, after a bounded wait', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(2, 0)}`,
      '> @2 replay ch=1 from=0 to=1',
      '< @2 ack from=0 to=1',
      `< @0 r 1 0 1 ${sample(0)}`,
    ]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 1 }, rig.done);
    rig.clock.runUntil(() => rig.results.length > 0);
    expect(rig.clock.nowMs()).toBe(2000);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'timeout' }]);
  });

  it('fails once with the link while frames are awaited, and so does what waits behind', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(2, 0)}`,
      '> @2 stat ch=1',
      `< @2 ack ${stat(2, 0)}`,
      '> @3 replay ch=1 from=0 to=1',
      '< @3 ack from=0 to=1',
    ]);
    rig.cycler.channel(1).replaySamples({ from: 0, to: 1 }, rig.done);
    rig.cycler.channel(1).replaySamples({ from: 1, to: 1 }, rig.done);
    rig.clock.advance(10);
    rig.peer(0).hangUp();
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: false, reason: 'closed' },
      { ok: false, reason: 'closed' },
    ]);
    expect(rig.links.at(-1)?.type).toBe('lost');
  });

  it('calls an offer of what was not asked for nonsense', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      `< @1 ack ${stat(100, 0)}`,
      '> @2 replay ch=1 from=5 to=9',
      '< @2 ack from=3 to=9',
    ]);
    rig.cycler.channel(1).replaySamples({ from: 5, to: 9 }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'nonsense' }]);
  });
});

describe('replaying step ends', () => {
  it('asks again after 64 of them until there are no more', () => {
    const rig = gvn1RigUp([
      '> @1 ends ch=1 from=1',
      '< @1 ack from=1 to=64',
      ...Array.from({ length: 64 }, (_, index) => `< @${index} x ${stepEnd(index + 1)}`),
      '> @2 ends ch=1 from=65',
      '< @2 ack from=65 to=65',
      `< @64 x ${stepEnd(65)}`,
      '> @3 ends ch=1 from=66',
      '< @3 ack from=66 to=65',
    ]);
    rig.cycler.channel(1).replayStepEnds(1, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toEqual([{ ok: true, value: { from: 1, to: 65 } }]);
    expect(rig.reports).toHaveLength(65);
  });
});
