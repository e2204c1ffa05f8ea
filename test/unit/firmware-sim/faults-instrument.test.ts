// Goal: faults meet the whole instrument: its power is cut in time, its clock drifts against true charge, its
// cells fail, and the host sees it. Method: createInstrument for gvn1 in virtual time; a host that speaks
// just enough of the page (firmware-sim/GVN1.md), with its CRC from node:zlib.
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import { createInstrument, type InstrumentRequest } from '../../../firmware-sim/create-instrument.ts';
import { DIALECT_NAMES } from '../../../firmware-sim/dialects/dialect-name.ts';
import { FAULT_MENU } from '../../../firmware-sim/faults/fault-menu.ts';
import type { SimulatedInstrument } from '../../../firmware-sim/simulated-instrument.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { jobId, type NodeFields, nodeText, wire } from './rig.ts';

interface Bench {
  readonly clock: VirtualClock;
  readonly instrument: SimulatedInstrument;
  readonly cellLog: CellLogEntry[];
  /** Sends a command and returns the answer and what came before it. */
  readonly ask: (text: string) => string;
  /** Everything heard since the last question. */
  heard(): string;
}

function bench(request: Partial<InstrumentRequest>): Bench {
  const clock = new VirtualClock();
  const cellLog: CellLogEntry[] = [];
  const log = { write: (entry: CellLogEntry) => void cellLog.push(entry), close: () => undefined };
  const defaults = { clock, seed: 7, cell: 'dummy-10-ohm', errors: 'ideal', log } as const;
  const instrument = createInstrument('gvn1', { ...defaults, ...request });
  onTestFinished(() => instrument.close());
  const pair = createMemoryPair(clock);
  instrument.attach(pair.device);
  let heard = '';
  let seq = 0;
  pair.host.onBytes((text) => (heard += text));
  const ask = (text: string): string => {
    heard = '';
    seq += 1;
    pair.host.write(wire(seq, text));
    clock.advance(1);
    return heard;
  };
  return { clock, instrument, cellLog, ask, heard: () => heard };
}

/** Opens channel 1 and drives it for `t_us`; the lease is asked for longer than that. */
function drive({ ask }: Bench, node: Partial<NodeFields> & { readonly i_pa: number }): void {
  const full = { id: 1, n: 1, ...node };
  const id = jobId([full]);
  ask('hello v=1 token=test');
  const limits = 'vhi_nv=5000000000 vlo_nv=-5000000000 ihi_pa=10000000000 qhi_nc=9000000000000';
  ask(`open ch=1 run=r1 range=1 ${limits} token=test`);
  ask(`job ch=1 job=${id} nodes=1`);
  ask(`node ch=1 job=${id} ${nodeText(full)}`);
  ask('lease ch=1 token=test t_us=30000000 policy=off');
  expect(ask(`commit ch=1 job=${id} token=test`)).toMatch(/ ack/);
}

function fieldOf(text: string, name: string): number {
  const [, value] = new RegExp(` ${name}=(-?\\d+)`).exec(text) ?? [];
  return Number(value);
}

const fault = (name: string, value: number | null, atS: number | null) => ({ name, value, atS });

describe('reset', () => {
  it('opens the cell and forgets everything at its instant, and the line stays', () => {
    const on = bench({ faults: [fault('reset', null, 10)] });
    drive(on, { i_pa: 1_000_000_000, t_us: 60_000_000 });
    const [, boot] = / boot=(\d+)/.exec(on.ask('stat ch=1')) ?? [];
    on.clock.advance(10_000);
    expect(on.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'power' });
    expect(on.ask('stat ch=1')).toMatch(/ nak code=NOSESSION/);
    const hello = on.ask('hello v=1 token=test');
    expect(hello).toMatch(/ cause=power/);
    expect(/ boot=(\d+)/.exec(hello)?.[1]).not.toBe(boot);
  });

  it('comes by the clock of the device, which is scaled, and which a reset does not begin anew', () => {
    const on = bench({ scale: 100, faults: [fault('reset', null, 100), fault('reset', null, 300)] });
    const bootAt = (): string => / boot=(\d+)/.exec(on.ask('hello v=1 token=test'))?.[1] ?? '';
    const first = bootAt();
    on.clock.advance(998);
    expect(bootAt()).toBe(first);
    on.clock.advance(1);
    const second = bootAt();
    expect(second).not.toBe(first);
    on.clock.advance(1990);
    expect(bootAt()).toBe(second);
    on.clock.advance(10);
    expect(bootAt()).not.toBe(second);
  });
});

