// Goal: whatever a file holds, reading it gives plain data or one line, CONFIG_INVALID. Method: files in a
// folder of their own with what YAML allows and nobody means.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GalvanodeError } from '../../../src/base/errors.ts';
import { readYaml } from '../../../src/cli/context.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-yaml-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function read(text: string): unknown {
  const path = join(folder, 'cell.yaml');
  writeFileSync(path, text);
  return readYaml(path);
}

/** Each line ten times the one before: a few lines, millions of values. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let n = 1; n <= 6; n += 1)
    lines.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

const refused: readonly (readonly [title: string, text: string, said: string])[] = [
  ['aliases that grow without bound', bomb(), 'aliases'],
  ['an alias inside its own anchor', 'film: &film { wear: *film }', 'aliases'],
  ['two documents', 'a: 1\n---\nb: 2\n', 'more than one document'],
  ['a key twice', 'a: 1\na: 2\n', 'unique'],
];

describe('a YAML file', () => {
  it.each(refused)('with %s is refused in one line', (_title, text, said) => {
    const thrown = catchFrom(() => read(text));
    expect(thrown.code).toBe('CONFIG_INVALID');
    expect(thrown.message).toContain(said);
    expect(thrown.message).not.toContain('\n');
  });

  it('may use an anchor twice, end its lines with CR LF and begin with a byte order mark', () => {
    expect(read('\uFEFFworking: &w { zinc: 1 }\r\ncounter: *w\r\n')).toEqual({
      working: { zinc: 1 },
      counter: { zinc: 1 },
    });
  });
});

function catchFrom(act: () => unknown): GalvanodeError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
