// Goal: a node that holds a voltage is taken only from whoever was told that the device can, and only whole;
// refused by its key otherwise. Method: single nodes over a memory line; the codes of GVN1.md sections 6.2
// and 9.
import { describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { Rig } from './rig.ts';

const HOLDING: Instrument = { ...INSTRUMENTS.ideal, features: ['burst', 'cv'] };
/** Stands for the job's id: nodes are looked at before it is. */
const HEAD = 'node ch=1 job=00000000 id=1 n=1';
const TAIL = 't_us=1000000 rec=1000000,0,0 on=-';

function answer(node: string, instrument: Instrument = HOLDING): string {
  const rig = new Rig({ instrument, cells: 'dummy-10-ohm' });
  rig.start();
  rig.ask('job ch=1 job=00000000 nodes=1');
  return rig.ask(node);
}

describe('a device that can hold a voltage', () => {
  test.each([
    ['mode=cv v_nv=10000000', 'ack'],
    ['mode=cv v_nv=0', 'ack'],
    ['mode=cv v_nv=-5000000000 imin_pa=1 qstep_nc=1', 'ack'],
    ['mode=cv v_nv=5000000001', 'nak code=RANGE key=v_nv min=-5000000000 max=5000000000'],
    ['mode=cv v_nv=10000000 imin_pa=0', 'nak code=RANGE key=imin_pa min=1 max=10000000000'],
    ['mode=cv v_nv=10000000 imin_pa=10000000001', 'nak code=RANGE key=imin_pa min=1 max=10000000000'],
    ['mode=cv', 'nak code=BADARG key=v_nv'],
    ['mode=cv i_pa=5', 'nak code=BADARG key=v_nv'],
    ['mode=cv v_nv=10000000 i_pa=5', 'nak code=BADARG key=i_pa'],
    ['mode=cv v_nv=10000000 qnet_nc=5', 'nak code=BADARG key=qnet_nc'],
    ['mode=cv v_nv=10000000 qlast_ppm=5', 'nak code=BADARG key=qlast_ppm'],
    ['mode=cv v_nv=10000000 vmax_nv=5', 'nak code=BADARG key=vmax_nv'],
    ['mode=cv v_nv=10000000 vmin_nv=5', 'nak code=BADARG key=vmin_nv'],
    ['mode=cv v_nv=10000000 floor_nv=5', 'nak code=BADARG key=floor_nv'],
    ['mode=cc i_pa=5 imin_pa=5', 'nak code=BADARG key=imin_pa'],
    ['mode=cc i_pa=5 v_nv=5', 'nak code=BADARG key=v_nv'],
    ['mode=cc v_nv=5', 'nak code=BADARG key=i_pa'],
    ['mode=rest v_nv=5', 'nak code=BADARG key=v_nv'],
    ['mode=rest imin_pa=5', 'nak code=BADARG key=imin_pa'],
    ['mode=ccv i_pa=5', 'nak code=BADARG key=mode'],
  ])('answers %s by %s', (fields, expected) => {
    expect(answer(`${HEAD} ${fields} ${TAIL}`)).toBe(expected);
  });

  test('lets the smallest current lead to a child', () => {
    expect(answer(`${HEAD} mode=cv v_nv=5 t_us=1000000 rec=1000000,0,0 on=imin:2,t:2`)).toBe('ack');
  });
});

describe('a device that does not announce it', () => {
  const plain = INSTRUMENTS.ideal;

  test.each([
    [`${HEAD} mode=cv v_nv=10000000 ${TAIL}`, 'mode'],
    [`${HEAD} mode=cc i_pa=5 v_nv=10000000 ${TAIL}`, 'v_nv'],
    [`${HEAD} mode=cc i_pa=5 imin_pa=5 ${TAIL}`, 'imin_pa'],
    [`${HEAD} mode=cc i_pa=5 t_us=1000000 rec=1000000,0,0 on=imin:2`, 'on'],
    [`${HEAD} mode=cc i_pa=5 t_us=1000000 rec=1000000,0,0 on=imin:0`, 'on'],
  ])('refuses %s by its key', (node, key) => {
    expect(answer(node, plain)).toBe(`nak code=BADARG key=${key}`);
  });

  test('changes nothing by refusing: the job can be staged without it', () => {
    const rig = new Rig({ instrument: plain, cells: 'dummy-10-ohm' });
    rig.start();
    const held = { id: 1, n: 1, mode: 'cv', rest: 'v_nv=10000000' } as const;
    expect(rig.load([held])).toBe('nak code=BADARG key=mode');
    expect([rig.stat('state'), rig.stat('cell')]).toEqual(['idle', 'off']);
    expect(rig.load([{ id: 1, n: 1, i_pa: 1_000_000_000 }])).toBe('ack');
  });
});
