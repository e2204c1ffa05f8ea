// Goal: no client can hold up the feed or another client; every client learns of runs, states and the core's
// restart. Method: a hub in virtual time with sockets that stall, fall silent or say nonsense.
import { describe, expect, it } from 'vitest';
import { CLIENTS_MAX } from '../../../src/stream/hub.ts';
import { liveBatch, OTHER_RUN, RUN, seqRange, rig, summary } from './rig.ts';

describe('slow and dead clients', () => {
  it('closes a client with 1013 once more than 8 MiB wait, and the others get everything', () => {
    const { hub, connect, clock } = rig();
    const [slow, quick] = [connect(), connect()];
    for (const socket of [slow, quick]) socket.say({ type: 'subscribe', run: RUN });
    slow.isSlow = true;
    const alarm = {
      type: 'alarm',
      run: RUN,
      code: 'TEST',
      message: 'x'.repeat(60_000),
      atWallMs: 0,
    } as const;
    for (let count = 0; count < 200; count += 1) hub.receive(alarm);
    expect(slow.closed).toEqual({ code: 1013, reason: 'too slow: more than 8 MiB waited to be read' });
    expect(slow.bufferedBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(quick.of('alarm').length).toBe(200);
    expect(quick.closed).toBeNull();
    clock.advance(2_000);
    expect(slow.isTerminated).toBe(true);
    expect(quick.isTerminated).toBe(false);
  });

  it('closes a client with 1013 that takes nothing for 30 s, but not one that is merely slow', () => {
    const { hub, connect, clock } = rig();
    const [stalled, slow] = [connect(), connect()];
    for (const socket of [stalled, slow]) {
      socket.say({ type: 'subscribe', run: RUN });
      socket.isSlow = true;
    }
    for (let second = 0; second < 60; second += 1) {
      hub.receive(liveBatch(second + 1, 1));
      clock.advance(1000);
      if (second % 10 === 0) slow.drain(1);
    }
    expect(stalled.closed).toEqual({ code: 1013, reason: 'too slow: nothing was read for 30 s' });
    expect(slow.closed).toBeNull();
  });

  it('pings every 15 s and terminates after two misses', () => {
    const { connect, clock } = rig();
    const [silent, healthy] = [connect(), connect()];
    silent.answersPings = false;
    clock.advance(30_001);
    expect(silent.isTerminated).toBe(false);
    clock.advance(15_000);
    expect(silent.isTerminated).toBe(true);
    expect(healthy.isTerminated).toBe(false);
    expect(healthy.of('ping').length).toBe(3);
  });

  it('is full at 50 clients and has room again when one leaves', () => {
    const { hub, connect } = rig();
    const sockets = Array.from({ length: CLIENTS_MAX }, connect);
    expect(hub.isFull).toBe(true);
    sockets[0]?.connection?.ended();
    expect(hub.isFull).toBe(false);
  });

  it('leaves no timer behind for clients that have gone', () => {
    const { hub, connect, clock } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, max_hz: 1 });
    hub.receive(liveBatch(1, 1));
    hub.receive(liveBatch(2, 1));
    socket.connection?.ended();
    hub.close();
    clock.advance(1);
    expect(clock.isPending).toBe(false);
  });
});

