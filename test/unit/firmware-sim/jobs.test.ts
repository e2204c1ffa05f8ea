// Goal: what comes next is the host's to decide until it happens, and never after. Method: jobs committed,
// replaced and refused over a memory line in virtual time; the codes of GVN1.md sections 6.4 and 9.
import { describe, expect, test } from 'vitest';
import { field, jobId, type NodeFields, nodeText, Rig } from './rig.ts';

const I_PA = 1_130_000_000;
const plate: NodeFields = { id: 1, n: 1, i_pa: -I_PA, t_us: 10_000_000, on: 't:2' };
const strip: NodeFields = { id: 2, n: 2, i_pa: I_PA, t_us: 10_000_000, on: 't:3' };
const rest: NodeFields = { id: 3, n: 3, t_us: 10_000_000 };

const started = (): Rig => {
  const rig = new Rig();
  rig.start();
  return rig;
};
const route = (rig: Rig): string[] =>
  rig.frames('e').map((end) => `${field(end, 'id')}>${field(end, 'next')}`);

describe('a job', () => {
  test('runs from node to node at the same tick, and the channel is idle after its last', () => {
    const rig = started();
    expect(rig.load([plate, strip, rest])).toBe('ack');
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1>2', '2>3', '3>0']);
    const ends = rig.frames('e');
    expect(ends.slice(1).map((end) => field(end, 't0_us'))).toEqual(
      ends.slice(0, 2).map((end) => field(end, 't_us')),
    );
    expect([rig.stat('state'), rig.stat('ended'), rig.stat('job')]).toEqual(['idle', '3', '-']);
  });

  test('takes the branch of the reason that ended the step', () => {
    const rig = started();
    const branches = { ...plate, rest: 'qstep_nc=1130000', on: 't:2,qstep:3' };
    expect(
      rig.load(
        [branches, strip, { ...rest, n: 2 }].map((node) => ({
          ...node,
          ...(node.id === 2 ? { on: '-' } : {}),
        })),
      ),
    ).toBe('ack');
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1>3', '3>0']);
  });

  test('may lead to one node by two reasons', () => {
    const rig = started();
    expect(
      rig.load([
        { ...plate, rest: 'qstep_nc=1130000', on: 't:2,qstep:2' },
        { ...strip, on: '-' },
      ]),
    ).toBe('ack');
    rig.runMs(60_000);
    expect(route(rig)).toEqual(['1>2', '2>0']);
  });

  test('whose nodes do not make its id or no tree is refused by JOBCRC, and nothing starts', () => {
    const rig = started();
    const commit = (nodes: readonly NodeFields[], count = nodes.length, id = jobId(nodes)): string => {
      rig.ask(`job ch=1 job=${id} nodes=${count}`);
      for (const node of nodes) rig.ask(`node ch=1 job=${id} ${nodeText(node)}`);
      return rig.ask(`commit ch=1 job=${id} token=rig`);
    };
    const lonely = { ...plate, on: '-' };
    expect(commit([lonely], 2)).toBe('nak code=JOBCRC');
    expect(commit([lonely], 1, '00000000')).toBe('nak code=JOBCRC');
    expect(commit([lonely, { ...strip, on: '-' }])).toBe('nak code=JOBCRC');
    expect(commit([plate])).toBe('nak code=JOBCRC');
    expect(commit([plate, { ...strip, n: 3, on: '-' }])).toBe('nak code=JOBCRC');
    expect(commit([{ ...plate, on: 't:1' }])).toBe('nak code=JOBCRC');
    expect(rig.ask('commit ch=1 job=12345678 token=rig')).toBe('nak code=JOBCRC');
    expect(rig.ask(`node ch=1 job=12345678 ${nodeText(lonely)}`)).toBe('nak code=JOBCRC');
    expect(rig.stat('state')).toBe('idle');
    expect(commit([lonely])).toBe('ack');
  });

  test('of more nodes than slots, or than it said, is refused by SLOTS', () => {
    const rig = started();
    expect(rig.ask('job ch=1 job=00000000 nodes=17')).toBe('nak code=SLOTS max=16');
    expect(rig.ask('job ch=1 job=00000000 nodes=0')).toBe('nak code=RANGE key=nodes min=1 max=16');
    rig.ask('job ch=1 job=00000000 nodes=1');
    expect(rig.ask(`node ch=1 job=00000000 ${nodeText(plate)}`)).toBe('ack');
    expect(rig.ask(`node ch=1 job=00000000 ${nodeText(strip)}`)).toBe('nak code=SLOTS max=1');
  });

  test('needs a live lease to start', () => {
    const rig = new Rig();
    rig.start({ leaseUs: 200_000 });
    rig.runMs(200);
    expect(rig.stat('lease_us')).toBe('0');
    expect(rig.load([rest])).toBe('nak code=NOLEASE');
    rig.lease(200_000);
    expect(rig.ask(`commit ch=1 job=${jobId([rest])} token=rig`)).toBe('ack');
  });

  test('may begin with any step number, and then must go on from the last that ended', () => {
    const rig = started();
    expect(rig.load([{ ...rest, id: 70, n: 41 }])).toBe('ack');
    rig.runMs(20_000);
    expect(rig.load([{ ...rest, id: 71, n: 41 }])).toBe('nak code=STEPNO ended=41');
    expect(rig.load([{ ...rest, id: 71, n: 43 }])).toBe('nak code=STEPNO ended=41');
    expect(rig.load([{ ...rest, id: 71, n: 42 }])).toBe('ack');
  });
});

