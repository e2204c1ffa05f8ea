// Goal: a live subscriber sees a decimated past and then the tail, without duplicates, at the rate it asked
// for. Method: a hub in virtual time; what the sockets received is compared, never what the hub holds.
import { describe, expect, it } from 'vitest';
import { liveBatch, OTHER_RUN, RUN, seqRange, rig, summary } from './rig.ts';

describe('a live subscription', () => {
  it('answers subscribe with the state, the past, the samples not stored yet, then the tail', () => {
    const { hub, connect, commit } = rig();
    hub.receive(liveBatch(1, 10));
    commit(1, 10);
    hub.receive(liveBatch(11, 4));
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    hub.receive(liveBatch(15, 2));
    expect(socket.received.map((message) => message.type)).toEqual([
      'hello',
      'state',
      'past',
      'samples',
      'samples',
    ]);
    expect(socket.of('past')[0]?.time_us).toEqual(seqRange(1, 10).map((seq) => seq * 1000));
    expect(socket.of('state')[0]?.stored_seq).toBe(10);
    expect(socket.seqs()).toEqual(seqRange(11, 16));
  });

  it('does not repeat in the tail what the file held before the commit was announced', () => {
    const { hub, history, connect } = rig();
    hub.receive(liveBatch(1, 10));
    history.store(RUN, seqRange(1, 6));
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    hub.receive({ type: 'stored', run: RUN, storedSeq: 6 });
    hub.receive(liveBatch(11, 1));
    expect(socket.seqs()).toEqual(seqRange(7, 11));
    expect(socket.of('samples')[0]?.voltage_nv).toEqual(seqRange(7, 10).map((seq) => seq * 7));
  });

  it('keeps the past to 2000 points however long the run is', () => {
    const { connect, commit } = rig();
    commit(1, 50_000);
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    expect(socket.of('past')[0]?.time_us.length).toBeLessThanOrEqual(2000);
    expect(socket.of('past')[0]?.stored_seq).toBe(50_000);
  });

  it('sends only runs that were subscribed to', () => {
    const { hub, connect } = rig();
    hub.receive({ type: 'runs', runs: [summary(), summary({ run: OTHER_RUN, channel: 2 })] });
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    hub.receive(liveBatch(1, 1, { run: OTHER_RUN }));
    hub.receive(liveBatch(1, 1));
    socket.say({ type: 'unsubscribe', run: RUN });
    hub.receive(liveBatch(2, 1));
    expect(socket.of('samples').map((message) => [message.run, message.seq])).toEqual([[RUN, [1]]]);
  });

  it('coalesces to max_hz messages per second, keeping lowest, highest and newest', () => {
    const { hub, clock, connect } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, max_hz: 2 });
    const voltages = [5, -900, 7, 800, 6];
    for (let tick = 0; tick < 40; tick += 1) {
      const voltageNv = [voltages[tick % voltages.length] ?? 0];
      hub.receive(liveBatch(tick + 1, 1, { voltageNv }));
      clock.advance(50);
    }
    clock.advance(1000);
    const samples = socket.of('samples');
    expect(samples.length).toBe(5);
    expect(samples.reduce((sum, message) => sum + message.represents, 0)).toBe(40);
    expect(samples[1]?.voltage_nv).toEqual([-900, 800, 6]);
    expect(samples[1]?.mode).toBe('coalesced');
    const seqs = socket.seqs();
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    expect(seqs.at(-1)).toBe(40);
  });

  it('starts the past of a coalesced subscriber at from_seq', () => {
    const { connect, commit } = rig();
    commit(1, 100);
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN, from_seq: 91, max_hz: 5 });
    expect(socket.of('past')[0]?.time_us).toEqual(seqRange(91, 100).map((seq) => seq * 1000));
  });

  it('coalesces for a client that lags more than 1 MiB behind, and catches up with the newest', () => {
    const { hub, clock, connect } = rig();
    const socket = connect();
    socket.say({ type: 'subscribe', run: RUN });
    socket.isSlow = true;
    let seq = 1;
    for (; socket.bufferedBytes <= 1024 * 1024; seq += 500) hub.receive(liveBatch(seq, 500));
    const { bufferedBytes } = socket;
    for (let more = 0; more < 100; more += 1, seq += 500) hub.receive(liveBatch(seq, 500));
    expect(socket.bufferedBytes).toBe(bufferedBytes);
    socket.drain();
    clock.advance(1);
    socket.drain();
    const last = socket.of('samples').at(-1);
    expect(last?.mode).toBe('coalesced');
    expect(last?.represents).toBe(50_000);
    expect(last?.seq.at(-1)).toBe(seq - 1);
  });
});