describe('what clients are told', () => {
  it('greets with epoch and runs, without their paths', () => {
    const { connect } = rig();
    const hello = connect().received[0];
    expect(hello).toMatchObject({
      type: 'hello',
      epoch: 'e1',
      runs: [{ run: RUN, cell: 'Zn-042', time_scale: 600 }],
    });
    expect(JSON.stringify(hello)).not.toContain('secret');
  });

  it('tells all of new, changed and vanished runs, gathered, and subscribers of a state at once', () => {
    const { hub, connect, clock } = rig();
    clock.advance(1000);
    const [subscriber, other] = [connect(), connect()];
    subscriber.say({ type: 'subscribe', run: RUN });
    hub.receive({ type: 'runs', runs: [summary(), summary({ run: OTHER_RUN, channel: 2 })] });
    hub.receive({
      type: 'state',
      run: RUN,
      state: 'link-lost',
      reason: 'timeout',
      sinceWallMs: 5,
      verdict: null,
    });
    expect(subscriber.of('state').map(({ state }) => state)).toEqual(['running', 'link-lost']);
    expect(other.of('state')).toEqual([]);
    clock.advance(250);
    expect(other.of('runs').map(({ runs }) => runs.map(({ run, state }) => [run, state]))).toEqual([
      [
        [OTHER_RUN, 'running'],
        [RUN, 'link-lost'],
      ],
    ]);
    hub.receive({ type: 'runs', runs: [summary({ state: 'link-lost', reason: 'timeout', sinceWallMs: 5 })] });
    clock.advance(250);
    expect(other.of('runs').at(-1)).toEqual({ v: 1, type: 'runs', runs: [], gone: [OTHER_RUN] });
  });

  it('passes steps, half-cycles and gaps on, and keeps the position for those who come later', () => {
    const { hub, connect } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    const step = {
      programStep: 'plating',
      phase: 'cycling',
      cycle: 3,
      half: 'plate',
      mode: { kind: 'cc', currentPa: -1_130_000_000 },
      durationMaxUs: 1,
      record: { everyUs: 10_000_000 },
    } as const;
    hub.receive({
      type: 'step',
      run: RUN,
      event: 'began',
      row: { stepNumber: 7, startUs: 1, firstSeq: 9, step },
    });
    const half = {
      cycle: 3,
      phase: 'cycling',
      half: 'plate',
      reason: 'net-charge',
      isInterrupted: false,
    } as const;
    const numbers = { number: 5, stepNumber: 6, startUs: 0, endUs: 9, chargeNc: 4, endNetChargeNc: -4 };
    const row = { ...half, ...numbers, plateauNv: 1, tipNv: null, endNv: 2 };
    hub.receive({ type: 'half_cycle', run: RUN, row });
    hub.receive({ type: 'gap', run: RUN, row: { firstSeq: 5, count: 2, reason: 'overrun' } });
    expect(socket.of('step')[0]).toMatchObject({ step_number: 7, current_pa: -1_130_000_000, half: 'plate' });
    expect(socket.of('half_cycle')[0]).toMatchObject({ number: 5, charge_nc: 4, tip_nv: null });
    expect(socket.of('gap')[0]).toMatchObject({ first_seq: 5, count: 2 });
    expect(connect().of('hello')[0]?.runs[0]?.position).toMatchObject({ step_number: 7, cycle: 3 });
  });

  it('sends everybody away when the core has started anew, and greets them with the new epoch', () => {
    const { hub, connect, commit } = rig();
    commit(1, 5);
    hub.receive(liveBatch(6, 5));
    const socket = connect();
    hub.receive({ type: 'epoch', epoch: 'e2' });
    expect(socket.closed?.code).toBe(1012);
    const again = connect();
    expect(again.of('hello')[0]?.epoch).toBe('e2');
    again.say({ type: 'subscribe', run: RUN });
    expect(again.of('state')[0]?.stored_seq).toBe(5);
    hub.receive(liveBatch(6, 2));
    expect(again.seqs()).toEqual(seqRange(6, 7));
  });
});

describe('mistakes of clients', () => {
  it.each([
    ['not JSON', '{', null],
    ['an unknown type', '{"type":"start"}', 'type'],
    ['a missing run', '{"type":"subscribe"}', 'run'],
    ['a path for a run', '{"type":"subscribe","run":"../../etc/passwd"}', 'run'],
    ['a fraction of a sample', `{"type":"subscribe","run":"${RUN}","from_seq":1.5}`, 'from_seq'],
    ['a rate beyond the range', `{"type":"subscribe","run":"${RUN}","max_hz":1000}`, 'max_hz'],
    ['an unknown key', `{"type":"subscribe","run":"${RUN}","fromSeq":1}`, 'fromSeq'],
    ['another version', `{"v":2,"type":"subscribe","run":"${RUN}"}`, 'v'],
  ])('names the field of %s and closes with 1008', (_title, text, field) => {
    const { connect } = rig();
    const socket = connect();
    socket.connection?.receive(text);
    socket.connection?.receive(`{"type":"subscribe","run":"${RUN}"}`);
    const errors = socket.of('error');
    expect(errors.map((error) => [error.code, error.field])).toEqual([['MESSAGE_INVALID', field]]);
    expect(errors[0]?.message).not.toContain('\n');
    expect(errors[0]?.message).toContain(field ?? '');
    expect(socket.closed?.code).toBe(1008);
    expect(socket.of('state')).toEqual([]);
  });

  it('refuses an unknown run and a ninth subscription, and goes on', () => {
    const { hub, connect } = rig();
    const ids = seqRange(0, 8).map((index) => `01JD8Z4N6XQ2V7S5T3R1P0M9K${index}`);
    hub.receive({ type: 'runs', runs: ids.map((run, index) => summary({ run, channel: index + 1 })) });
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    for (const run of ids) socket.say({ type: 'subscribe', run });
    expect(socket.of('error').map((error) => error.code)).toEqual(['RUN_UNKNOWN', 'SUBSCRIPTIONS_FULL']);
    expect(socket.of('state').length).toBe(8);
    expect(socket.closed).toBeNull();
  });
});