describe('the future of a running step', () => {
  test('is replaced without touching the step', () => {
    const rig = started();
    rig.load([plate, { ...strip, on: '-' }]);
    rig.runMs(5000);
    expect(
      rig.load([
        { ...plate, on: 't:4' },
        { ...rest, id: 4, n: 2 },
      ]),
    ).toBe('ack');
    rig.runMs(20_000);
    expect(route(rig)).toEqual(['1>4', '4>0']);
    expect(field(rig.frames('e')[0] ?? '', 't_us')).toBe('10001000');
  });

  test('is not replaced when the root is another node or the same with another limit: STALE', () => {
    const rig = started();
    rig.load([plate, { ...strip, on: '-' }]);
    rig.runMs(5000);
    expect(rig.load([{ ...plate, id: 9, on: '-' }])).toBe('nak code=STALE step=1 node=1');
    expect(rig.load([{ ...plate, t_us: 11_000_000, on: '-' }])).toBe('nak code=STALE step=1 node=1');
    rig.runMs(6000);
    expect(rig.load([{ ...plate, on: '-' }])).toBe('nak code=STALE step=2 node=2');
    rig.runMs(20_000);
    expect(route(rig)).toEqual(['1>2', '2>0']);
  });

  test('stays what it is when the same job is committed again', () => {
    const rig = started();
    const nodes = [plate, { ...strip, on: '-' }];
    rig.load(nodes);
    rig.runMs(15_000);
    expect(rig.ask(`commit ch=1 job=${jobId(nodes)} token=rig`)).toBe('ack');
    expect(rig.stat('step')).toBe('2');
  });
});

describe('a node', () => {
  const answer = (text: string): string => {
    const rig = started();
    rig.ask('job ch=1 job=00000000 nodes=2');
    return rig.ask(`node ch=1 job=00000000 ${text}`);
  };
  const good = 'id=1 n=1 mode=cc i_pa=5 t_us=1000000 rec=1000,0,0 on=-';

  test.each([
    ['', 'ack'],
    ['mode=cc|mode=cv', 'nak code=BADARG key=mode'],
    ['mode=cc|mode=rest', 'nak code=BADARG key=i_pa'],
    ['i_pa=5|i_pa=0', 'nak code=BADARG key=i_pa'],
    [' i_pa=5|', 'nak code=BADARG key=i_pa'],
    ['mode=cc i_pa=5|mode=rest qnet_nc=0', 'nak code=BADARG key=qnet_nc'],
    [' t_us=1000000|', 'nak code=BADARG key=t_us'],
    ['t_us=1000000|t_us=1e6', 'nak code=BADARG key=t_us'],
    ['t_us=1000000|t_us=999', 'nak code=RANGE key=t_us min=1000 max=7776000000000'],
    ['t_us=1000000|t_us=7776000000001', 'nak code=RANGE key=t_us min=1000 max=7776000000000'],
    ['i_pa=5|i_pa=10000000001', 'nak code=RANGE key=i_pa min=-10000000000 max=10000000000'],
    ['on=-|vmax_nv=5000000001 on=-', 'nak code=RANGE key=vmax_nv min=-5000000000 max=5000000000'],
    ['rec=1000,0,0|rec=999,0,0', 'nak code=RANGE key=rec min=1000 max=9007199254740991'],
    ['rec=1000,0,0|rec=1000,0', 'nak code=BADARG key=rec'],
    ['on=-|on=t:2,t:3', 'nak code=BADARG key=on'],
    ['on=-|on=fault:2', 'nak code=BADARG key=on'],
    ['on=-|on=t', 'nak code=BADARG key=on'],
    ['on=-|cyc=2 on=-', 'nak code=BADARG key=cyc'],
    ['on=-|colour=red on=-', 'nak code=BADARG key=colour'],
    [' rec=1000,0,0 on=-| on=- rec=1000,0,0', 'nak code=BADARG key=on'],
    ['mode=cc i_pa=5|mode=cv i_pa=x', 'nak code=BADARG key=mode'],
    ['id=1 n=1|n=1 id=1', 'nak code=BADARG key=id'],
    ['id=1|id=0', 'nak code=RANGE key=id min=1 max=2147483648'],
  ])('changed by %j is answered %j', (change, expected) => {
    const [from = '', to = ''] = change.split('|');
    expect(answer(good.replace(from, to))).toBe(expected);
  });
});
