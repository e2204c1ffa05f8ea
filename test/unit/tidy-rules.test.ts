// Goal: every tidy rule can fail. A rule that passes everything looks exactly like a tidy tree.
// Method: for each rule a few invented lines that break it, and their nearest neighbours that do not.

import { describe, expect, it } from 'vitest';
import * as calls from '../support/tidy/call-rules.ts';
import { checkDialects } from '../support/tidy/dialect-rules.ts';
import { checkImports } from '../support/tidy/import-rules.ts';
import * as packages from '../support/tidy/package-rules.ts';
import * as shape from '../support/tidy/shape-rules.ts';
import type { Rule } from '../support/tidy/source-file.ts';
import * as tree from '../support/tidy/tree-rules.ts';

type Case = readonly [rule: Rule, path: string, text: string];

const open = ['TO', 'DO'].join('');
const longFunction = `function f() {\n${'  g();\n'.repeat(50)}}`;
const factory = `function f() {\n${`  function g() {\n${'    h();\n'.repeat(20)}  }\n`.repeat(4)}}`;

const broken: readonly Case[] = [
  [checkImports, 'src/base/a.ts', `import { x } from '../bytes/x.ts';`],
  [checkImports, 'src/bytes/a.ts', `import { x } from '../frames/x.ts';`],
  [checkImports, 'src/steps/a.ts', `import { x } from '../frames/x.ts';`],
  [checkImports, 'src/steps/a.ts', `import type { X } from '../device/x.ts';`],
  [checkImports, 'src/device/a.ts', `import { x } from '../steps/x.ts';`],
  [checkImports, 'src/device/a.ts', `import { x, type Y } from '../steps/x.ts';`],
  [checkImports, 'src/analysis/a.ts', `import { x } from '../store/writer.ts';`],
  [checkImports, 'src/stream/a.ts', `import { x } from '../store/readers/x.ts';`],
  [checkImports, 'src/daemon/a.ts', `export { x } from '../cli/x.ts';`],
  [checkImports, 'src/daemon/a.ts', `import { x } from '../../protocols/x.ts';`],
  [checkImports, 'src/daemon/a.ts', `const x = await import('../../firmware-sim/sim.ts');`],
  [checkImports, 'src/store/a.ts', `import { x } from '../../test/support/x.ts';`],
  [checkImports, 'src/novel/a.ts', `import { x } from './b.ts';\nimport { y } from '../base/y.ts';`],
  [checkImports, 'src/dashboard/a.ts', `import { x } from '../stream/x.ts';`],
  [checkImports, 'protocols/a.ts', `import { x } from '../src/store/x.ts';`],
  [checkImports, 'firmware-sim/a.ts', `import { x } from '../src/frames/x.ts';`],
  [checkImports, 'firmware-sim/a.ts', `type X = import('../src/frames/x.ts').X;`],
  [checkImports, 'src/base/a.ts', `import { x } from './b.js';`],
  [checkImports, 'src/daemon/a.ts', `import { createActor } from 'xstate';`],
  [checkImports, 'src/device/a.ts', `import { SerialPort } from 'serialport';`],
  [checkDialects, 'src/daemon/a.ts', `import { X } from '../device/drivers/zahner.ts';`],
  [checkDialects, 'src/device/hosted/a.ts', `import type { X } from '../drivers/zahner/actuator.ts';`],
  [checkDialects, 'src/device/drivers/gvn1.ts', `import { x } from './zahner/x.ts';`],
  [checkDialects, 'src/device/drivers/gvn1.ts', `import { x } from '../../frames/dialects/zahner/x.ts';`],
  [checkDialects, 'firmware-sim/board/a.ts', `import { x } from '../dialects/gvn1/x.ts';`],
  [checkDialects, 'src/cli/a.ts', `import { x } from '../../firmware-sim/sim.ts';`],
  [calls.checkTimeAndChance, 'src/store/a.ts', 'const at = Date.now();'],
  [calls.checkTimeAndChance, 'src/store/a.ts', 'const at = new Date();'],
  [calls.checkTimeAndChance, 'protocols/a.ts', 'setTimeout(f, 5);'],
  [calls.checkTimeAndChance, 'firmware-sim/a.ts', 'const x = Math.random();'],
  [calls.checkTimeAndChance, 'src/daemon/a.ts', 'const clock = { later: setInterval };'],
  [calls.checkTimeAndChance, 'src/daemon/a.ts', 'const at = process.hrtime.bigint();'],
  [calls.checkTimeAndChance, 'src/daemon/a.ts', 'const at = performance.now();'],
  [calls.checkTimeAndChance, 'src/daemon/a.ts', `import { setTimeout } from 'node:timers/promises';`],
  [calls.checkSleeping, 'test/unit/a.test.ts', 'await new Promise((r) => setTimeout(r, 5));'],
  [calls.checkSleeping, 'test/support/a.ts', `import { setTimeout as sleep } from 'timers/promises';`],
  [calls.checkConsole, 'src/daemon/a.ts', `console.log('x');`],
  [calls.checkTestConduct, 'test/unit/a.test.ts', `vi.mock('./x.ts');`],
  [calls.checkTestConduct, 'test/unit/a.test.ts', `it.skip('x', () => {});`],
  [calls.checkTestConduct, 'test/unit/a.test.ts', `describe.only('x', () => {});`],
  [calls.checkTestConduct, 'test/unit/a.test.ts', `it.todo('x');`],
  [calls.checkLeftovers, 'src/base/a.ts', `// ${open}: later.`],
  [shape.checkFileName, 'src/base/ringBuffer.ts', ''],
  [shape.checkOpening, 'src/base/a.ts', 'export const a = 1;'],
  [shape.checkEmptiness, 'src/base/a.ts', '// Nothing yet.\n'],
  [shape.checkFileLength, 'src/base/a.ts', 'f();\n'.repeat(301)],
  [shape.checkFileLength, 'test/unit/a.test.ts', 'f();\n'.repeat(501)],
  [shape.checkLineLength, 'src/base/a.ts', `// ${'x'.repeat(110)}`],
  [shape.checkFunctionLength, 'src/base/a.ts', longFunction],
  [shape.checkDefaultExport, 'src/base/a.ts', 'export default 1;'],
  [shape.checkDefaultExport, 'src/base/a.ts', 'export default function f() {}'],
];

