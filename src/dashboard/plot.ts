// The live curve of one card: uPlot, voltage against hours, as wide as its card.
// Redraws at most once per frame, and only when something has changed. Never holds data: the model does.
import uPlot from 'uplot';
import { createElement, setText } from './dom.ts';
import { formatNumber } from './format.ts';
import type { PlotBuffer } from './plot-buffer.ts';

/** Height follows width, within these. */
const HEIGHT_PX = { min: 180, max: 280 } as const;
const HEIGHT_OF_WIDTH = 0.42;
/** A curve flatter than this is not blown up to look like noise. */
const SPAN_MIN_MV = 2;

export class Plot {
  readonly element: HTMLElement;
  readonly #readout = createElement('span', { class: 'plot-readout' });
  readonly #canvas = createElement('div', { class: 'plot-canvas' });
  readonly #chart: uPlot;
  #buffer: PlotBuffer;
  #isDue = false;

  constructor(buffer: PlotBuffer) {
    this.#buffer = buffer;
    const title = createElement('span', { text: 'Voltage / mV against time / h' });
    const head = createElement('p', { class: 'plot-head' }, [title, this.#readout]);
    this.element = createElement('div', { class: 'plot' }, [head, this.#canvas]);
    this.#chart = new uPlot(this.#options(), [[], []], this.#canvas);
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#chart.redraw());
  }

  show(buffer: PlotBuffer): void {
    this.#buffer = buffer;
    this.changed();
  }

  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    window.requestAnimationFrame(() => {
      this.#isDue = false;
      this.#chart.setData([[...this.#buffer.times], [...this.#buffer.values]]);
    });
  }

  #resize(): void {
    const width = Math.floor(this.#canvas.clientWidth);
    if (width > 0 && width !== this.#chart.width) this.#chart.setSize({ width, height: heightFor(width) });
  }

  #options(): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => color('--muted'),
      grid: { stroke: () => color('--grid'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    const values = (_chart: uPlot, splits: number[]): string[] => axisLabels(splits);
    return {
      width: 320,
      height: heightFor(320),
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { drag: { setScale: false, x: false, y: false }, y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: (_chart, low, high) => paddedRange(low, high) } },
      axes: [
        { ...axis, values, size: 26, space: 60, gap: 4 },
        { ...axis, values, size: 50, space: 34, gap: 6 },
      ],
      series: [{}, { stroke: () => color('--curve'), width: 1.5, points: { show: false }, pxAlign: 0 }],
      hooks: { setCursor: [(chart) => this.#readCursor(chart)] },
    };
  }

  #readCursor(chart: uPlot): void {
    const { idx } = chart.cursor;
    const [time, value] = [chart.data[0][idx ?? -1], chart.data[1]?.[idx ?? -1]];
    const isOver = time !== undefined && value !== undefined && value !== null;
    setText(this.#readout, isOver ? `${time.toFixed(3)} h   ${formatNumber(value, 1)} mV` : '');
  }
}

function heightFor(width: number): number {
  return Math.round(Math.min(HEIGHT_PX.max, Math.max(HEIGHT_PX.min, width * HEIGHT_OF_WIDTH)));
}

/** All labels of an axis with the same decimals, as few as tell them apart. */
function axisLabels(splits: readonly number[]): string[] {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
  const decimals = step > 0 ? Math.min(4, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))) : 0;
  return splits.map((split) => formatNumber(split, decimals));
}

function paddedRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [-1, 1];
  const span = Math.max(SPAN_MIN_MV, high - low);
  const middle = (low + high) / 2;
  return [middle - span * 0.56, middle + span * 0.56];
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}
