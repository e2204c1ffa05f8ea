// Goal: whatever goes wrong, the cell ends open, at the right moment and for the reason told. Method: leases
// that run out, hard limits, stop bytes and power cuts in virtual time; the cell log and the frames are the
// witnesses.
import { describe, expect, test } from 'vitest';
import { field, type NodeFields, Rig, wire } from './rig.ts';

const I_PA = 1_130_000_000;
const half = (n: number, more: Partial<NodeFields> = {}): NodeFields => ({
  id: n,
  n,
  i_pa: n % 2 === 1 ? -I_PA : I_PA,
  t_us: 10_000_000,
  on: `t:${n + 1}`,
  ...more,
});
/** Two cycles of 10 s half-cycles; every second one completes a cycle. */
const TWO_CYCLES = [half(1), half(2, { rest: 'cyc=1' }), half(3), half(4, { rest: 'cyc=1', on: '-' })];

const route = (rig: Rig): string[] => rig.frames('e').map((end) => `${field(end, 'n')} ${field(end, 'why')}`);
const lastSwitch = (rig: Rig): string => {
  const { t_us, cell, why } = rig.cellLog.at(-1) ?? { t_us: -1, cell: '?', why: '?' };
  return `${cell} ${why} ${t_us}`;
};
const running = (lease: { leaseUs: number; policy: string }): Rig => {
  const rig = new Rig();
  rig.start(lease);
  expect(rig.load(TWO_CYCLES)).toBe('ack');
  return rig;
};

describe('a lease that runs out', () => {
  test('ends the step at once under `off`: reason lease, cell open, fault wdg', () => {
    const rig = running({ leaseUs: 5_000_000, policy: 'off' });
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1 lease']);
    expect(lastSwitch(rig)).toBe('off lease 5000000');
    expect(rig.frames('f')).toEqual(['1 fault=wdg n=1 t_us=5000000']);
    expect([rig.stat('state'), rig.stat('fault'), rig.stat('cell')]).toEqual(['fault', 'wdg', 'off']);
  });

  test('lets the step finish under `finish-step`, starts no child and latches wdg', () => {
    const rig = running({ leaseUs: 5_000_000, policy: 'finish-step' });
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1 t']);
    expect(field(rig.frames('e')[0] ?? '', 'next')).toBe('0');
    expect(lastSwitch(rig)).toBe('off lease 10001000');
    expect(rig.frames('f')).toEqual(['1 fault=wdg n=1 t_us=10001000']);
  });

  test('lets the cycle finish under `finish-cycle`', () => {
    const rig = running({ leaseUs: 5_000_000, policy: 'finish-cycle' });
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1 t', '2 t']);
    expect(lastSwitch(rig)).toBe('off lease 20001000');
    expect(rig.stat('fault')).toBe('wdg');
  });

  test('and is renewed before the step ends is live again under `finish-step`', () => {
    const rig = running({ leaseUs: 5_000_000, policy: 'finish-step' });
    rig.runMs(8000);
    expect(rig.stat('lease_us')).toBe('0');
    expect(rig.lease(100_000_000, 'finish-step')).toBe('ack');
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1 t', '2 t', '3 t', '4 t']);
    expect(rig.stat('state')).toBe('idle');
  });

  test('never comes when it is waived', () => {
    const rig = new Rig({ leaseLongestUs: 1_000_000 });
    rig.start({ leaseUs: -1 });
    rig.load(TWO_CYCLES);
    rig.runMs(60_000);
    expect(rig.stat('lease_us')).toBe('-1');
    expect(route(rig)).toHaveLength(4);
  });

  test('is renewed by nothing but `lease`, and goes on when the host hangs up', () => {
    const rig = new Rig();
    const line = rig.connect();
    rig.start({ leaseUs: 5_000_000 });
    rig.load(TWO_CYCLES);
    for (let k = 0; k < 4; k += 1) {
      rig.runMs(1000);
      rig.stat('state');
    }
    line.close();
    rig.runMs(60_000);
    expect(lastSwitch(rig)).toBe('off lease 5000000');
    rig.connect();
    expect(rig.stat('fault')).toBe('wdg');
  });

  test('of one channel is no business of the other', () => {
    const rig = new Rig({ channels: 2 });
    rig.start({ ch: 1, leaseUs: 5_000_000 });
    rig.start({ ch: 2, leaseUs: 100_000_000 });
    rig.load(TWO_CYCLES, 1);
    rig.load(TWO_CYCLES, 2);
    rig.runMs(60_000);
    expect([rig.stat('state', 1), rig.stat('state', 2)]).toEqual(['fault', 'idle']);
  });

  test.each(['99999', '30000001', '-2', '0'])('cannot be given for %s µs', (us) => {
    const rig = new Rig({ leaseLongestUs: 30_000_000 });
    rig.start({ leaseUs: 1_000_000 });
    const answer = rig.ask(`lease ch=1 token=rig t_us=${us} policy=off`);
    expect(answer).toBe('nak code=RANGE key=t_us min=100000 max=30000000');
  });
});

