// Goal: the console sends lines in order and shows what comes, whole, in order and harmless to a terminal.
// Method: a memory port whose far end is a function, in virtual time.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Console } from '../../../src/cli/console-session.ts';
import { shownText } from '../../../src/cli/shown-text.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

function consoleRig(silenceMs: number) {
  const clock = new VirtualClock();
  const [port, far] = createMemoryPortPair(clock);
  const sent: { readonly atMs: number; readonly text: string }[] = [];
  const shown: string[] = [];
  const ends: (string | null)[] = [];
  far.onBytes((text) => sent.push({ atMs: clock.nowMs(), text }));
  const session = new Console({
    ...{ clock, port, silenceMs },
    show: (line) => shown.push(line),
    onEnd: (failure) => ends.push(failure),
  });
  const say = (text: string): void => {
    far.write(text);
    clock.advance(0);
  };
  return { clock, session, sent, shown, ends, say, far, port };
}

describe('a console', () => {
  it('sends what a person enters at once, and shows each line that comes', () => {
    const { clock, session, sent, shown, say } = consoleRig(0);
    session.enter('t');
    clock.advance(0);
    say('tes4_hr1100#Jan 28 2022 11:04:43\nR*\n');
    expect(sent).toEqual([{ atMs: 0, text: 't\n' }]);
    expect(shown).toEqual(['tes4_hr1100#Jan 28 2022 11:04:43', 'R*']);
  });

  it('sends the next line of a script when the instrument has been silent', () => {
    const { clock, session, sent, ends, say } = consoleRig(500);
    for (const line of ['one', 'two']) session.enter(line);
    session.endOfInput();
    clock.advance(400);
    say('answer\n');
    clock.advance(499);
    expect(sent.map(({ text }) => text)).toEqual(['one\n']);
    clock.advance(1);
    expect(sent.map(({ atMs, text }) => [atMs, text])).toEqual([
      [0, 'one\n'],
      [900, 'two\n'],
    ]);
    expect(ends).toEqual([]);
    clock.advance(500);
    expect(ends).toEqual([null]);
  });

  it('ends with the input of a person, and closes the port', () => {
    const { session, ends, port } = consoleRig(0);
    session.endOfInput();
    expect(ends).toEqual([null]);
    expect(port.isOpen).toBe(false);
  });

  it('says why when the port goes away, once, with what came before', () => {
    const { clock, far, session, shown, ends } = consoleRig(0);
    far.write('last words');
    far.close();
    clock.advance(1000);
    session.enter('hello?');
    session.endOfInput();
    expect(shown).toEqual(['last words']);
    expect(ends).toEqual(['closed by the other side']);
  });

  it('shows a prompt without a line feed after a moment, and a flood in pieces', () => {
    const { clock, shown, say } = consoleRig(0);
    say('password: ');
    expect(shown).toEqual([]);
    clock.advance(200);
    expect(shown).toEqual(['password: ']);
    say('x'.repeat(2001));
    expect(shown.at(-1)).toHaveLength(2001);
  });
});

describe('text on a terminal', () => {
  it.each([
    ['plain text ~', 'plain text ~'],
    ['a\r\n\tb', String.raw`a\r\n\tb`],
    ['\u001b[31mred', String.raw`\x1b[31mred`],
    ['\u0018\u0000\u007f\u00ff', String.raw`\x18\x00\x7f\xff`],
    [String.raw`back\slash`, String.raw`back\\slash`],
  ])('shows %j as %s', (text, shown) => {
    expect(shownText(text)).toBe(shown);
  });
});
