// Goal: the served JSON Schema is the contract, and the feed's tags are all known to the parser.
// Method: schema and parsers alone.
import { describe, expect, it } from 'vitest';
import { parseFeedMessage, parseWebReport } from '../../../src/stream/feed.ts';
import { isRunId, parseClientMessage, streamJsonSchema } from '../../../src/stream/messages.ts';
import { liveBatch, RUN } from './rig.ts';

describe('client messages', () => {
  it('need no version, and take 0 for the first sample', () => {
    expect(parseClientMessage(`{"type":"subscribe","run":"${RUN}","from_seq":0}`)).toEqual({
      ok: true,
      message: { type: 'subscribe', run: RUN, from_seq: 0 },
    });
  });
});

describe('the JSON Schema', () => {
  it('describes every message of both directions', () => {
    const text = JSON.stringify(streamJsonSchema());
    const types = [
      'subscribe',
      'unsubscribe',
      'hello',
      'runs',
      'state',
      'past',
      'samples',
      'step',
      'half_cycle',
    ];
    for (const type of [...types, 'gap', 'alarm', 'ping', 'error', 'plot'])
      expect(text).toContain(`"const":"${type}"`);
  });

  it('says what a new epoch means', () => {
    expect(JSON.stringify(streamJsonSchema())).toContain('beyond stored_seq were never stored');
  });
});

describe('run ids', () => {
  it.each([
    [RUN, true],
    ['81JD8Z4N6XQ2V7S5T3R1P0M9KC', false],
    ['01JD8Z4N6XQ2V7S5T3R1P0M9KI', false],
    [`${RUN}\n`, false],
    [`../${RUN}`, false],
    ['', false],
  ])('%j is one: %s', (text, isOne) => {
    expect(isRunId(text)).toBe(isOne);
  });
});

describe('the fork channel', () => {
  it('survives the default JSON serialization unchanged', () => {
    const batch = liveBatch(1, 3);
    expect(parseFeedMessage(JSON.parse(JSON.stringify(batch)))).toEqual(batch);
  });

  it('ignores what is not for it', () => {
    for (const message of [null, 'x', {}, { type: 'listening' }])
      expect(parseFeedMessage(message)).toBeNull();
    for (const message of [undefined, { type: 'live' }]) expect(parseWebReport(message)).toBeNull();
  });
});
