// The pictures of firmware-sim/cell/README.md: which cell is driven how, and which stretches of it are shown.
// Each shows the whole test and a few half-cycles of it more closely.
import { cellOf, type CellTrace, cycle } from './cell-trace.ts';
import { type Figure, type Panel, type Point, RED } from './svg.ts';

const TIME = 'time / h';
const VOLTAGE = 'voltage / V';
const SIZE = { width: 860, height: 300 } as const;
const LEFT = [62, 46, 350, 200] as const;
const RIGHT = [482, 46, 350, 200] as const;

type Range = readonly [from: number, to: number];

/** The plotting area of panel 0, 1 or 2 of three. */
function third(index: number): Panel['box'] {
  return [62 + index * 282, 46, 216, 200];
}

/** The whole test on the left, one stretch of it on the right. */
function twoPanels(
  title: string,
  trace: CellTrace,
  views: {
    readonly whole: { readonly x: Range; readonly y: Range };
    readonly close: Pick<Panel, 'x' | 'y' | 'notes'>;
  },
): Figure {
  const base = { xLabel: TIME, yLabel: VOLTAGE, traces: [{ points: trace.voltage }] };
  const { whole, close } = views;
  return {
    ...SIZE,
    title,
    panels: [
      { ...base, box: LEFT, ...whole, spans: [close.x] },
      { ...base, box: RIGHT, ...close },
    ],
  };
}

function healthy(): Figure {
  const trace = cycle({ cell: 'bare-zn', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 200 });
  return twoPanels('Healthy: Zn||Zn, 1 mA/cm², 1 mAh/cm²', trace, {
    whole: { x: [0, 200], y: [-0.12, 0.12] },
    close: {
      x: [100, 104],
      y: [-0.08, 0.08],
      notes: [
        { x: 101.05, y: 0.066, text: 'nucleation' },
        { x: 101.5, y: 0.024, text: 'active deposit', anchor: 'middle' },
        { x: 101.97, y: 0.056, text: 'bulk', anchor: 'end' },
      ],
    },
  });
}

function softShorting(): Figure {
  const plan = { cell: 'soft-shorting', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 240, seed: 1 };
  const trace = cycle(plan);
  const close: Range = [106, 117];
  const base = { xLabel: TIME, yLabel: VOLTAGE, traces: [{ points: trace.voltage }] };
  return {
    width: SIZE.width,
    height: 420,
    title: 'Soft shorts, then a hard one: Zn||Zn, 1 mA/cm², 1 mAh/cm²',
    panels: [
      { ...base, box: LEFT, x: [0, 240], y: [-0.12, 0.12], spans: [close] },
      { ...base, box: RIGHT, x: close, y: [-0.07, 0.07] },
      ...[
        { box: [62, 306, 350, 70] as const, x: [0, 240] as Range, y: [0, 400] as Range },
        { box: [482, 306, 350, 70] as const, x: close, y: [0, 200] as Range },
      ].map((view) => ({
        ...view,
        xLabel: `${TIME} (hidden truth, which no instrument sees)`,
        yLabel: 'G / mS/cm²',
        traces: [{ points: trace.conductance, colour: RED }],
      })),
    ],
  };
}

function hardShorting(): Figure {
  const trace = cycle({ cell: 'hard-shorting', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 150 });
  const base = { xLabel: TIME, yLabel: VOLTAGE, traces: [{ points: trace.voltage }] };
  const close: Range = [118, 123];
  return {
    ...SIZE,
    title: 'Hard short: Zn||Zn, 1 mA/cm², 1 mAh/cm²; then 1, 2, 5, 1 mA/cm²',
    panels: [
      { ...base, box: third(0), x: [0, 150], y: [-0.12, 0.12], spans: [close] },
      { ...base, box: third(1), x: close, y: [-0.07, 0.07] },
      {
        box: third(2),
        xLabel: 'time after the short / h',
        yLabel: 'voltage / mV',
        x: [0, 4],
        y: [-6, 6],
        traces: [{ points: currentSteps() }],
        notes: [{ x: 2.1, y: 4.9, text: 'V ~ I' }],
      },
    ],
  };
}

/** After the short: blocks of other currents, in mV. */
function currentSteps(): Point[] {
  const model = cellOf('hard-shorting');
  const areaCm2 = 1.13;
  let beforeS = 1;
  for (let half = 0; half < 130; half += 1) {
    const currentA = (half % 2 === 0 ? -1e-3 : 1e-3) * areaCm2;
    model.switchTo(beforeS, { kind: 'current', currentA });
    beforeS = 3600;
  }
  const points: Point[] = [];
  for (const [index, density] of [1, 2, 5, 1].entries()) {
    for (const [part, sign] of [-1, 1].entries()) {
      model.switchTo(beforeS, { kind: 'current', currentA: (sign * density * areaCm2) / 1000 });
      beforeS = 1800;
      for (let step = 0; step <= 20; step += 1) {
        const atS = Math.max(0.001, step * 90);
        points.push({ x: index + part / 2 + atS / 3600, y: model.voltageV(atS) * 1000 });
      }
    }
  }
  return points;
}

