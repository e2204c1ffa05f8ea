// Goal: the linter really has the types. A linter that quietly lost them passes everything, floating promises
// included. Method: run it with the project's own configuration on a file in which every such rule must fire.

import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

describe('the linter', () => {
  let folder: string;
  let report: Report;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'galvanode-canary-'));
    await copyFile(join(root, 'test/support/canary/promises.ts.txt'), join(folder, 'promises.ts'));
    const compilerOptions = { rootDir: folder, types: [] };
    const tsconfig = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: ['*.ts'],
      exclude: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    report = await lint(folder);
  }, 60_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    'typescript(no-floating-promises)',
    'typescript(no-misused-promises)',
    'typescript(switch-exhaustiveness-check)',
    'typescript(await-thenable)',
    'typescript(require-await)',
    'typescript(no-unnecessary-condition)',
    'typescript(no-explicit-any)',
    'typescript(no-non-null-assertion)',
    'eslint(no-empty)',
    'eslint(eqeqeq)',
    'import(no-default-export)',
  ])('fires %s on the canary', (rule) => {
    expect(report.rules).toContain(rule);
  });

  it('fails on the canary', () => {
    expect(report.exitCode).not.toBe(0);
  });
});

interface Report {
  readonly exitCode: number;
  readonly rules: readonly string[];
}

async function lint(path: string): Promise<Report> {
  const entry = join(root, 'node_modules/oxlint/bin/oxlint');
  const config = join(root, '.oxlintrc.json');
  const args = [entry, '--config', config, '--type-aware', '--deny-warnings', '--format=json', path];
  const { exitCode, stdout } = await new Promise<{ exitCode: number; stdout: string }>((done) => {
    execFile(process.execPath, args, { cwd: root }, (error, out) => {
      done({ exitCode: error === null ? 0 : 1, stdout: out });
    });
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string }[] };
  return { exitCode, rules: diagnostics.map((diagnostic) => diagnostic.code) };
}