const kept: readonly Case[] = [
  [checkImports, 'src/device/a.ts', `import type { X } from '../steps/x.ts';`],
  [checkImports, 'src/device/a.ts', `import { x } from '../frames/x.ts';\nimport { y } from './y.ts';`],
  [checkImports, 'src/analysis/a.ts', `import { x } from '../store/readers/x.ts';`],
  [checkImports, 'src/analysis/a.ts', `import { x } from '../store/readers.ts';`],
  [checkImports, 'src/cli/a.ts', `import { x } from '../../firmware-sim/sim.ts';`],
  [checkImports, 'src/steps/a.ts', `import { createActor } from 'xstate';`],
  [checkImports, 'test/unit/a.test.ts', `import { x } from '../../src/cli/x.ts';`],
  [checkDialects, 'src/device/dialects.ts', `import { X } from './drivers/zahner.ts';`],
  [checkDialects, 'src/device/drivers/zahner.ts', `import { x } from './zahner/x.ts';`],
  [checkDialects, 'src/device/drivers/zahner/a.ts', `import { x } from '../../hosted/x.ts';`],
  [checkDialects, 'src/device/drivers/zahner/a.ts', `import x from '../../../frames/dialects/zahner/x.ts';`],
  [checkDialects, 'firmware-sim/sim.ts', `import { x } from './dialects/gvn1/x.ts';`],
  [checkDialects, 'test/unit/a.test.ts', `import { x } from '../../src/device/drivers/gvn1.ts';`],
  [calls.checkTimeAndChance, 'src/base/clock.ts', 'const at = Date.now();'],
  [
    calls.checkTimeAndChance,
    'src/store/a.ts',
    '// setTimeout(f)\nconst at = new Date(wallMs); clock.setTimeout(f);',
  ],
  [calls.checkTimeAndChance, 'src/store/a.ts', 'interface Clock { setTimeout(f: () => void): void }'],
  [calls.checkSleeping, 'test/smoke/a.test.ts', 'setTimeout(f, 5);'],
  [calls.checkConsole, 'src/cli/a.ts', `console.log('x');`],
  [calls.checkTestConduct, 'test/unit/a.test.ts', `it.each([1])('x', () => {});`],
  [shape.checkFileName, 'src/base/ring-buffer.test.ts', ''],
  [shape.checkOpening, 'src/cli/main.ts', '#!/usr/bin/env node\n// The command line.\n'],
  [shape.checkFileLength, 'src/analysis/literature/rows.ts', 'f();\n'.repeat(1000)],
  [shape.checkFunctionLength, 'src/base/a.ts', factory],
  [shape.checkDefaultExport, 'src/base/a.ts', 'switch (x) {\n  default:\n    f();\n}'],
];

