// Goal: identify finds the instrument that answers, sends nothing but the questions, and leaves the port
// closed. Method: invented dialects on memory ports whose far end is a function, in virtual time; then gvn1's
// probe against its emulator while that drives a cell.

import { describe, expect, it } from 'vitest';
import type { BytePort, PortResult } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { LineSettings } from '../../../src/bytes/serial-port.ts';
import type { Dialect, ProbedInstrument } from '../../../src/device/dialect.ts';
import { GVN1 } from '../../../src/device/drivers/gvn1.ts';
import { identify, type IdentifyResult } from '../../../src/device/identify.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';
import { rig } from '../../support/rig.ts';

interface Invented {
  readonly name: string;
  readonly baudRate?: number;
  readonly ask?: string | null;
}

function dialectOf({ name, baudRate = 9600, ask = `${name}?\n` }: Invented): Dialect {
  const parse = (heard: string): ProbedInstrument | null => {
    const [, serial] = new RegExp(`^${name}:(\\w+)$`, 'm').exec(heard) ?? [];
    return serial === undefined ? null : { model: name, serial, firmware: '1' };
  };
  return {
    ...GVN1,
    ...{ name, baudRate, probe: ask === null ? null : { ask, waitMs: 500, parse } },
  };
}

/** `answer`: what the far end says to a line at a baud rate; null: nothing. */
function askAll(
  dialects: readonly Dialect[],
  answer: (line: string, settings: LineSettings) => string | null,
  meddle: (far: BytePort, clock: VirtualClock) => void = () => undefined,
) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const opened: LineSettings[] = [];
  let ends = 0;
  const results: IdentifyResult[] = [];
  const openAt = (settings: LineSettings) => (done: (result: { ok: true; port: BytePort }) => void) => {
    opened.push(settings);
    const [near, far] = createMemoryPortPair(clock);
    far.onBytes((text) => {
      sent.push(text);
      const said = answer(text, settings);
      if (said !== null) far.write(said);
    });
    far.onClosed(() => (ends += 1));
    meddle(far, clock);
    done({ ok: true, port: near });
  };
  identify({ clock, openAt, dialects }, (result) => results.push(result));
  clock.advance(60_000);
  return { results, sent, opened, ends, clock };
}

const A = dialectOf({ name: 'aa' });
const B = dialectOf({ name: 'bb' });
const FAST = dialectOf({ name: 'ff', baudRate: 115_200 });

describe('identify', () => {
  it('names the dialect and the instrument that answer', () => {
    const { results } = askAll([A, B], (line) => (line === 'bb?\n' ? 'bb:S42\n' : 'error\n'));
    expect(results).toMatchObject([
      { type: 'found', dialect: { name: 'bb' }, instrument: { model: 'bb', serial: 'S42' } },
    ]);
  });

  it('asks no further once somebody has answered', () => {
    const { sent } = askAll([A, B, FAST], () => 'aa:S42\n');
    expect(sent).toEqual(['aa?\n']);
  });

  it('sends each question twice and nothing else, and opens the port once a baud rate', () => {
    const { results, sent, opened, ends } = askAll([A, FAST, B], () => null);
    expect(sent).toEqual(['aa?\n', 'aa?\n', 'bb?\n', 'bb?\n', 'ff?\n', 'ff?\n']);
    expect(opened).toEqual([
      { baudRate: 9600, flowControl: 'none' },
      { baudRate: 115_200, flowControl: 'none' },
    ]);
    expect(ends).toBe(2);
    expect(results).toEqual([{ type: 'nobody', asked: ['aa', 'bb', 'ff'], heard: '' }]);
  });

  it('hears who only understands the second time, since the first ended a half-sent line', () => {
    let heard = 0;
    const { results } = askAll([A], () => ((heard += 1) === 2 ? 'aa:S42\n' : null));
    expect(results).toMatchObject([{ type: 'found' }]);
  });

  it('puts an answer together that comes in pieces', () => {
    const { results } = askAll(
      [A],
      () => 'aa:',
      (far, clock) => void clock.after(300, () => far.write('S42\n')),
    );
    expect(results).toMatchObject([{ type: 'found', instrument: { serial: 'S42' } }]);
  });

  it('shows the beginning of what came instead', () => {
    const { results } = askAll([A], () => `hello ${'x'.repeat(200)}\n`);
    expect(results).toEqual([
      { type: 'nobody', asked: ['aa'], heard: expect.stringMatching(/^hello x{74}$/) as string },
    ]);
  });

  it('does not wait for ever for somebody who talks without a pause', () => {
    const { results, clock } = askAll(
      [A],
      () => null,
      (far, virtual) => {
        const chatter = (): void => {
          far.write('noise\n');
          virtual.after(50, chatter);
        };
        chatter();
      },
    );
    expect(results).toMatchObject([{ type: 'nobody' }]);
    expect(clock.nowMs()).toBe(60_000);
  });

  it('says so when the port goes away or does not open', () => {
    const gone = askAll(
      [A],
      () => null,
      (far, clock) => void clock.after(100, () => far.close()),
    );
    expect(gone.results).toEqual([
      { type: 'failed', reason: 'failed', detail: 'memory: closed by the other side' },
    ]);
    const results: IdentifyResult[] = [];
    const why = { reason: 'busy', detail: 'another program has it open' } as const;
    const openAt = () => (done: (result: PortResult) => void) => done({ ok: false, ...why });
    const clock = new VirtualClock();
    identify({ clock, openAt, dialects: [A] }, (result) => results.push(result));
    clock.advance(60_000);
    expect(results).toEqual([{ type: 'failed', ...why }]);
  });

  it.each(['busy', 'absent'] as const)(
    'waits for a port that is %s for a moment after it was closed',
    (reason) => {
      const clock = new VirtualClock();
      const results: IdentifyResult[] = [];
      let [closedMs, isUsed] = [0, false];
      const openAt = () => (done: (result: PortResult) => void) => {
        if (isUsed && clock.nowMs() < closedMs + 500) return done({ ok: false, reason, detail: 'not yet' });
        const [port, far] = createMemoryPortPair(clock);
        far.onClosed(() => ([closedMs, isUsed] = [clock.nowMs(), true]));
        isUsed = true;
        closedMs = Number.POSITIVE_INFINITY;
        done({ ok: true, port });
      };
      identify({ clock, openAt, dialects: [A, FAST] }, (result) => results.push(result));
      clock.advance(60_000);
      expect(results).toMatchObject([{ type: 'nobody', asked: ['aa', 'ff'] }]);
    },
  );

  it('has nothing to ask where no dialect can be asked harmlessly', () => {
    const { results, opened } = askAll([dialectOf({ name: 'aa', ask: null })], () => 'aa:S42\n');
    expect(results).toEqual([{ type: 'nobody', asked: [], heard: '' }]);
    expect(opened).toEqual([]);
  });
});

describe("gvn1's question", () => {
  it('is answered while a run drives the cell, and changes nothing about the run', () => {
    const bench = rig();
    bench.runToHalfCycle(1, 500);
    const results: IdentifyResult[] = [];
    // A second connection to the same instrument, as another program on a serial server would have it.
    identify({ clock: bench.clock, openAt: () => bench.line.open, dialects: [GVN1] }, (result) =>
      results.push(result),
    );
    bench.runToEnd();
    expect(results).toMatchObject([
      { type: 'found', dialect: { name: 'gvn1' }, instrument: { serial: null } },
    ]);
    expect(bench.told.states.at(-1)).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});
