// Goal: an exact subscriber gets every stored sample once and in order, whenever it joins and however slowly
// it reads. Method: a hub in virtual time over a run file in memory; a property test over random
// interleavings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveBatch, RUN, seqRange, rig } from './rig.ts';

describe('an exact subscription', () => {
  it('reads a late joiner the whole file in pages, then goes on with each commit', () => {
    const { history, connect, commit, settle } = rig();
    commit(1, 5000);
    const socket = connect();
    socket.say({ v: 1, type: 'subscribe', run: RUN, from_seq: 1 });
    settle();
    expect(socket.seqs()).toEqual(seqRange(1, 5000));
    expect(history.pagesRead).toBe(3);
    commit(5001, 3);
    settle();
    commit(5004, 1);
    settle();
    expect(socket.seqs()).toEqual(seqRange(1, 5004));
    expect(socket.of('samples').every((message) => message.mode === 'exact')).toBe(true);
  });

  it('sends the numbers of the file unchanged', () => {
    const { connect, commit, settle } = rig();
    commit(1, 2);
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 2 });
    settle();
    expect(socket.of('samples')).toEqual([
      {
        v: 1,
        type: 'samples',
        run: RUN,
        mode: 'exact',
        stored_seq: 2,
        at_ms: null,
        represents: 1,
        seq: [2],
        time_us: [2000],
        voltage_nv: [14],
        current_pa: [-2],
        charge_nc: [6],
        step: [1],
        flags: [0],
      },
    ]);
  });

  it('never sends a sample before it is stored', () => {
    const { hub, connect, commit, settle } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 0 });
    hub.receive(liveBatch(1, 10));
    settle();
    expect(socket.seqs()).toEqual([]);
    commit(1, 10);
    settle();
    expect(socket.seqs()).toEqual(seqRange(1, 10));
  });

  it('names a gap before the samples that span it', () => {
    const { history, connect, commit, settle } = rig();
    commit(1, 3);
    history.gapRows.push({ firstSeq: 4, count: 6, reason: 'ring overrun' });
    commit(10, 2);
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 3 });
    settle();
    const types = socket.received.map((message) => message.type);
    expect(types).toEqual(['hello', 'state', 'gap', 'samples']);
    expect(socket.of('gap')).toEqual([
      { v: 1, type: 'gap', run: RUN, first_seq: 4, count: 6, reason: 'ring overrun' },
    ]);
    expect(socket.seqs()).toEqual([3, 10, 11]);
  });

  it('names a gap that the record ends with, and one that began before the number asked for', () => {
    const { history, hub, connect, commit, settle } = rig();
    commit(1, 3);
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 3 });
    settle();
    history.gapRows.push({ firstSeq: 4, count: 6, reason: 'ring overrun' });
    hub.receive({ type: 'stored', run: RUN, storedSeq: 9 });
    settle();
    expect(socket.of('gap')).toMatchObject([{ first_seq: 4, count: 6 }]);
    const late = connect();
    late.say({ type: 'subscribe', run: RUN, from_seq: 6 });
    settle();
    expect(late.of('gap')).toMatchObject([{ first_seq: 4, count: 6 }]);
  });

  it('reads no page while more than 256 KiB wait to be taken', () => {
    const { history, connect, commit, settle } = rig();
    commit(1, 100_000);
    const socket = connect();
    socket.isSlow = true;
    socket.say({ type: 'subscribe', run: RUN, from_seq: 1 });
    settle();
    expect(socket.bufferedBytes).toBeLessThan(512 * 1024);
    const { pagesRead } = history;
    expect(pagesRead).toBeLessThan(10);
    settle();
    expect(history.pagesRead).toBe(pagesRead);
    while (socket.bufferedBytes > 0) {
      socket.drain(1);
      settle();
    }
    expect(socket.seqs()).toEqual(seqRange(1, 100_000));
  });

  it('ends with an error that names the run when the file cannot be read, but stays connected', () => {
    const { history, connect, commit, settle } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 1 });
    history.failure = 'database disk image is malformed';
    commit(1, 1);
    settle();
    commit(2, 1);
    settle();
    expect(socket.of('error').map((error) => [error.code, error.field])).toEqual([['HISTORY_FAILED', 'run']]);
    expect(socket.closed).toBeNull();
  });

  it('delivers exactly once under any interleaving of commits, live batches, joins and slow readers', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('live' as const), count: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ kind: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ kind: fc.constant('join' as const), fromPart: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ kind: fc.constant('stall' as const), who: fc.nat(5) }),
      fc.record({
        kind: fc.constant('drain' as const),
        who: fc.nat(5),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({ kind: fc.constant('turn' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { hub, connect, commit, clock } = rig();
        const clients: { socket: ReturnType<typeof connect>; fromSeq: number }[] = [];
        let receivedSeq = 0;
        let storedSeq = 0;
        for (const step of actions) {
          if (step.kind === 'live') {
            hub.receive(liveBatch(receivedSeq + 1, step.count));
            receivedSeq += step.count;
          } else if (step.kind === 'commit') {
            commit(storedSeq + 1, step.count);
            storedSeq += step.count;
            receivedSeq = Math.max(receivedSeq, storedSeq);
          } else if (step.kind === 'join') {
            const fromSeq = Math.round(step.fromPart * (storedSeq + 10));
            const socket = connect();
            socket.say({ type: 'subscribe', run: RUN, from_seq: fromSeq });
            clients.push({ socket, fromSeq });
          } else if (step.kind === 'turn') {
            clock.step();
          } else {
            const client = clients[step.who % Math.max(1, clients.length)];
            if (client === undefined) continue;
            client.socket.isSlow = true;
            if (step.kind === 'drain') client.socket.drain(step.count);
          }
        }
        for (const { socket } of clients) socket.isSlow = false;
        for (let turn = 0; turn < 100; turn += 1) {
          for (const { socket } of clients) socket.drain();
          clock.advance(1);
        }
        for (const { socket, fromSeq } of clients.filter((client) => client.socket.closed === null)) {
          expect(socket.seqs()).toEqual(seqRange(Math.max(1, fromSeq), storedSeq));
        }
      }),
      { numRuns: 150 },
    );
  });
});
