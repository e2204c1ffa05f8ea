// Goal: a damaged, doubled, slow or dead line never leaves a command undecided, never executes one twice, and
// never lets one of the last connection reach the cell on the next. Method: transcripts in virtual time.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gvn1Rig, gvn1RigUp, GREETING, HELLO_FIELDS, withCrc } from '../../support/gvn1-peer.ts';
import { TWO_HALF_CYCLES } from '../../support/trees.ts';

const GREETING_AGAIN = (seq: number): string[] => [
  `> @${seq} hello v=1 token=bench1`,
  `< @${seq} ack ${HELLO_FIELDS.replace('boot=2821094410', 'boot=7')}`,
];

describe('the driver on a bad line', () => {
  it('sends the same bytes again until they are answered', () => {
    const rig = gvn1RigUp();
    rig.cycler.channel(1).status(rig.done);
    rig.clock.advance(600);
    const [, ...sent] = rig.peer(0).rawLines;
    expect(sent).toEqual([sent[0], sent[0], sent[0]]);
    expect(rig.cycler.counters.retries).toBe(2);
    rig.peer(0).say('@1 nak code=STATE state=free');
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'refused' }]);
  });

  it('ignores answers that come twice, late or to nothing', () => {
    const rig = gvn1RigUp();
    rig.cycler.readClock(rig.done);
    rig.cycler.channel(1).off(rig.done);
    rig.clock.advance(0);
    for (const body of ['@9 ack', '@1 ack t_us=5', '@1 ack t_us=5', '@0 ack', '@2 ack', '@2 ack']) {
      rig.peer(0).say(body);
    }
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: true, value: { deviceUs: 5 } }, { ok: true }]);
  });

  it('bounds the device clock by when it was first asked and when it was answered', () => {
    const rig = gvn1RigUp();
    rig.clock.advance(100);
    rig.cycler.readClock(rig.done);
    rig.clock.advance(300);
    rig.peer(0).say('@1 ack t_us=5');
    rig.clock.advance(0);
    expect(rig.results).toEqual([{ ok: true, value: { deviceUs: 5, sentMs: 100, receivedMs: 400 } }]);
  });

  it('counts damaged lines and answers none of them', () => {
    const rig = gvn1RigUp();
    rig.peer(0).sayRaw(`@1 ack*00000000\n\n${'x'.repeat(3000)}\nboot: ok\r\n`);
    rig.clock.advance(0);
    expect(rig.cycler.counters.linesDropped).toBe(3);
    expect(rig.peer(0).heard).toHaveLength(1);
  });

  it('hears the first good frame behind any noise', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const noise = fc.string({ unit: byte, maxLength: 3000 });
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), (chunks) => {
        const rig = gvn1RigUp();
        for (const chunk of chunks) {
          rig.peer(0).sayRaw(chunk);
          rig.clock.advance(0);
        }
        rig.peer(0).sayRaw(`\n${withCrc('@7 l 1 n=0 t_us=1 v_nv=2 i_pa=3 q_nc=4')}`);
        rig.clock.advance(0);
        expect(rig.reports).toMatchObject([{ type: 'live', netChargeNc: 4 }]);
      }),
    );
  });

  it('puts an off ahead of everything queued', () => {
    const rig = gvn1RigUp();
    const channel = rig.cycler.channel(1);
    channel.status(rig.done);
    rig.cycler.readClock(rig.done);
    channel.off(rig.done);
    rig.clock.advance(0);
    rig.peer(0).say('@1 nak code=RANGE key=ch min=1 max=1');
    rig.clock.advance(0);
    expect(rig.peer(0).heard.slice(1)).toEqual(['@1 stat ch=1', '@2 off ch=1']);
  });

  it('sends the stop byte past the queue', () => {
    const rig = gvn1RigUp();
    rig.cycler.channel(1).status(rig.done);
    rig.clock.advance(0);
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.clock.advance(0);
    expect(rig.peer(0).stopBytes).toBe(1);
  });

  it('has no line for a stop byte before it is connected', () => {
    expect(gvn1Rig().cycler.emergencyStop()).toBe(false);
  });
});

