// Goal: the truth log has one line for each switch of each cell with its hidden state, and one for each
// hidden event at its own device time; the instrument's frames do not change because of it. Method: a cell
// that announces an event at a known age; entries and the file itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import type { CellEvent } from '../../../firmware-sim/cell/cell-model.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { createTruthLogFile, type TruthEntry } from '../../../firmware-sim/truth-log.ts';
import { Rig } from './rig.ts';

const I_PA = 1_130_000_000;
const EVENT_LIFE_S = 7.25;

/** Ten ohms, and a bubble after 7.25 s of life. */
class EventfulCell extends ResistiveCell {
  #lifeS = 0;

  constructor() {
    super({ openCircuitV: 0, resistanceOhm: 10 });
  }

  override switchTo(...[elapsedS, drive]: Parameters<ResistiveCell['switchTo']>): void {
    this.#lifeS += elapsedS;
    super.switchTo(elapsedS, drive);
  }

  override events(elapsedS = 0): readonly CellEvent[] {
    if (this.#lifeS + elapsedS < EVENT_LIFE_S) return [];
    return [
      {
        kind: 'gas-arrived',
        lifeS: EVENT_LIFE_S,
        throughputCPerCm2: 1,
        halfCycle: 2,
        detail: { riseOhm: 3 },
      },
    ];
  }
}

function lived(options: { readonly truth: TruthEntry[] | null; readonly instrument?: Instrument }): Rig {
  const { truth } = options;
  const log = { write: (entry: TruthEntry) => truth?.push(entry), close: () => undefined };
  const rig = new Rig({
    instrument: options.instrument ?? 'ideal',
    cells: [new EventfulCell()],
    truth: truth === null ? null : log,
  });
  rig.start();
  const nodes = [
    { id: 1, n: 1, i_pa: -I_PA, t_us: 5_000_000, on: 't:2' },
    { id: 2, n: 2, i_pa: I_PA, t_us: 5_000_000, on: 't:3' },
    { id: 3, n: 3, t_us: 2_000_000 },
  ];
  expect(rig.load(nodes)).toBe('ack');
  rig.runMs(20_000);
  rig.simulator.close();
  return rig;
}

describe('the truth log', () => {
  test('has the hidden state at every switch, before it takes effect', () => {
    const truth: TruthEntry[] = [];
    lived({ truth });
    const switches = truth.filter((entry) => entry.truth === 'switch');
    expect(switches.map(({ t_us }) => t_us)).toEqual([1000, 5_001_000, 10_001_000, 20_000_000]);
    expect(switches.map(({ life_s }) => Number(life_s.toFixed(9)))).toEqual([0.001, 5.001, 10.001, 20]);
    expect(switches.map(({ plate_c }) => plate_c)).toEqual([0, 0.00565, 0.00565, 0.00565]);
    expect(switches.map(({ strip_c }) => strip_c)).toEqual([0, 0, 0.00565, 0.00565]);
    expect(switches[0]).toMatchObject({ ch: 1, real_ms: 1_767_225_600_001, hidden: {} });
  });

  test.each([0, 20])('has an event once, at its own device time, with a rise of %d ms', (sourceRiseMs) => {
    const truth: TruthEntry[] = [];
    lived({ truth, instrument: { ...INSTRUMENTS.ideal, sourceRiseMs } });
    const events = truth.filter((entry) => entry.truth === 'event');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      ch: 1,
      kind: 'gas-arrived',
      life_s: EVENT_LIFE_S,
      half_cycle: 2,
      throughput_c_per_cm2: 1,
      detail: { riseOhm: 3 },
    });
    expect(events[0]?.t_us).toBeCloseTo(EVENT_LIFE_S * 1e6, 3);
    const place = truth.findIndex((entry) => entry.truth === 'event');
    expect(truth[place + 1]).toMatchObject({ truth: 'switch', t_us: 10_001_000 });
  });

  test('changes nothing of what the instrument tells', () => {
    expect(lived({ truth: [] }).bytes).toBe(lived({ truth: null }).bytes);
  });

  test('goes on over a loss of power: the cell ages on, its device time begins again', () => {
    const truth: TruthEntry[] = [];
    const log = { write: (entry: TruthEntry) => truth.push(entry), close: () => undefined };
    const rig = new Rig({ cells: [new EventfulCell()], truth: log });
    rig.runMs(5000);
    rig.simulator.reset('power');
    rig.runMs(5000);
    rig.simulator.close();
    expect(truth.map(({ t_us }) => Math.round(t_us))).toEqual([5_000_000, 2_250_000, 5_000_000]);
    expect(truth.map(({ life_s }) => life_s)).toEqual([5, 7.25, 10]);
  });
});

describe('its file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'truth-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const entry: TruthEntry = {
    truth: 'switch',
    t_us: 1000,
    real_ms: 1,
    ch: 1,
    life_s: 0.001,
    plate_c: 0,
    strip_c: 0,
    hidden: { conductanceS: 0.1 },
  };

  test.each(['append', 'replace'] as const)(
    'is JSON lines, there at once, and a second one may %s it',
    (manner) => {
      const path = join(folder, 'truth.jsonl');
      for (const ch of [1, 2]) {
        const log = createTruthLogFile(path, manner);
        log.write({ ...entry, ch });
        expect(readFileSync(path, 'utf8').endsWith(`${JSON.stringify({ ...entry, ch })}\n`)).toBe(true);
        log.close();
        log.write(entry);
      }
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(manner === 'append' ? 2 : 1);
    },
  );
});
