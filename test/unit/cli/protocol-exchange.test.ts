// Goal: protocols leave and enter by the command line as files, and what is wrong is a code. Method: the two
// commands, called as the program calls them, on files of a folder of their own.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GalvanodeError } from '../../../src/base/errors.ts';
import { addProtocolExportCommand } from '../../../src/cli/protocol-export.ts';
import { addProtocolImportCommand } from '../../../src/cli/protocol-import.ts';

const folder = mkdtempSync(join(tmpdir(), 'galvanode-exchange-'));
const at = (name: string): string => join(folder, name);

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

/** The code of what it threw; null: it went well. */
function run(...words: readonly string[]): string | null {
  const program = new Command().exitOverride();
  addProtocolExportCommand(program);
  addProtocolImportCommand(program);
  try {
    program.parse([...words], { from: 'user' });
    return null;
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) return thrown.code;
    throw thrown;
  }
}

describe('protocols on the command line', () => {
  it.each(['unicycler', 'pybamm', 'battinfo'])('go out to %s and come in again', (format) => {
    const [out, back] = [at(`${format}.out`), at(`${format}.yaml`)];
    const set = ['--set', 'cycles=7', '--area', '1.131 cm2'];
    expect(run('export', 'symmetric-cycling', '--format', format, ...set, '--out', out)).toBeNull();
    // The three conditioning cycles lose what the first one does: they share its lines.
    const strips = ['conditioning-stripping', 'conditioning-stripping-2', 'conditioning-stripping-3'].join(
      ', ',
    );
    expect(said).toContain(`  ${strips}: a net charge of 0 mAh becomes a charge of 0.5655 mAh`);
    expect(run('import', out, '--format', format, '--name', 'again', '--out', back)).toBeNull();
    const text = readFileSync(back, 'utf8');
    expect(text).toContain('name: again');
    expect(text).toMatch(/- cycles: 7\n +steps:\n +- plate: 1\.131 mA/);
  });

  it('are named after their file', () => {
    const file = at('Zn 001_b.JSON');
    const step = '{"step":"open_circuit_voltage","until_time_s":60}';
    writeFileSync(file, `{"record":{"time_s":1},"method":[${step}]}`);
    expect(run('import', file, '--format', 'unicycler', '--out', at('named.yaml'))).toBeNull();
    expect(readFileSync(at('named.yaml'), 'utf8')).toContain('name: zn-001-b\n');
  });

  it('are refused with a code, and then nothing is written', () => {
    writeFileSync(at('bad.json'), '{"method": [{"step": "hold"}]}');
    const out = ['--out', at('never.yaml')];
    expect(run('import', at('bad.json'), '--format', 'unicycler', ...out)).toBe('PROTOCOL_INVALID');
    expect(run('import', at('absent.json'), '--format', 'unicycler', ...out)).toBe('PROTOCOL_UNKNOWN');
    expect(run('import', at('bad.json'), '--format', 'methodscript', ...out)).toBe('USAGE');
    expect(run('import', at('bad.json'), '--format', 'unicycler', '--name', 'A b', ...out)).toBe('USAGE');
    expect(run('export', 'symmetric-cycling', '--format', 'unicycle', ...out)).toBe('USAGE');
    expect(run('export', 'nothing', '--format', 'unicycler', ...out)).toBe('PROTOCOL_UNKNOWN');
    expect(run('export', 'symmetric-cycling', '--format', 'pybamm', '--set', 'cycles=0', ...out)).toBe(
      'PARAMS_INVALID',
    );
    expect(() => readFileSync(at('never.yaml'))).toThrow('ENOENT');
  });

  it('that only sweep or measure spectra are refused, since no other language has those', () => {
    const file = at('sweep.yaml');
    writeFileSync(
      file,
      `galvanode: protocol/1
name: sweep
version: 1
title: A sweep
about: A sweep.
cell: zn-zn
safety: { current: 1 mA }
steps:
  - sweep: { from: 0 V, to: 0.1 V, rate: 1 mV/s, step: 1 mV }
`,
    );
    expect(run('export', file, '--format', 'unicycler')).toBe('CAPABILITY_MISSING');
  });
});
