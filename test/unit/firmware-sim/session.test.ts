// Goal: one host at a time, one command at a time, nothing twice and nothing lost: the session rules of
// GVN1.md sections 3, 4, 9 and 10. Method: frames written by hand, also damaged, repeated and out of place;
// bytes compared.
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { field, type NodeFields, Rig, wire } from './rig.ts';

const I_PA = 1_130_000_000;
const half = (n: number, on: string): NodeFields => ({
  id: n,
  n,
  i_pa: n % 2 === 1 ? -I_PA : I_PA,
  t_us: 10_000_000,
  rec: '50000,0,0',
  on,
});
const JOB = [half(1, 't:2'), half(2, '-')];

const finished = (options: ConstructorParameters<typeof Rig>[0] = {}): Rig => {
  const rig = new Rig(options);
  rig.start();
  rig.load(JOB);
  rig.runMs(60_000);
  return rig;
};

describe('a session', () => {
  test('is needed for every command but `hello` and `off`', () => {
    const rig = new Rig();
    expect(rig.ask('clock')).toBe('nak code=NOSESSION');
    expect(rig.ask('fly ch=1')).toBe('nak code=NOSESSION');
    expect(rig.ask('off ch=1')).toBe('ack');
    expect(rig.ask('hello v=1 token=rig')).toContain('proto=gvn1 v=1 dev=sim-7');
    expect(rig.ask('clock')).toBe('ack t_us=0');
    expect(rig.ask('fly ch=1')).toBe('nak code=BADCMD');
  });

  test('is not given to another token while a lease lives, except by force', () => {
    const rig = new Rig();
    rig.start({ leaseUs: 1_000_000 });
    expect(rig.ask('hello v=1 token=other')).toBe('nak code=BUSY');
    expect(rig.ask('hello v=1 token=rig')).toMatch(/^ack /);
    expect(rig.ask('hello v=1 token=other force=1')).toMatch(/^ack /);
    expect(rig.lease(1_000_000)).toBe('nak code=OWNER');
    expect(rig.ask('hello v=1 token=rig')).toBe('nak code=BUSY');
    rig.runMs(1000);
    expect(rig.ask('hello v=1 token=rig')).toMatch(/^ack /);
  });

  test('of another version is told so, whatever else that version may say', () => {
    const rig = new Rig();
    expect(rig.ask('hello v=2 token=rig colour=red')).toBe('nak code=VERSION v=1');
  });

  test.each([
    ['hello token=rig', 'nak code=BADARG key=v'],
    ['hello v=1', 'nak code=BADARG key=token'],
    [`hello v=1 token=${'x'.repeat(33)}`, 'nak code=BADARG key=token'],
    ['stat ch=2', 'nak code=RANGE key=ch min=1 max=1'],
    ['stat ch=0', 'nak code=RANGE key=ch min=1 max=1'],
    ['stat ch=01', 'nak code=BADARG key=ch'],
    ['stat ch=1 ch=1', 'nak code=BADARG key=ch'],
    ['stat ch=1 x', 'nak code=BADARG key=-'],
    ['close ch=9 run=R1 token=rig', 'nak code=BADARG key=token'],
    ['close ch=1 run=R2', 'nak code=RUN run=R1'],
    ['open ch=1 run=R2 range=1 vhi_nv=1 vlo_nv=0 ihi_pa=1 qhi_nc=1 token=rig', 'nak code=RUN run=R1'],
    ['open ch=1 run=R1 range=1 vhi_nv=1 vlo_nv=0 ihi_pa=1 qhi_nc=1 token=rig', 'ack'],
    ['open ch=1 run=R1 range=1 vhi_nv=1 vlo_nv=0 ihi_pa=1 qhi_nc=1 token=no', 'nak code=OWNER'],
    ['clr ch=1 fault=wdg', 'nak code=STATE state=idle'],
    ['live ch=1 p_us=99999', 'nak code=RANGE key=p_us min=100000 max=9007199254740991'],
    ['replay ch=1 from=-1 to=5', 'nak code=RANGE key=from min=0 max=9007199254740991'],
    ['hello v=1 token=rig force=0', 'nak code=BADARG key=force'],
    ['clock x=1 ch', 'nak code=BADARG key=x'],
    ['lease ch=1 token=rig t_us=1000000 policy=hope', 'nak code=BADARG key=policy'],
  ])('answers %j with %j', (command, answer) => {
    const rig = new Rig();
    rig.start();
    expect(rig.ask(command)).toBe(answer);
  });

  test('closes and opens runs: the counter and the log begin anew, the sample number goes on', () => {
    const rig = finished();
    const n = rig.stat('n');
    expect(rig.ask('close ch=1 run=R1')).toBe('ack');
    expect(rig.ask('close ch=1 run=R1')).toBe('ack');
    expect(rig.lease(1_000_000)).toBe('nak code=STATE state=free');
    rig.start();
    const stat = rig.ask('stat ch=1');
    expect(['n', 'oldest', 'ended', 'q_nc'].map((key) => field(stat, key))).toEqual([n, n, '0', '0']);
  });

  test('does not take the run off a channel that is in a step', () => {
    const rig = new Rig();
    rig.start();
    rig.load(JOB);
    expect(rig.ask('close ch=1 run=R1')).toBe('nak code=STATE state=step');
    expect(rig.ask('close ch=1 run=R2')).toBe('nak code=RUN run=R1');
  });
});

