// How fast lines of samples become columns: framing, CRC and decoding, as the driver does it. Baseline: the
// same chunks through @serialport/parser-readline alone, which only finds the line ends ("raw read").
// The lines are made by the emulator's codec, which shares no code with what is measured.
import { ReadlineParser } from '@serialport/parser-readline';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import { frameText, LINE_MAX_BYTES } from '../../firmware-sim/dialects/gvn1/frame.ts';
import { createSimulatedCycler } from '../../firmware-sim/sim.ts';
import type { OpenPort } from '../../src/base/byte-port.ts';
import { normalAt, randomKey } from '../../src/base/prng.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';
import { reportFromFrame } from '../../src/device/drivers/gvn1/reports.ts';
import { decodeFrame, LINE_BYTES_MAX } from '../../src/frames/dialects/gvn1/frame.ts';
import { LineFramer } from '../../src/frames/line-framer.ts';
import { median, rounded } from './statistics.ts';

const LINES = 8000;
const SAMPLES_PER_LINE = 20;
/** About what one read of a socket or of a USB serial port gives under load. */
const CHUNK_BYTES = 4096;
const REPETITIONS = 7;

/** Takes all chunks; returns how many lines came out of them. */
type Pass = (chunks: readonly Buffer[]) => number;

/** All ways in turn, the first round unmeasured. Medians. */
export function measureFrames(say: (text: string) => void) {
  say('frames');
  const startMs = performance.now();
  const chunks = chunksOf(Array.from({ length: LINES }, (_, index) => sampleLine(index)).join(''));
  const decoded: number[] = [];
  const read: number[] = [];
  const driven: number[] = [];
  for (let round = 0; round <= REPETITIONS; round += 1) {
    const rates = [decodeLines, readLines, driveLines].map((pass) => linesPerS(pass, chunks));
    if (round === 0) continue;
    for (const [index, list] of [decoded, read, driven].entries()) list.push(rates[index] ?? Number.NaN);
  }
  return {
    linesPerS: rounded(median(decoded)),
    rawReadLinesPerS: rounded(median(read)),
    ratio: rounded(median(decoded) / median(read), 3),
    samplesPerS: rounded(median(decoded) * SAMPLES_PER_LINE),
    // The whole driver, link bookkeeping included, up to its reports.
    driverLinesPerS: rounded(median(driven)),
    samplesPerLine: SAMPLES_PER_LINE,
    bytesPerLine: rounded(chunks.reduce((total, { length }) => total + length, 0) / LINES, 1),
    chunkBytes: CHUNK_BYTES,
    repetitions: REPETITIONS,
    wallS: rounded((performance.now() - startMs) / 1000, 1),
  };
}

function linesPerS(pass: Pass, chunks: readonly Buffer[]): number {
  const startMs = performance.now();
  const lines = pass(chunks);
  const endMs = performance.now();
  if (lines !== LINES) throw new Error(`${lines} of ${LINES} lines came through`);
  return lines / ((endMs - startMs) / 1000);
}

/**
 * Line `index` of a run that plates 1.13 mA at 1 s records, from hour two on: its numbers have their usual
 * length.
 */
function sampleLine(index: number): string {
  const noiseKey = randomKey(7, 'bench-frames');
  const firstN = index * SAMPLES_PER_LINE;
  const samples = Array.from({ length: SAMPLES_PER_LINE }, (_, offset) => {
    const n = firstN + offset;
    const timeUs = 7_200_000_000 + n * 1_000_000;
    const voltageNv = -49_454_000 + Math.round(normalAt(noiseKey, n) * 40) * 1000;
    const currentPa = -1_130_000_000 + Math.round(normalAt(noiseKey, -1 - n) * 20) * 1000;
    const netChargeNc = -Math.round(((n % 3600) / 3600) * 4_068_000_000);
    return `${timeUs},${voltageNv},${currentPa},${netChargeNc},0`;
  });
  const line = frameText(index % 65_536, 's', `1 ${firstN} 4 ${samples.join(';')}`);
  if (line.length > LINE_MAX_BYTES) throw new Error(`a line of ${line.length} bytes is none of gvn1`);
  return line;
}

function chunksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

const readLines: Pass = (chunks) => {
  let lines = 0;
  const parser = new ReadlineParser({ encoding: 'latin1', delimiter: '\n', includeDelimiter: true });
  parser.on('data', () => (lines += 1));
  for (const chunk of chunks) parser.write(chunk);
  return lines;
};

/** The stages of the driver, from the port's bytes to a report, without the link between them. */
const decodeLines: Pass = (chunks) => {
  let lines = 0;
  const onLine = (line: string): void => {
    const frame = decodeFrame(line);
    if (frame.kind === 'frame' && reportFromFrame(frame) !== null) lines += 1;
  };
  const framer = new LineFramer({ lengthMax: LINE_BYTES_MAX, onLine });
  for (const chunk of chunks) framer.push(chunk.toString('latin1'));
  return lines;
};

/** A real driver: a simulator in memory introduces itself, then the chunks arrive on its line. */
const driveLines: Pass = (chunks) => {
  let lines = 0;
  let isUp = false;
  const clock = new VirtualClock();
  const device = createSimulatedCycler({ clock, seed: 7, channels: 1 });
  const { host, device: deviceEnd } = createMemoryPair(clock);
  device.attach(deviceEnd);
  const openPort: OpenPort = (done) => clock.defer(() => done({ ok: true, port: host }));
  const cycler = createGvn1Cycler({ name: 'frames', clock, token: 'bench', keepAliveMs: null, openPort });
  cycler.onLink((report) => {
    isUp = report.type === 'up';
  });
  cycler.start();
  if (!clock.runUntil(() => isUp)) throw new Error('the simulator did not introduce itself');
  cycler.channel(1).onReport(() => (lines += 1));
  for (const chunk of chunks) {
    deviceEnd.write(chunk.toString('latin1'));
    clock.advance(0);
  }
  cycler.close();
  device.close();
  return lines;
};