describe('a lost link', () => {
  it('is noticed within 2 s of silence and fails every pending command once', () => {
    const rig = gvn1RigUp([], { keepAliveMs: 1000 });
    rig.clock.advance(1000);
    expect(rig.peer(0).heard.at(-1)).toBe('@1 clock');
    rig.cycler.channel(1).status(rig.done);
    rig.cycler.channel(1).load(TWO_HALF_CYCLES, rig.done);
    rig.cycler.channel(2).off(rig.done);
    rig.clock.advance(999);
    expect(rig.links).toHaveLength(1);
    rig.clock.advance(1);
    expect(rig.links).toMatchObject([{ type: 'up' }, { type: 'lost', reason: 'timeout' }]);
    expect(rig.results.map((result) => (result.ok ? 'ok' : result.reason))).toEqual([
      'timeout',
      'timeout',
      'timeout',
    ]);
    expect(rig.peer(0).isClosed).toBe(true);
  });

  it('stays up while the device answers the probe', () => {
    const rig = gvn1RigUp(['> @1 clock', '< @1 ack t_us=1', '> @2 clock', '< @2 ack t_us=2'], {
      keepAliveMs: 1000,
    });
    rig.clock.advance(2500);
    expect(rig.links).toHaveLength(1);
    expect(rig.peer(0).left).toEqual([]);
  });

  it('never sends on the next connection what was asked on the last', () => {
    const rig = gvn1RigUp([], { scripts: [GREETING_AGAIN(2)] });
    const channel = rig.cycler.channel(1);
    channel.load(TWO_HALF_CYCLES, rig.done);
    channel.load(TWO_HALF_CYCLES, rig.done);
    channel.off(rig.done);
    rig.clock.advance(10);
    rig.peer(0).hangUp();
    rig.clock.advance(0);
    expect(rig.results.map((result) => result.ok)).toEqual([false, false, false]);
    channel.off(rig.done);
    expect(rig.results).toMatchObject([{}, {}, {}, { ok: false, reason: 'closed' }]);
    rig.clock.advance(2000);
    expect(rig.peer(1).heard).toEqual(['@2 hello v=1 token=bench1']);
    expect(rig.results).toHaveLength(4);
  });

  it('comes back with a new port and shows that the device has restarted', () => {
    const rig = gvn1RigUp([], { scripts: [GREETING_AGAIN(1)] });
    rig.peer(0).hangUp();
    rig.clock.advance(249);
    expect(rig.peers).toHaveLength(1);
    rig.clock.advance(1);
    expect(rig.peers).toHaveLength(2);
    rig.clock.advance(0);
    expect(rig.links.map((link) => (link.type === 'up' ? link.identity.bootId : link.reason))).toEqual([
      2_821_094_410,
      'closed',
      7,
    ]);
  });

  it('is what a restart behind an open line amounts to', () => {
    const rig = gvn1RigUp(['> @1 stat ch=1', '< @1 nak code=NOSESSION'], { scripts: [GREETING_AGAIN(2)] });
    rig.cycler.channel(1).status(rig.done);
    rig.cycler.readClock(rig.done);
    rig.clock.advance(250);
    expect(rig.results).toMatchObject([{ reason: 'closed' }, { reason: 'closed' }]);
    expect(rig.links.map((link) => link.type)).toEqual(['up', 'lost', 'up']);
  });

  it('does not join half a line of one connection to the next', () => {
    const rig = gvn1RigUp([], { scripts: [GREETING_AGAIN(1)] });
    const line = withCrc('@7 l 1 n=0 t_us=1 v_nv=2 i_pa=3 q_nc=4');
    rig.peer(0).sayRaw(line.slice(0, 20));
    rig.peer(0).hangUp();
    rig.clock.advance(250);
    rig.peer(1).sayRaw(line.slice(20));
    rig.clock.advance(0);
    expect(rig.reports).toEqual([]);
    expect(rig.cycler.counters.linesDropped).toBe(1);
  });

  it('hears nothing of a connection it has given up', () => {
    const rig = gvn1RigUp();
    rig.cycler.channel(1).status(rig.done);
    rig.clock.advance(999);
    rig.peer(0).say('@5 l 1 n=0 t_us=1 v_nv=2 i_pa=3 q_nc=4');
    rig.cycler.close();
    rig.clock.advance(60_000);
    expect(rig.reports).toEqual([]);
    expect(rig.peers).toHaveLength(1);
    expect(rig.clock.isPending).toBe(false);
  });

  it('is told once while the port stays away, and tried again every 0.5 s at the slowest', () => {
    const attempts: number[] = [];
    const rig = gvn1Rig({
      openPort: (done) => {
        attempts.push(rig.clock.nowMs());
        done({ ok: false, reason: 'absent', detail: '/dev/ttyACM0: not there; plug it in' });
      },
    });
    rig.cycler.start();
    rig.clock.advance(20_000);
    expect(attempts.slice(0, 4)).toEqual([0, 250, 750, 1250]);
    expect(attempts).toHaveLength(41);
    expect(rig.links).toEqual([
      { type: 'lost', reason: 'absent', detail: '/dev/ttyACM0: not there; plug it in' },
    ]);
  });

  it('closes a port that opens after it was given up', () => {
    let open: (() => void) | null = null;
    let isClosed = false;
    const rig = gvn1Rig({
      openPort: (done) => {
        const port = {
          name: 'late',
          isOpen: true,
          pendingBytes: 0,
          write: () => true,
          onBytes: () => undefined,
          onClosed: () => undefined,
          close: () => {
            isClosed = true;
          },
        };
        open ??= () => done({ ok: true, port });
      },
    });
    rig.cycler.start();
    rig.clock.advance(10_001);
    (open as (() => void) | null)?.();
    expect(isClosed).toBe(true);
  });

  it('survives a receiver that throws', () => {
    const rig = gvn1Rig({ scripts: [[...GREETING, '> @1 clock', '< @1 ack t_us=3']], keepAliveMs: null });
    rig.cycler.onLink(() => {
      throw new Error('receiver');
    });
    rig.cycler.start();
    expect(() => rig.clock.advance(0)).toThrow('receiver');
    rig.clock.advance(0);
    rig.cycler.readClock(rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: true, value: { deviceUs: 3 } }]);
  });
});