describe('a repeated frame', () => {
  test('is answered again and not carried out again', () => {
    const rig = new Rig();
    rig.start({ leaseUs: 1_000_000 });
    const renew = 'lease ch=1 token=rig t_us=1000000 policy=off';
    expect(rig.askAs(500, renew)).toBe('ack');
    rig.runMs(600);
    expect(rig.askAs(500, renew)).toBe('ack');
    expect(rig.stat('lease_us')).toBe('400000');
  });

  test('with the same number and other content is a new command', () => {
    const rig = new Rig();
    rig.start();
    expect(rig.askAs(500, 'clock')).toBe('ack t_us=0');
    expect(rig.askAs(500, 'flush ch=1 p_us=0')).toBe('ack');
    rig.runMs(5);
    expect(rig.askAs(500, 'clock')).toBe('ack t_us=5000');
    rig.runMs(5);
    expect(rig.askAs(500, 'clock')).toBe('ack t_us=5000');
  });

  test('is forgotten at `hello`, which is always carried out', () => {
    const rig = new Rig();
    rig.start();
    rig.askAs(500, 'clock');
    rig.runMs(5);
    expect(field(rig.askAs(7, 'hello v=1 token=rig'), 't_us')).toBe('5000');
    rig.runMs(5);
    expect(field(rig.askAs(7, 'hello v=1 token=rig'), 't_us')).toBe('10000');
    expect(rig.askAs(500, 'clock')).toBe('ack t_us=10000');
  });
});

test('a damaged line is dropped, counted and never answered', () => {
  const rig = new Rig();
  rig.start();
  const before = rig.lines.length;
  rig.raw(wire(9, 'clock').replace('clock', 'cl0ck'));
  rig.raw('\n\nhello?\n');
  rig.raw(`${'x'.repeat(3000)}\n`);
  expect(rig.lines.length).toBe(before);
  expect(rig.stat('rxbad')).toBe('3');
});

