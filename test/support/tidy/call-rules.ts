// Calls that have one home. Time and chance are injected, so that the daemon runs in virtual time and one
// seed reproduces a run; output belongs to the command line; tests neither mock modules, nor sleep, nor stay
// parked.

import ts from 'typescript';
import { isIn, nodesOf, placeOf, type SourceFile, type Violations } from './source-file.ts';

const timeAndChance = [
  /^(globalThis\.)?(setTimeout|setInterval|setImmediate)$/,
  /^(globalThis\.)?Date(\.now)?$/,
  /^(globalThis\.)?performance\.(now|timeOrigin)$/,
  /^process\.(hrtime|uptime)(\.bigint)?$/,
  /^Math\.random$/,
];
const sleeping = [
  /^(globalThis\.)?(setTimeout|setInterval)$/,
  /^(vi|vitest)\.waitFor$/,
  /^(vi|vitest)\.waitUntil$/,
];
const timerModules = /^(node:)?timers(\/promises)?$/;
const parked = /^(it|test|describe)(\.\w+)*\.(skip|only|todo|fails|skipIf|runIf)$/;

/** Real time is what these measure or wait for. */
const realTimeTests = ['test/smoke', 'test/e2e', 'test/bench', 'test/reliability'];

export function checkTimeAndChance(file: SourceFile): Violations {
  if (file.path.endsWith('.mjs') || isIn(file, 'src/base', 'src/dashboard', 'test')) return [];
  const complaint = 'time and chance come from src/base';
  return namesUsed(file, timeAndChance).map(({ place, name }) => `${place} uses ${name}: ${complaint}`);
}

export function checkSleeping(file: SourceFile): Violations {
  if (file.path.endsWith('.mjs') || !isIn(file, 'test') || isIn(file, ...realTimeTests)) return [];
  const complaint = `only ${realTimeTests.join(', ')} may wait for real time`;
  return namesUsed(file, sleeping).map(({ place, name }) => `${place} uses ${name}: ${complaint}`);
}

export function checkConsole(file: SourceFile): Violations {
  if (isIn(file, 'src/cli', 'src/dashboard', 'test/bench')) return [];
  const used = namesUsed(file, [/^(globalThis\.)?console\.\w+$/]);
  return used.map(({ place, name }) => `${place} uses ${name}: only src/cli talks to the terminal`);
}

export function checkTestConduct(file: SourceFile): Violations {
  const mocks = namesUsed(file, [/^(vi|vitest)\.(mock|doMock|hoisted)$/]);
  const complaints = mocks.map(({ place, name }) => `${place} uses ${name}: inject the dependency instead`);
  if (!isIn(file, 'test')) return complaints;
  const parkedTests = namesUsed(file, [parked]);
  return [...complaints, ...parkedTests.map(({ place, name }) => `${place} parks a test by ${name}`)];
}

/** The brackets keep this line from breaking its own rule. */
const leftovers = /\b(TO[D]O|FIX[M]E|XX[X])\b/;

export function checkLeftovers(file: SourceFile): Violations {
  return file.text.split('\n').flatMap((line, index) => {
    const found = leftovers.exec(line);
    return found === null ? [] : [`${file.path}:${index + 1} says ${found[0]}: open an issue instead`];
  });
}

interface Use {
  readonly place: string;
  readonly name: string;
}

/** Dotted names that are read or called, and timer modules; comments and strings do not count. */
function namesUsed(file: SourceFile, patterns: readonly RegExp[]): readonly Use[] {
  const used: Use[] = [];
  for (const node of nodesOf(file)) {
    const name = nameUsedBy(node);
    if (name === undefined) continue;
    const isTimerModule =
      ts.isImportDeclaration(node) && patterns.some((pattern) => pattern.test('setTimeout'));
    if (isTimerModule || patterns.some((pattern) => pattern.test(name)))
      used.push({ place: placeOf(file, node), name });
  }
  return used;
}

function nameUsedBy(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return timerModules.test(node.moduleSpecifier.text) ? node.moduleSpecifier.text : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) return node.getText();
  // `new Date(wallMs)` converts; `new Date()` and `Date()` read the clock.
  if (ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0) return node.expression.getText();
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return node.expression.text;
  return ts.isIdentifier(node) && isValueOf(node) ? node.text : undefined;
}

/** A bare global handed on (`{ later: setTimeout }`), not a declared or member name. */
function isValueOf(node: ts.Identifier): boolean {
  if (node.text === 'Date') return false;
  const { parent } = node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node;
  if (ts.isCallExpression(parent)) return parent.arguments.includes(node);
  return ts.isShorthandPropertyAssignment(parent);
}