describe('a hard limit', () => {
  const limits = (change: string): string => {
    const [key = ''] = change.split('=');
    const usual = 'vhi_nv=2000000000 vlo_nv=-2000000000 ihi_pa=9000000000 qhi_nc=40000000000';
    return usual.replace(new RegExp(`${key}=\\S+`), change);
  };

  test.each([
    ['vhi_nv=40000000', 'vhard', 2],
    ['vlo_nv=-40000000', 'vhard', 1],
    ['ihi_pa=1000000000', 'ihard', 1],
    ['qhi_nc=5650000', 'qhard', 1],
  ])('%s opens the cell and latches %s', (change, fault, step) => {
    const rig = new Rig();
    rig.start({ limits: limits(change) });
    rig.load(TWO_CYCLES);
    rig.runMs(60_000);
    expect(route(rig).at(-1)).toBe(`${step} fault`);
    expect(rig.frames('f')).toHaveLength(1);
    expect(field(rig.frames('f')[0] ?? '', 'fault')).toBe(fault);
    expect(lastSwitch(rig)).toMatch(/^off fault /);
    expect(rig.lines.at(-1)).toContain(' f ');
  });

  test('on charge acts at the first tick beyond it', () => {
    const rig = new Rig();
    rig.start({ limits: limits('qhi_nc=5650000') });
    rig.load(TWO_CYCLES);
    rig.runMs(60_000);
    expect(field(rig.frames('e')[0] ?? '', 'q_nc')).toBe('-5651130');
  });

  test('on current cannot be beyond the range', () => {
    const rig = new Rig();
    rig.start({ range: 0 });
    const open = 'open ch=1 run=R1 range=0 vhi_nv=1 vlo_nv=0 ihi_pa=1000000001 qhi_nc=1 token=rig';
    expect(rig.ask(open)).toBe('nak code=RANGE key=ihi_pa min=1 max=1000000000');
  });

  test('stays latched until it is cleared by its name; run, log and counter are kept, the job is not', () => {
    const rig = new Rig();
    rig.start({ limits: limits('qhi_nc=5650000') });
    rig.load(TWO_CYCLES);
    rig.runMs(60_000);
    expect(rig.load(TWO_CYCLES)).toBe('nak code=FAULT fault=qhard');
    expect(rig.lease(1_000_000)).toBe('nak code=FAULT fault=qhard');
    expect(rig.ask('clr ch=1 fault=wdg')).toBe('nak code=FAULT fault=qhard');
    expect(rig.ask('clr ch=1 fault=qhard')).toBe('ack');
    expect(rig.ask('clr ch=1 fault=qhard')).toBe('nak code=STATE state=idle');
    expect(rig.stat('lease_us')).toBe('0');
    const stat = rig.ask('stat ch=1');
    expect(['run', 'ended', 'job', 'q_nc', 'fault'].map((key) => field(stat, key))).toEqual([
      'R1',
      '1',
      '-',
      '-5651130',
      '-',
    ]);
  });
});

describe('the stop byte', () => {
  test('in the middle of a frame stops all channels, and the frame is carried out', () => {
    const rig = new Rig({ channels: 3 });
    for (const ch of [1, 2]) {
      rig.start({ ch });
      rig.load(TWO_CYCLES, ch);
    }
    rig.runMs(3000);
    const frame = wire(999, 'stat ch=1');
    rig.raw(`${frame.slice(0, 6)}\x18${frame.slice(6)}`);
    expect(rig.lines.at(-1)).toMatch(/^@999 ack ch=1 state=fault .*fault=stop cell=off rxbad=0$/);
    expect(route(rig)).toEqual(['1 stop', '1 stop']);
    expect(rig.frames('f').map((text) => text.slice(0, 12))).toEqual(['1 fault=stop', '2 fault=stop']);
    expect(rig.stat('state', 3)).toBe('free');
    expect(rig.cellLog.filter((entry) => entry.why === 'stop').map((entry) => entry.ch)).toEqual([1, 2]);
  });

  test('latches an idle channel too, and the first of several faults stays', () => {
    const rig = new Rig();
    rig.start();
    rig.raw('\x18');
    expect(rig.frames('f')).toEqual(['1 fault=stop n=0 t_us=0']);
    rig.raw('\x18\x18');
    expect(rig.frames('f')).toHaveLength(1);
  });
});