function exhausting(): Figure {
  const trace = cycle({
    cell: 'thin-foil-10um',
    densityMAPerCm2: 1,
    chargeMAhPerCm2: 4,
    halfCycles: 400,
    limitV: 0.5,
  });
  const endH = trace.voltage.at(-1)?.x ?? 0;
  const base = {
    xLabel: TIME,
    yLabel: VOLTAGE,
    traces: [{ points: trace.voltage }],
    y: [-0.55, 0.2] as Range,
  };
  const close: Range = [Math.floor(endH) - 19, Math.ceil(endH) + 1];
  return {
    ...SIZE,
    title: 'Exhaustion: two 10 µm foils, 1 mA/cm², 4 mAh/cm² (68 % of each foil)',
    panels: [
      { ...base, box: third(0), x: [0, Math.ceil(endH / 100) * 100], spans: [close] },
      { ...base, box: third(1), x: close },
      {
        ...base,
        box: third(2),
        xLabel: 'time before the limit / min',
        x: [-10, 0.5],
        traces: [{ points: trace.voltage.map(({ x, y }) => ({ x: (x - endH) * 60, y })) }],
        notes: [{ x: -0.6, y: -0.4, text: 'one polarity, late', anchor: 'end' }],
      },
    ],
  };
}

function polarising(): Figure {
  const trace = cycle({
    cell: 'polarising',
    densityMAPerCm2: 1,
    chargeMAhPerCm2: 1,
    halfCycles: 400,
    limitV: 0.5,
  });
  const endH = trace.voltage.at(-1)?.x ?? 0;
  return twoPanels('Polarisation failure: films wear out, 1 mA/cm², 1 mAh/cm²', trace, {
    whole: { x: [0, 210], y: [-0.6, 0.6] },
    close: { x: [Math.floor(endH) - 5, Math.floor(endH) + 1], y: [-0.6, 0.6] },
  });
}

function nucleation(): Figure {
  const fresh = cycle({ cell: 'zn-ti', densityMAPerCm2: 1, chargeMAhPerCm2: 0.5, halfCycles: 1 });
  const aged = cycle({ cell: 'bare-zn', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 42 });
  return {
    ...SIZE,
    title: 'Nucleation on bare Ti; peaking of a stripping half-cycle of Zn||Zn; both at 1 mA/cm²',
    panels: [
      {
        box: LEFT,
        xLabel: 'charge / mAh/cm²',
        yLabel: 'voltage / V',
        x: [0, 0.15],
        y: [-0.3, 0.05],
        traces: [{ points: fresh.voltage }],
        notes: [
          { x: 0.008, y: -0.25, text: 'tip' },
          { x: 0.1, y: -0.055, text: 'plateau', anchor: 'middle' },
        ],
      },
      {
        box: RIGHT,
        xLabel: 'charge / mAh/cm²',
        yLabel: 'voltage / V',
        x: [0, 1],
        y: [0.02, 0.08],
        traces: [{ points: aged.voltage.map(({ x, y }) => ({ x: x - 41, y })).filter(({ x }) => x > 1e-5) }],
      },
    ],
  };
}

function efficiency(): Figure {
  const trace = cycle({
    cell: 'zn-cu',
    densityMAPerCm2: 1,
    chargeMAhPerCm2: 1,
    halfCycles: 100,
    stripCutoffV: 0.5,
  });
  const plated = trace.halfCycles.filter(({ half }) => half === 'plate');
  const stripped = trace.halfCycles.filter(({ half }) => half === 'strip');
  const points = stripped.map((strip, index) => ({
    x: index + 1,
    y: (strip.chargeMAhPerCm2 / (plated[index]?.chargeMAhPerCm2 ?? Number.NaN)) * 100,
  }));
  return {
    ...SIZE,
    title: 'Coulombic efficiency: Zn||Cu, 1 mA/cm², 1 mAh/cm², stripped to 0.5 V',
    panels: [
      {
        box: LEFT,
        xLabel: TIME,
        yLabel: VOLTAGE,
        x: [0, 8],
        y: [-0.3, 0.6],
        traces: [{ points: trace.voltage }],
      },
      {
        box: RIGHT,
        xLabel: 'cycle',
        yLabel: 'stripped / plated / %',
        x: [0, 50],
        y: [98, 100.2],
        traces: [{ points, isDotted: true }],
      },
    ],
  };
}

/** By file name, without the ending. */
export const FIGURES: Readonly<Record<string, () => Figure>> = {
  healthy,
  'soft-shorting': softShorting,
  'hard-shorting': hardShorting,
  exhausting,
  polarising,
  nucleation,
  'coulombic-efficiency': efficiency,
};
