// Goal: four instruments of four dialects at one daemon are four runs like any other: they end complete, can
// be watched and stopped, and the loss of one is nobody else's. Method: processes at the speed of life with
// half-cycles of a few seconds; the run files, the stream and the simulators' own cell logs are the result.

import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type InstrumentBench, type InstrumentName, startInstruments } from './instrument-bench.ts';
import {
  cellDriven,
  cellOpened,
  checkpointOf,
  expectHalfCyclesInTurn,
  expectWholeRecord,
  halfCyclesOf,
  isSealed,
  newestSeq,
  reaches,
  samplesBeyond,
} from './records.ts';
import { createRig, type DaemonProcess, type Finished, type Rig, settingArguments, until } from './rig.ts';

/** 3.6 s of 1.13 mA. */
const TINY = { cycles: '2', areal_capacity: '1uAh/cm2' };
const TINY_NC = 4_068_000;
/** Half-cycles of a minute: longer than anybody waits here. */
const LONG = { cycles: '2', areal_capacity: '0.02mAh/cm2' };
/**
 * An end may be late by two readings of the slowest instrument, a host that judges about eight a second; and
 * gains differ by 1 %.
 */
const LATE_NC = 0.3 * 1_130_000;

const STOPPED = 'the separator leaks';

interface BenchRun {
  readonly cycler: InstrumentName;
  readonly run: string;
  readonly path: string;
}

interface ShownRun {
  readonly meta: {
    readonly acceptsNoDeadMan: boolean;
    readonly instrument: {
      readonly identity: { readonly dialect: string; readonly deviceId: string; readonly model: string };
      readonly capabilities: {
        readonly limits: Readonly<Record<'voltage' | 'charge' | 'shortFloor', string>>;
        readonly recordRules: string;
        readonly deadMan: string;
      };
    };
    readonly cellLimits: Readonly<Record<string, number>>;
  };
}

async function startOn(rig: Rig, cycler: string, settings: Readonly<Record<string, string>>) {
  return rig.cli(
    ...['run', 'start', 'symmetric-cycling', '--cycler', cycler, '--channel', '1', '--area', '1.13cm2'],
    ...[...settingArguments(settings), '--json'],
  );
}

describe('four instruments of four dialects at one daemon', () => {
  let rig: Rig;
  let bench: InstrumentBench;
  let daemon: DaemonProcess;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    rig = createRig();
    bench = await startInstruments(rig);
    daemon = await rig.daemon(bench.config);
    for (const { name } of bench.instruments)
      await daemon.says(new RegExp(`"cycler":"${name}".*"msg":"link up"`));
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });

  afterAll(() => {
    rig.end();
  });

  async function startAll(settings: Readonly<Record<string, string>>): Promise<readonly BenchRun[]> {
    return Promise.all(
      bench.instruments.map(async ({ name }) => {
        const { code, stdout, stderr } = await startOn(rig, name, settings);
        expect(code, stderr).toBe(0);
        return { ...(JSON.parse(stdout) as { run: string; path: string }), cycler: name };
      }),
    );
  }

  /** What the page's stream says of a run, from its first sample on. */
  function watch(run: string): { readonly seqs: number[]; readonly states: string[] } {
    const socket = new WebSocket(`${daemon.url.replace('http', 'ws')}stream`);
    sockets.push(socket);
    const seen: { readonly seqs: number[]; readonly states: string[] } = { seqs: [], states: [] };
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; seq?: number[]; state?: string };
      if (message.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', run, from_seq: 1 }));
      if (message.type === 'samples') seen.seqs.push(...(message.seq ?? []));
      if (message.type === 'state') seen.states.push(message.state ?? '');
    });
    return seen;
  }

  it('complete their runs side by side, equal within their readings, every sample streamed', async () => {
    const runs = await startAll(TINY);
    const watched = runs.map(({ run }) => watch(run));
    for (const { path } of runs) expect(await reaches(path, 'done')).toMatchObject({ verdict: 'completed' });
    for (const [index, { path, cycler }] of runs.entries()) {
      await until(`the seal of ${cycler}`, () => isSealed(path) || undefined);
      expectWholeRecord(path);
      expectHalfCyclesInTurn(path);
      const halves = halfCyclesOf(path);
      expect(halves, cycler).toHaveLength(4);
      for (const { charge_nc, reason, is_interrupted } of halves) {
        expect([cycler, reason, is_interrupted]).toEqual([cycler, 'net-charge', 0]);
        expect(Math.abs(charge_nc - TINY_NC), `${charge_nc} nC on ${cycler}`).toBeLessThan(LATE_NC);
      }
      const stored = newestSeq(path);
      const seen = watched[index];
      await until(`the last sample of ${cycler}`, () => seen?.seqs.at(-1) === stored || undefined);
      expect(seen?.seqs).toEqual(Array.from({ length: stored }, (_, at) => at + 1));
      await until(`the end of ${cycler} on the stream`, () => seen?.states.includes('done') || undefined);
      expect((await cellOpened(bench.of(cycler).cellLog)).cell).toBe('off');
    }
  });

  it('are told apart in the record: who it was, its limits, and who enforces what', async () => {
    const runs = await runsOf(rig);
    const enforced: Record<string, unknown> = {};
    const described = async ({ id, cycler }: (typeof runs)[number]): Promise<void> => {
      const { meta } = await rig.json<ShownRun>('run', 'show', id, '--json');
      const { identity, capabilities } = meta.instrument;
      const { dialect } = bench.of(cycler);
      expect(identity).toMatchObject({ dialect, deviceId: expect.stringMatching(/sim/i) });
      expect(identity.model).toMatch(/-sim$/);
      expect(meta.cellLimits['voltageMaxNv']).toBeGreaterThan(0);
      const { limits, recordRules, deadMan } = capabilities;
      const { acceptsNoDeadMan } = meta;
      enforced[cycler] = { ...limits, recordRules, deadMan, acceptsNoDeadMan };
      const { stdout } = await rig.cli('run', 'show', id);
      expect(stdout).toMatch(new RegExp(`^driven by +${identity.model}, ${identity.deviceId} `, 'm'));
      expect(stdout).toMatch(new RegExp(`^enforced by +voltage: ${limits.voltage}, `, 'm'));
    };
    await Promise.all(runs.map(described));
    const host = { voltage: 'host', charge: 'host', shortFloor: 'host', recordRules: 'host' };
    expect(enforced).toMatchObject({
      left: { voltage: 'device', charge: 'device', shortFloor: 'device', deadMan: 'device' },
      palm: { deadMan: 'step-bound', acceptsNoDeadMan: false },
      smu: { ...host, deadMan: 'nobody', acceptsNoDeadMan: true },
      xpot: { deadMan: 'step-bound', acceptsNoDeadMan: false },
    });
  });

  it('are stopped in the middle by their operator: each cell open within ten seconds', async () => {
    const runs = await startAll(LONG);
    for (const { cycler } of runs) await cellDriven(bench.of(cycler).cellLog, 1, 0);
    for (const { path } of runs) await halfCycleBegun(path);
    await Promise.all(
      runs.map(async ({ run, path, cycler }) => {
        // What is bounded is the daemon's own time: a command line takes seconds to start on a busy machine.
        const askedMs = Date.now();
        const answer = await askDaemon(rig, { method: 'run.stop', params: { run, reason: STOPPED } });
        expect(answer).toMatchObject({ ok: true, value: { state: 'stopped' } });
        const { real_ms } = await cellOpened(bench.of(cycler).cellLog);
        expect(real_ms - askedMs, cycler).toBeLessThan(10_000);
        expect(checkpointOf(path)).toMatchObject({ state: 'stopped', reason: STOPPED });
        expect(isSealed(path)).toBe(true);
        for (const half of halfCyclesOf(path))
          expect(half).toMatchObject({ reason: 'off', is_interrupted: 1 });
        expectWholeRecord(path);
      }),
    );
  });

  it('go on when one of them dies, whose run says why and can still be stopped', async () => {
    const runs = await startAll(LONG);
    for (const { path } of runs) await halfCycleBegun(path);
    const [lost, ...others] = runs.toSorted((a) => (a.cycler === 'smu' ? -1 : 1));
    if (lost === undefined) throw new Error('no run of the source meter');
    bench.of('smu').kill('SIGKILL');
    const { reason } = await reaches(lost.path, 'link-lost');
    expect(reason).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+: closed by the other side$/);
    for (const { path } of others) {
      await samplesBeyond(path, newestSeq(path), 20);
      expect(checkpointOf(path).state).toBe('running');
    }
    const stopped = await rig.cli('run', 'stop', lost.run);
    expectOneLine(stopped, 4, /is stopped, but .*nothing opens it until the device is back.*by hand/);
    expect(checkpointOf(lost.path).state).toBe('stopped');
    daemon.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(143);
    for (const { cycler, path } of others) {
      expect(checkpointOf(path).state).toBe('holding');
      expect((await cellOpened(bench.of(cycler).cellLog)).cell).toBe('off');
    }
  });
});

