// A small writer of line plots as SVG: panels with axes, ticks, traces and notes on a light background.
// Coordinates are rounded to a tenth of a pixel, so that equal data give equal bytes.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trace {
  readonly points: readonly Point[];
  readonly colour?: string;
  /** Dots in place of a line. */
  readonly isDotted?: true;
}

export interface Panel {
  /** Left, top, width and height of the plotting area in px. */
  readonly box: readonly [left: number, top: number, width: number, height: number];
  readonly title?: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly traces: readonly Trace[];
  /** Shaded stretches of x: what another panel shows closer. */
  readonly spans?: readonly (readonly [from: number, to: number])[];
  readonly notes?: readonly (Point & {
    readonly text: string;
    readonly anchor?: 'start' | 'middle' | 'end';
  })[];
}

export interface Figure {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Panel[];
}

export const BLUE = '#1f5fa8';
export const RED = '#b3361f';
const INK = '#333';

export function svgOf({ title, width, height, panels }: Figure): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${width / 2}" y="18" font-size="13" text-anchor="middle">${escaped(title)}</text>`,
    ...panels.map((panel, index) => panelOf(panel, `clip${index}`)),
    '</svg>\n',
  ].join('\n');
}

interface Scale {
  readonly px: (x: number) => number;
  readonly py: (y: number) => number;
}

function panelOf(panel: Panel, clip: string): string {
  const [left, top, width, height] = panel.box;
  const scale: Scale = {
    px: (x) => left + ((x - panel.x[0]) / (panel.x[1] - panel.x[0])) * width,
    py: (y) => top + height - ((y - panel.y[0]) / (panel.y[1] - panel.y[0])) * height,
  };
  const area = `x="${left}" y="${top}" width="${width}" height="${height}"`;
  return [
    `<clipPath id="${clip}"><rect ${area}/></clipPath>`,
    ...spansOf(panel, scale),
    ...ticksOf(panel, scale),
    `<g clip-path="url(#${clip})" fill="none" stroke-width="1.1" stroke-linejoin="round">`,
    ...panel.traces.map((trace) => traceOf(trace, scale, panel)),
    '</g>',
    `<rect ${area} fill="none" stroke="${INK}"/>`,
    ...labelsOf(panel),
    ...(panel.notes ?? []).map(
      ({ x, y, text, anchor = 'start' }) =>
        `<text ${placed(scale, { x, y })} text-anchor="${anchor}" fill="${RED}">${escaped(text)}</text>`,
    ),
  ].join('\n');
}

function placed({ px, py }: Scale, { x, y }: Point): string {
  return `x="${tenth(px(x))}" y="${tenth(py(y))}"`;
}

function spansOf({ box, spans = [] }: Panel, { px }: Scale): string[] {
  return spans.map(([from, to]) => {
    const width = Math.max(1.5, px(to) - px(from));
    const place = `x="${tenth(px(from))}" y="${box[1]}" width="${tenth(width)}" height="${box[3]}"`;
    return `<rect ${place} fill="#f6e3b5"/>`;
  });
}

function ticksOf({ box, x, y }: Panel, { px, py }: Scale): string[] {
  const [left, top, width, height] = box;
  const bottom = top + height;
  const vertical = ticks(x, width / 55).map(({ at, text }) => {
    const X = tenth(px(at));
    const line = `<path d="M${X} ${top}V${bottom}" stroke="#e4e4e4"/>`;
    return `${line}<text x="${X}" y="${bottom + 14}" text-anchor="middle">${text}</text>`;
  });
  const horizontal = ticks(y, height / 30).map(({ at, text }) => {
    const Y = tenth(py(at));
    const line = `<path d="M${left} ${Y}H${left + width}" stroke="#e4e4e4"/>`;
    return `${line}<text x="${left - 5}" y="${tenth(py(at) + 4)}" text-anchor="end">${text}</text>`;
  });
  return [...vertical, ...horizontal];
}

/** Round values, about `wanted` of them, within the range. */
function ticks([from, to]: readonly [number, number], wanted: number): { at: number; text: string }[] {
  const rough = (to - from) / Math.max(1, wanted);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5].find((factor) => factor * decade >= rough) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const at = (first + index) * step;
    return { at, text: (Math.abs(at) < step / 2 ? 0 : at).toFixed(decimals).replace('-', '−') };
  });
}

function labelsOf({ box, title, xLabel, yLabel }: Panel): string[] {
  const [left, top, width, height] = box;
  const middle = top + height / 2;
  const across = left + width / 2;
  return [
    `<text x="${across}" y="${top + height + 30}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(${left - 42} ${middle}) rotate(-90)" text-anchor="middle">`,
    `${escaped(yLabel)}</text>`,
    ...(title === undefined
      ? []
      : [`<text x="${across}" y="${top - 6}" text-anchor="middle">${escaped(title)}</text>`]),
  ];
}

function traceOf({ points, colour = BLUE, isDotted }: Trace, scale: Scale, { box, x }: Panel): string {
  const visible = points.filter((point) => point.x >= x[0] && point.x <= x[1]);
  const pixels = visible.map((point) => ({
    x: scale.px(point.x),
    // The panel clips what is outside; bringing it near keeps the file short. Traces are dense, so a line
    // that leaves the panel is upright either way.
    y: Math.min(box[1] + box[3] + 99, Math.max(box[1] - 99, scale.py(point.y))),
  }));
  if (isDotted === true) {
    const dots = pixels.map((pixel) => `<circle cx="${tenth(pixel.x)}" cy="${tenth(pixel.y)}" r="2"/>`);
    return `<g fill="${colour}">${dots.join('')}</g>`;
  }
  const drawn = pixels.length > 4 * box[2] ? envelope(pixels) : pixels;
  const path = drawn.map((pixel) => `${tenth(pixel.x)} ${tenth(pixel.y)}`).join('L');
  return `<path d="M${path}" stroke="${colour}"/>`;
}

/** Of each pixel column the first, lowest, highest and last point: what a screen could show of them. */
function envelope(pixels: readonly Point[]): Point[] {
  return [...grouped(pixels).values()].flatMap((column) => {
    const low = column.reduce((best, pixel) => (pixel.y < best.y ? pixel : best));
    const high = column.reduce((best, pixel) => (pixel.y > best.y ? pixel : best));
    const chosen = new Set([column[0], low, high, column.at(-1)]);
    return column.filter((pixel) => chosen.has(pixel));
  });
}

function grouped(pixels: readonly Point[]): ReadonlyMap<number, Point[]> {
  const columns = new Map<number, Point[]>();
  for (const pixel of pixels) {
    const key = Math.floor(pixel.x);
    const column = columns.get(key);
    if (column === undefined) columns.set(key, [pixel]);
    else column.push(pixel);
  }
  return columns;
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