describe('`off`', () => {
  test('opens the cell in any state, without a session, and is no fault', () => {
    const rig = new Rig();
    expect(rig.ask('off ch=1')).toBe('ack');
    rig.start();
    rig.load(TWO_CYCLES);
    rig.runMs(3000);
    expect(rig.ask('off ch=1')).toBe('ack');
    expect(route(rig)).toEqual(['1 off']);
    expect(lastSwitch(rig)).toBe('off off 3001000');
    expect([rig.stat('state'), rig.stat('job'), rig.stat('cell')]).toEqual(['idle', '-', 'off']);
    expect(rig.load([half(2, { on: '-' })])).toBe('ack');
    expect(rig.cellLog.at(-1)?.t_us).toBe(3_002_000);
  });

  test('before the first tick of a step still leaves that step its one sample', () => {
    const rig = new Rig();
    rig.start();
    rig.load(TWO_CYCLES);
    rig.ask('off ch=1');
    expect(rig.samples().map((sample) => sample.flags)).toEqual([3]);
    expect(route(rig)).toEqual(['1 off']);
  });
});

describe('a power cut', () => {
  test('opens every cell, forgets everything, draws a new boot id and is silent until `hello`', () => {
    const rig = new Rig();
    rig.start();
    rig.load(TWO_CYCLES);
    rig.runMs(3000);
    const bootBefore = rig.stat('boot');
    const linesBefore = rig.lines.length;
    rig.simulator.reset('brownout');
    expect(rig.cellLog.slice(-2).map(({ t_us, cell, why }) => ({ t_us, cell, why }))).toEqual([
      { t_us: 3_000_000, cell: 'off', why: 'power' },
      { t_us: 0, cell: 'off', why: 'power' },
    ]);
    rig.runMs(60_000);
    expect(rig.lines.length).toBe(linesBefore);
    expect(rig.ask('stat ch=1')).toBe('nak code=NOSESSION');
    const hello = rig.ask('hello v=1 token=rig');
    expect([field(hello, 'cause'), field(hello, 't_us')]).toEqual(['brownout', '60000000']);
    expect(field(hello, 'boot')).not.toBe(bootBefore);
    const stat = rig.ask('stat ch=1');
    expect(['state', 'run', 'n', 'ended', 'q_nc', 'lease_us', 'cell'].map((key) => field(stat, key))).toEqual(
      ['free', '-', '0', '0', '0', '0', 'off'],
    );
  });

  test('does not undo what the cell has been through', () => {
    const rig = new Rig();
    rig.start();
    rig.load(TWO_CYCLES);
    rig.runMs(3001);
    rig.simulator.reset('power');
    rig.runMs(1000);
    expect(rig.simulator.truth(1).plateChargeNc).toBeCloseTo(3_390_000, 3);
  });

  test('for good is the last line of the cell log', () => {
    const rig = new Rig();
    rig.start();
    rig.load(TWO_CYCLES);
    rig.runMs(3000);
    rig.simulator.close();
    expect(lastSwitch(rig)).toBe('off power 3000000');
    rig.runMs(1000);
    expect(rig.clock.isPending).toBe(false);
  });
});

test('the cell log holds one line for each change a cell saw', () => {
  const rig = new Rig();
  rig.start();
  rig.load([half(1), half(2, { on: 't:3' }), { id: 3, n: 3, t_us: 1_000_000 }]);
  rig.runMs(60_000);
  expect(rig.cellLog.map(({ cell, why, step, i_pa, t_us }) => [cell, why, step, i_pa, t_us])).toEqual([
    ['off', 'power', 0, 0, 0],
    ['on', 'commit', 1, -I_PA, 1000],
    ['on', 'next', 2, I_PA, 10_001_000],
    ['off', 'end', 2, 0, 20_001_000],
  ]);
});