describe('a source meter that nobody allowed', () => {
  it('is refused with exit code 6 and one line that says what to write', async () => {
    const rig = createRig();
    try {
      const simulator = rig.galvanode('sim', '--dialect', 'keithley2400', '--tcp', '0');
      const { port } = JSON.parse(await simulator.says(/^\{.*\}$/m)) as { port: string };
      const daemon = await rig.daemon({ cyclers: [{ name: 'smu', dialect: 'keithley2400', port }] });
      await daemon.says(/link up/);
      const refused = await startOn(rig, 'smu', TINY);
      expectOneLine(refused, 6, /cycler "smu".*"accept_no_dead_man: true".*\[CAPABILITY_MISSING\]/);
    } finally {
      rig.end();
    }
  });
});

/** One line there, one line back, as a command line does it. */
async function askDaemon(rig: Rig, request: object): Promise<unknown> {
  const socket = createConnection(join(rig.data, 'control.sock')).setEncoding('utf8');
  socket.write(`${JSON.stringify(request)}\n`);
  let heard = '';
  for await (const text of socket) {
    heard += String(text);
    // Ends the connection as well.
    if (heard.endsWith('\n')) return JSON.parse(heard);
  }
  throw new Error(`the daemon gave no whole answer: ${heard}`);
}

async function runsOf(
  rig: Rig,
): Promise<readonly { readonly id: string; readonly cycler: InstrumentName }[]> {
  return (await rig.json<{ runs: { id: string; cycler: InstrumentName }[] }>('run', 'list', '--json')).runs;
}

/** Pre-flight is over and the first half-cycle is under way. */
async function halfCycleBegun(path: string): Promise<void> {
  const { reason } = await until(
    'the first half-cycle',
    () => {
      const checkpoint = checkpointOf(path);
      return checkpoint.reason === 'cycling-plating' || checkpoint.state === 'failed'
        ? checkpoint
        : undefined;
    },
    () => checkpointOf(path),
  );
  expect(reason).toBe('cycling-plating');
  await samplesBeyond(path, newestSeq(path), 5);
}

function expectOneLine(answer: Finished, code: number, said: RegExp): void {
  expect(answer, answer.stderr).toMatchObject({ code, stdout: '' });
  expect(answer.stderr.trimEnd().split('\n'), answer.stderr).toHaveLength(1);
  expect(answer.stderr).toMatch(said);
}