describe('clock-drift', () => {
  it('lets the device count more charge than went through the cell', () => {
    const on = bench({ faults: [fault('clock-drift', 100_000, null)] });
    drive(on, { i_pa: 1_000_000_000, t_us: 22_000_000 });
    on.clock.advance(30_000);
    const stat = on.ask('stat ch=1');
    expect(fieldOf(stat, 'q_nc')).toBe(22_000_000);
    expect(on.instrument.truth(1).netChargeNc).toBeCloseTo(20_000_000, 0);
    // 30 s and a few ms for the questions.
    expect(fieldOf(stat, 't_us') / 1.1e6).toBeCloseTo(30, 1);
  });
});

describe('faults of the cell', () => {
  it('shows a short as next to no voltage, and goes on counting what the leads carry', () => {
    const on = bench({ faults: [fault('cell-short', null, 10)] });
    drive(on, { i_pa: 1_000_000_000, t_us: 20_000_000, rec: '1000000,0,0' });
    on.clock.advance(30_000);
    expect(on.instrument.truth(1).stripChargeNc).toBeCloseTo(20_000_000, 3);
    const voltages = voltagesNv(on.heard());
    expect(voltages.map((voltageNv) => Math.round(voltageNv / 100) * 100)).toEqual([
      ...Array.from({ length: 9 }, () => 10_000_000),
      ...Array.from({ length: 10 }, () => 10_000),
    ]);
  });

  it('puts open leads beyond the limits of the channel, which opens the cell', () => {
    const on = bench({ faults: [fault('cell-open', null, 10)] });
    drive(on, { i_pa: 1_000_000_000, t_us: 20_000_000 });
    on.clock.advance(15_000);
    expect(on.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'fault', t_us: 10_000_000 });
  });

  it('strikes every channel', () => {
    const on = bench({ channels: 2, faults: [fault('cell-short', null, 0)] });
    on.ask('hello v=1 token=test');
    for (const channel of [1, 2]) expect(on.ask(`stat ch=${channel}`)).toMatch(/ ack/);
    expect(on.instrument.truth(2).netChargeNc).toBe(0);
  });
});

describe('faults of the line', () => {
  it('meet the whole instrument: what is silent answers nothing, and obeys', () => {
    const on = bench({ faults: [fault('silent', 100, null)] });
    drive({ ...on, ask: (text) => `${on.ask(text)} ack` }, { i_pa: 1_000_000_000, t_us: 20_000_000 });
    expect(on.heard()).toBe('');
    expect(on.cellLog.at(-1)).toMatchObject({ cell: 'on' });
  });

  it('give the same bytes for the same seed', () => {
    const heardBy = (seed: number): string => {
      const faults = [fault('byte-flips', 0.01, null), fault('drop-lines', 0.1, null)];
      const on = bench({ seed, faults });
      let heard = '';
      for (let index = 0; index < 100; index += 1) heard += on.ask('hello v=1 token=test');
      return heard;
    };
    expect(heardBy(3)).toBe(heardBy(3));
    expect(crc32(heardBy(3))).not.toBe(crc32(heardBy(4)));
  });
});

describe.each(DIALECT_NAMES)('an instrument of %s', (dialect) => {
  const names = FAULT_MENU.filter(({ dialects }) => dialects.includes(dialect)).map(({ name }) => name);

  it.each(names)('lives through %s, and through a reset after it', (name) => {
    const clock = new VirtualClock();
    const atS = FAULT_MENU.find((entry) => entry.name === name)?.when === 'never' ? null : 2;
    const faults = [fault(name, null, atS), fault('reset', null, 4)];
    const instrument = createInstrument(dialect, { clock, seed: 7, faults });
    const pair = createMemoryPair(clock);
    instrument.attach(pair.device);
    pair.host.onBytes(() => undefined);
    for (let second = 0; second < 8; second += 1) {
      pair.host.write('*IDN?\nt\n');
      clock.advance(1000);
    }
    expect(instrument.isAttached).toBe(true);
    expect(Number.isFinite(instrument.truth(1).netChargeNc)).toBe(true);
    instrument.close();
  });

  it('leaves nothing armed at its end, whatever was still to go wrong', () => {
    const clock = new VirtualClock();
    const faults = names.map((name) => fault(name, null, 1000));
    const instrument = createInstrument(dialect, { clock, seed: 7, faults });
    clock.advance(10);
    instrument.close();
    clock.advance(1);
    expect(clock.isPending).toBe(false);
  });
});

/** Of the samples of channel 1 in what was heard, the first and the last of the step aside. */
function voltagesNv(text: string): number[] {
  const frames = [...text.matchAll(/ s 1 \d+ \d+ ([^*]+)\*/g)];
  const samples = frames.flatMap(([, data = '']) => data.split(';'));
  return samples.slice(1, -1).map((sample) => Number(sample.split(',')[1]));
}
