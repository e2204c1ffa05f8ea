// Goal: a device whose clock wraps says so, tells every device time modulo its wrap and no other number, and
// goes on as if nothing had happened (GVN1.md section 4.1). Method: two ideal devices live the same job, one
// of them with a wrap of a minute; their frames are compared.
import { describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { field, Rig } from './rig.ts';

const WRAP_US = 60_000_000;
const WRAPPING: Instrument = { ...INSTRUMENTS.ideal, clockWrapUs: WRAP_US };
const I_PA = 1_130_000_000;

/** Plates for 100 s across one wrap, strips for 100 s across two, then is stopped. */
function lived(instrument: Instrument): Rig {
  const rig = new Rig({ instrument, cells: 'dummy-10-ohm' });
  rig.start();
  rig.ask('live ch=1 p_us=7000000');
  const nodes = [
    { id: 1, n: 1, i_pa: -I_PA, t_us: 100_000_000, on: 't:2' },
    { id: 2, n: 2, i_pa: I_PA, t_us: 100_000_000, on: 't:3' },
    { id: 3, n: 3, t_us: 100_000_000 },
  ];
  expect(rig.load(nodes)).toBe('ack');
  rig.runMs(250_000);
  rig.raw('\u0018');
  return rig;
}

describe('a clock that wraps', () => {
  const whole = lived(INSTRUMENTS.ideal);
  const wrapped = lived(WRAPPING);
  const modulo = (us: string): string => String(Number(us) % WRAP_US);

  test('is announced in hello, and a clock that does not is not', () => {
    expect(field(wrapped.ask('hello v=1 token=rig'), 'twrap_us')).toBe(String(WRAP_US));
    expect(field(whole.ask('hello v=1 token=rig'), 'twrap_us')).toBe('(none)');
  });

  test.each(['hello v=1 token=rig', 'clock', 'stat ch=1'])('is told modulo its wrap by %s', (command) => {
    const [plain, told] = [whole, wrapped].map((rig) => rig.ask(command));
    expect(field(plain ?? '', 't_us')).toBe('250000000');
    expect(field(told ?? '', 't_us')).toBe('10000000');
  });

  test.each(['e', 'l', 'f'])('is told modulo its wrap in %s frames, which are the same otherwise', (type) => {
    const plain = whole.frames(type);
    expect(plain.length).toBeGreaterThan(0);
    const expected = plain.map((frame) =>
      frame.replaceAll(/(t0?_us)=(\d+)/g, (_all, key: string, us: string) => `${key}=${modulo(us)}`),
    );
    expect(wrapped.frames(type)).toEqual(expected);
  });

  test('wraps each time of a step end by itself', () => {
    const strip = wrapped.frames('e')[1] ?? '';
    expect(field(strip, 't0_us')).toBe('40001000');
    expect(field(strip, 't_us')).toBe('20001000');
  });

  test('is told modulo its wrap in samples and their replay, wherever a frame is cut', () => {
    const expected = whole.samples().map(({ tUs, ...rest }) => ({ ...rest, tUs: tUs % WRAP_US }));
    expect(wrapped.samples()).toEqual(expected);
    for (const rig of [whole, wrapped]) rig.ask('replay ch=1 from=0 to=999');
    expect(wrapped.samples('r')).toEqual(expected);
    for (const rig of [whole, wrapped]) rig.ask('ends ch=1 from=1');
    expect(wrapped.frames('x').map((frame) => field(frame, 't_us'))).toEqual(
      whole.frames('x').map((frame) => modulo(field(frame, 't_us'))),
    );
  });

  test('lets no more than a quarter of a wrap pass without a sample, and keeps the record rule', () => {
    const rig = new Rig({ instrument: WRAPPING, cells: 'dummy-10-ohm' });
    rig.start();
    expect(rig.load([{ id: 1, n: 1, t_us: 100_000_000, rec: '90000000,0,0' }])).toBe('ack');
    rig.runMs(200_000);
    // 90 s, 45, 22.5, 11.25.
    const dueUs = [1, ...[1, 2, 3, 4, 5, 6, 7, 8].map((k) => k * 11_250), 100_000].map(
      (ms) => (ms + 1) * 1000,
    );
    expect(rig.samples().map(({ tUs }) => tUs)).toEqual(dueUs.map((us) => us % WRAP_US));
  });

  test('of 2^32 ms is what the cheap classes have', () => {
    expect(INSTRUMENTS['coin-cycler'].clockWrapUs).toBe(4_294_967_296_000);
    expect(INSTRUMENTS['open-potentiostat'].clockWrapUs).toBe(4_294_967_296_000);
  });
});