describe('what the device sends', () => {
  test('is in order: samples of a step, its end, samples of the next; numbers without a hole', () => {
    const rig = finished({ instrument: 'bench' });
    const order = rig.lines.flatMap((line) => {
      const [, type, , first, step] = line.split(' ');
      return type === 's' ? [`s${step}`] : type === 'e' ? [`e${first}`] : [];
    });
    expect(order.filter((item, k) => item !== order[k - 1])).toEqual(['s1', 'en=1', 's2', 'en=2']);
    expect(rig.samples().map((sample) => sample.n)).toEqual(rig.samples().map((_, k) => k));
    const own = rig.lines
      .filter((line) => / [self] /.test(line))
      .map((line) => Number(line.slice(1, line.indexOf(' '))));
    expect(own).toEqual(own.map((_, k) => k));
  });

  test('fits 1024 bytes a line, and lines are filled when nothing hurries', () => {
    const rig = new Rig();
    rig.start();
    rig.ask('flush ch=1 p_us=1000000000');
    rig.load(JOB);
    rig.runMs(60_000);
    const lengths = rig.bytes.split('\n').map((line) => line.length + 1);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1024);
    expect(Math.max(...lengths)).toBeGreaterThan(960);
    expect(rig.frames('s').length).toBeLessThan(25);
    expect(rig.samples()).toHaveLength(402);
  });

  test('waits at most the flush time, and not at all when that is 0', () => {
    for (const [flushUs, delaysMs] of [
      [0, 0],
      [250_000, 250],
    ] as const) {
      const rig = new Rig();
      rig.start();
      rig.ask(`flush ch=1 p_us=${flushUs}`);
      rig.load(JOB);
      const arrivals: [number, number][] = [];
      rig.clock.runUntil(() => {
        const count = rig.samples().length;
        if (count !== (arrivals.at(-1)?.[0] ?? 0)) arrivals.push([count, rig.clock.nowMs()]);
        return count >= 20;
      });
      const samples = rig.samples();
      const longestMs = Math.max(
        ...samples.map(({ n, tUs }) => (arrivals.find(([count]) => count > n)?.[1] ?? 0) - tUs / 1000),
      );
      expect(longestMs).toBeCloseTo(delaysMs, 2);
    }
  });

  test('live is at the period asked for, in real time, and changes no sample', () => {
    const quiet = finished({ instrument: 'bench' });
    const rig = new Rig({ instrument: 'bench' });
    rig.start();
    rig.ask('live ch=1 p_us=500000');
    rig.load(JOB);
    rig.runMs(60_000);
    expect(rig.frames('l')).toHaveLength(120);
    expect(rig.frames('l')[10]).toMatch(/^1 n=1 t_us=\d+ v_nv=-\d+ i_pa=-\d+ q_nc=-\d+$/);
    expect(rig.samples()).toEqual(quiet.samples());
  });

  test('again is what it sent at first', () => {
    const rig = finished({ instrument: 'bench' });
    expect(rig.ask('replay ch=1 from=100 to=900')).toBe('ack from=100 to=401');
    expect(rig.samples('r')).toEqual(rig.samples('s').slice(100));
    expect(rig.ask('ends ch=1 from=1')).toBe('ack from=1 to=2');
    expect(rig.frames('x')).toEqual(rig.frames('e'));
    expect(rig.ask('replay ch=1 from=5 to=1')).toBe('ack from=5 to=1');
    expect(rig.ask('replay ch=1 from=402 to=500')).toBe('ack from=402 to=401');
    expect(rig.ask('ends ch=1 from=3')).toBe('ack from=3 to=2');
  });

  test('again is what ring and log still hold', () => {
    const rig = finished({ ringCapacity: 100, logCapacity: 1 });
    expect(rig.stat('oldest')).toBe('302');
    expect(rig.ask('replay ch=1 from=0 to=310')).toBe('ack from=302 to=310');
    expect(rig.ask('ends ch=1 from=1')).toBe('ack from=2 to=2');
    expect(rig.samples('r').map((sample) => sample.n)).toEqual([302, 303, 304, 305, 306, 307, 308, 309, 310]);
  });

  test('is not lost on the ring when a step has more samples than the ring and nobody looks', () => {
    const rig = new Rig({ ringCapacity: 600 });
    rig.start();
    rig.ask('flush ch=1 p_us=1000000000000');
    rig.load([{ ...half(1, '-'), rec: '1000,0,0' }]);
    rig.runMs(60_000);
    expect(rig.samples()).toHaveLength(10_000);
    expect(rig.ask('close ch=1 run=R1')).toBe('ack');
    expect(rig.ask('replay ch=1 from=0 to=99999')).toBe('ack from=9400 to=9999');
  });
});

test('the same seed and the same commands at the same times give the same bytes, another seed others', () => {
  const bytes = (seed: number): string => finished({ seed, instrument: 'bench' }).bytes;
  expect(bytes(7)).toBe(bytes(7));
  expect(bytes(8)).not.toBe(bytes(7));
});

test('samples do not depend on how often the host looks', () => {
  const rig = new Rig({ instrument: 'bench' });
  rig.start();
  rig.load(JOB);
  for (let k = 0; k < 1000; k += 1) {
    rig.runMs(37);
    rig.ask('stat ch=1');
  }
  rig.runMs(60_000);
  expect(rig.samples()).toEqual(finished({ instrument: 'bench' }).samples());
});

describe('a memory line', () => {
  test('delivers later at the same instant, in order, and the end once, after the last byte', () => {
    const clock = new VirtualClock();
    const { host, device } = createMemoryPair(clock);
    const seen: string[] = [];
    device.onBytes((text) => seen.push(text));
    device.onClosed((reason) => seen.push(reason));
    host.onBytes(() => undefined);
    host.onClosed((reason) => seen.push(`host: ${reason}`));
    host.write('ab');
    host.write('c');
    expect([seen.length, host.pendingBytes]).toEqual([0, 3]);
    host.close();
    host.close();
    expect(host.write('d')).toBe(false);
    clock.advance(0);
    expect(seen).toEqual(['abc', 'host: closed by this side', 'closed by the other side']);
    expect([host.isOpen, device.isOpen, device.write('x'), clock.nowMs()]).toEqual([false, false, false, 0]);
  });

  test('that is replaced is closed, and what it still had is not heard', () => {
    const rig = new Rig();
    rig.start();
    rig.load(JOB);
    rig.connect();
    expect(rig.simulator.isAttached).toBe(true);
    rig.runMs(60_000);
    expect(rig.stat('ended')).toBe('2');
  });
});