const titled = (cases: readonly Case[]) =>
  cases.map(([rule, path, text]) => ({
    title: `${rule.name} · ${path} · ${text.slice(0, 60)}`,
    rule,
    path,
    text,
  }));

describe('a rule about one file', () => {
  it.each(titled(broken))('refuses: $title', ({ rule, path, text }) => {
    expect(rule({ path, text })).not.toEqual([]);
  });

  it.each(titled(kept))('accepts: $title', ({ rule, path, text }) => {
    expect(rule({ path, text })).toEqual([]);
  });
});

describe('a rule about the tree', () => {
  it('finds files that nothing, or only a test, imports', () => {
    const files = [
      { path: 'src/cli/main.ts', text: `import '../base/used.ts';` },
      { path: 'src/base/used.ts', text: 'f();' },
      { path: 'src/base/tested.ts', text: 'f();' },
      { path: 'src/base/forgotten.ts', text: 'f();' },
      {
        path: 'test/unit/a.test.ts',
        text: `import '../../src/base/tested.ts';\nimport '../support/rig.ts';`,
      },
      { path: 'test/support/rig.ts', text: 'f();' },
    ];
    expect(tree.checkReachability(files)).toEqual([
      'src/base/tested.ts is reached from tests only',
      'src/base/forgotten.ts is reached from no entry point',
    ]);
  });

  it('finds error codes without a line in the documentation', () => {
    const text = `export const ERROR_CODES = { LINK_TIMEOUT: 4, STORE_FULL: 5 } as const satisfies Codes;`;
    const errors = { path: 'src/base/errors.ts', text };
    const found = tree.checkErrorCodes({ errors, readmeText: '| `LINK_TIMEOUT` | Check the cable. |' });
    expect(found).toEqual([expect.stringContaining('`STORE_FULL`')]);
    expect(tree.checkErrorCodes({ errors: { ...errors, text: '' }, readmeText: '' })).not.toEqual([]);
  });

  it('finds strangers at the top level', () => {
    expect(tree.checkTopLevel(['src', '.ci', 'node_modules', 'a.db', 'scripts'])).toEqual([
      'scripts has no place at the top level',
    ]);
  });
});

describe('a rule about the package', () => {
  const manifest: packages.Manifest = {
    dependencies: { a: '^1.0.0' },
    devDependencies: { b: '1.0.0' },
    allowScripts: { gone: true },
  };
  const many = Array.from({ length: 86 }, (_, index) => [`node_modules/p${index}`, { version: '1.0.0' }]);
  const lockfile: packages.Lockfile = {
    packages: {
      '': {},
      ...(Object.fromEntries(many) as Record<string, packages.LockedPackage>),
      'node_modules/x': {
        version: '2.0.0',
        dev: true,
        resolved: 'https://example.org/x.tgz',
        hasInstallScript: true,
      },
    },
  };

  it('finds ranges, hosts, surplus packages and unapproved scripts', () => {
    expect(packages.checkExactVersions(manifest)).toHaveLength(1);
    expect(packages.checkNoHosts(lockfile)).toHaveLength(1);
    expect(packages.checkRuntimeBudget(lockfile)).toHaveLength(1);
    expect(packages.checkInstallScripts(manifest, lockfile)).toEqual([
      'x wants to run an install script',
      'allowScripts names gone in vain',
    ]);
  });
});
