// A program as a drawing: one box a state, in the order in which a run comes to them; in the box what the
// step does and a row for each end; from the row a line to the box of the step that follows. Plain SVG that
// needs no script and no font file; the same graph gives the same bytes.
import { describe, edgeText } from './graph-mermaid.ts';
import type { GraphEdge, ProgramGraph } from './program-graph.ts';

const CHARACTER_PX = 7.4;
const ROW_PX = 20;
const PADDING_PX = 12;
const GAP_PX = 18;
const LANE_PX = 14;
const MARGIN_PX = 16;

interface Box {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly { readonly text: string; readonly edge: GraphEdge }[];
  readonly topPx: number;
  readonly heightPx: number;
  readonly isFinal: boolean;
}

interface Line {
  readonly edge: GraphEdge;
  readonly fromPx: number;
  readonly toPx: number;
  /** Counted from the boxes outwards. */
  readonly lane: number;
}

/** A whole SVG document. */
export function svgOf(graph: ProgramGraph, title: string): string {
  const boxes = boxesOf(graph);
  const lines = linesOf(boxes);
  const longest = Math.max(
    0,
    ...boxes
      .flatMap(({ title: text, rows }) => [text, ...rows.map((row) => row.text)])
      .map(({ length }) => length),
  );
  const boxPx = Math.ceil(longest * CHARACTER_PX) + 2 * PADDING_PX;
  const lanes = Math.max(0, ...lines.map(({ lane }) => lane + 1));
  const widthPx = MARGIN_PX * 2 + boxPx + GAP_PX + lanes * LANE_PX;
  const last = boxes.at(-1);
  const heightPx = (last === undefined ? 0 : last.topPx + last.heightPx) + MARGIN_PX;
  const size = `viewBox="0 0 ${widthPx} ${heightPx}" width="${widthPx}" height="${heightPx}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    TIP,
    ...boxes.map((box) => drawBox(box, boxPx)),
    ...lines.map((line) => drawLine(line, MARGIN_PX + boxPx)),
    '</svg>\n',
  ].join('\n');
}

const STYLE =
  '<style>svg{background:#fff}text{font:12px ui-monospace,monospace;fill:#1a1a1a}.name{font-weight:bold}' +
  '.box{fill:#f4f7fa;stroke:#49637d}.final{fill:#e9efe6;stroke:#56704a}' +
  '.line{fill:none;stroke:#49637d}.tip{fill:#49637d}.hold{stroke:#b3541e;stroke-dasharray:4 3}</style>';

const TIP =
  '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" ' +
  'orient="auto">' +
  '<path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>';

function boxesOf({ edges, states, ...rest }: ProgramGraph): Box[] {
  let topPx = MARGIN_PX;
  return states.map((state) => {
    const rows = edges
      .filter(({ from }) => from === state.name)
      .map((edge) => ({ edge, text: `${edgeText({ edges, states, ...rest }, edge)} → ${edge.to}` }));
    const heightPx = PADDING_PX * 2 + ROW_PX * (rows.length + 1) - 8;
    const box = {
      name: state.name,
      title: describe(state),
      rows,
      topPx,
      heightPx,
      isFinal: state.step === null,
    };
    topPx += heightPx + GAP_PX;
    return box;
  });
}

/** Each line takes the innermost lane that no line crosses at its height. */
function linesOf(boxes: readonly Box[]): Line[] {
  const lines: Line[] = [];
  for (const box of boxes) {
    for (const [index, { edge }] of box.rows.entries()) {
      const target = boxes.find(({ name }) => name === edge.to);
      if (target === undefined) continue;
      const fromPx = rowPx(box, index + 1) - 4;
      const toPx = target.topPx + 10;
      const [highPx, lowPx] = [Math.min(fromPx, toPx), Math.max(fromPx, toPx)];
      const isTaken = (lane: number): boolean =>
        lines.some(
          (other) =>
            other.lane === lane &&
            Math.min(other.fromPx, other.toPx) <= lowPx + 2 &&
            Math.max(other.fromPx, other.toPx) >= highPx - 2,
        );
      let lane = 0;
      while (isTaken(lane)) lane += 1;
      lines.push({ edge, fromPx, toPx, lane });
    }
  }
  return lines;
}

/** Base line of a text: row 0 is the title. */
function rowPx(box: Box, row: number): number {
  return box.topPx + PADDING_PX + ROW_PX * row + 8;
}

function drawBox(box: Box, widthPx: number): string {
  const texts = [
    `<text class="name" x="${MARGIN_PX + PADDING_PX}" y="${rowPx(box, 0)}">${escaped(box.title)}</text>`,
    ...box.rows.map(
      ({ text }, index) =>
        `<text x="${MARGIN_PX + PADDING_PX}" y="${rowPx(box, index + 1)}">${escaped(text)}</text>`,
    ),
  ];
  const shape = `x="${MARGIN_PX}" y="${box.topPx}" width="${widthPx}" height="${box.heightPx}" rx="5"`;
  return `<g><rect class="${box.isFinal ? 'final' : 'box'}" ${shape}/>${texts.join('')}</g>`;
}

function drawLine({ edge, fromPx, lane, toPx }: Line, rightPx: number): string {
  const laneAtPx = rightPx + GAP_PX + lane * LANE_PX;
  const kind = edge.holds === null ? 'line' : 'line hold';
  const way = `M${rightPx} ${fromPx}H${laneAtPx}V${toPx}H${rightPx + 2}`;
  return `<path class="${kind}" d="${way}" marker-end="url(#tip)"/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
