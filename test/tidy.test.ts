// Goal: the tree stays as the design draws it. Method: read every code file of the repository and ask each
// rule of test/support/tidy; that each rule can fail is shown in test/unit/tidy-rules.test.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as calls from './support/tidy/call-rules.ts';
import { checkDialects } from './support/tidy/dialect-rules.ts';
import { checkImports } from './support/tidy/import-rules.ts';
import * as packages from './support/tidy/package-rules.ts';
import * as shape from './support/tidy/shape-rules.ts';
import { readCodeFiles, type Rule } from './support/tidy/source-file.ts';
import * as tree from './support/tidy/tree-rules.ts';

const root = resolve(import.meta.dirname, '..');
const files = readCodeFiles(root);

const rulesByClaim: Readonly<Record<string, Rule>> = {
  'imports point from the bytes towards the command line': checkImports,
  'keeps each dialect to its own files': checkDialects,
  'reads the clock, sets timers and rolls dice in src/base only': calls.checkTimeAndChance,
  'never sleeps in a test that runs in virtual time': calls.checkSleeping,
  'talks to the terminal from src/cli only': calls.checkConsole,
  'neither mocks modules nor parks tests': calls.checkTestConduct,
  'keeps open ends in issues, not in comments': calls.checkLeftovers,
  'names files in kebab-case': shape.checkFileName,
  'opens every file with what it is': shape.checkOpening,
  'has no empty files': shape.checkEmptiness,
  'keeps files short': shape.checkFileLength,
  'keeps functions short': shape.checkFunctionLength,
  'keeps lines short': shape.checkLineLength,
  'exports names only': shape.checkDefaultExport,
};

describe('the tree', () => {
  it.each(Object.entries(rulesByClaim))('%s', (_claim, rule) => {
    expect(files.flatMap((file) => rule(file))).toEqual([]);
  });

  it('has no file that nothing imports', () => {
    expect(tree.checkReachability(files)).toEqual([]);
  });

  it('has nothing new at the top level', () => {
    expect(tree.checkTopLevel(readdirSync(root))).toEqual([]);
  });

  it('documents every error code', () => {
    const path = 'src/base/errors.ts';
    const errors = { path, text: readText(path) };
    expect(tree.checkErrorCodes({ errors, readmeText: readText('src/README.md') })).toEqual([]);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readText('package.json')) as packages.Manifest;
  const lockfile = JSON.parse(readText('package-lock.json')) as packages.Lockfile;

  it('names exact versions', () => {
    expect(packages.checkExactVersions(manifest)).toEqual([]);
  });

  it('stays within its budget of runtime packages', () => {
    expect(packages.checkRuntimeBudget(lockfile)).toEqual([]);
  });

  it('names no host it was installed from', () => {
    expect(packages.checkNoHosts(lockfile)).toEqual([]);
  });

  it('lets only approved packages run install scripts', () => {
    expect(packages.checkInstallScripts(manifest, lockfile)).toEqual([]);
  });
});

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
