// Rules that need more than one file: what nothing imports, which error codes nobody documented, what the
// package pulls in, and what stands at the top level.

import ts from 'typescript';
import { importsOf, targetOf } from './import-rules.ts';
import { nodesOf, type SourceFile, type Violations } from './source-file.ts';

const productEntries = [
  /^src\/cli\/main\.ts$/,
  /^src\/daemon\/[^/]+-process\.ts$/,
  /^src\/cli\/[^/]+-worker\.ts$/,
  /^src\/dashboard\/(main\.tsx?|vite\.config\.ts)$/,
  /^test\/bench\/main\.ts$/,
  /^test\/swarm\/(main|worker)\.ts$/,
];
const testEntries = [
  /\.test\.ts$/,
  /^test\/vitest\.config\.ts$/,
  /^test\/support\/require-tools\.ts$/,
  /^test\/reliability\/main\.ts$/,
  /\.mjs$/,
];

/** Product code that only a test imports is dead code with a guard. */
export function checkReachability(files: readonly SourceFile[]): Violations {
  const inProduct = reachableFrom(files, productEntries);
  const inTests = reachableFrom(files, [...productEntries, ...testEntries]);
  return files.flatMap(({ path }) => {
    if (inProduct.has(path) || (path.startsWith('test/') && inTests.has(path))) return [];
    const detail = inTests.has(path) ? 'is reached from tests only' : 'is reached from no entry point';
    return path.endsWith('.d.ts') ? [] : [`${path} ${detail}`];
  });
}

function reachableFrom(files: readonly SourceFile[], entries: readonly RegExp[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const pending = files.filter(({ path }) => entries.some((entry) => entry.test(path)));
  const reached = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (reached.has(file.path)) continue;
    reached.add(file.path);
    for (const { specifier } of importsOf(file)) {
      const target = specifier.startsWith('.') ? byPath.get(targetOf(file.path, specifier)) : undefined;
      if (target !== undefined) pending.push(target);
    }
  }
  return reached;
}

export interface ErrorDocumentation {
  /** The file that declares `ERROR_CODES`. */
  readonly errors: SourceFile;
  /** Markdown in which each code has a line, as `` `CODE` ``. */
  readonly readmeText: string;
}

export function checkErrorCodes({ errors, readmeText }: ErrorDocumentation): Violations {
  const codes = errorCodesOf(errors);
  if (codes.length === 0) return [`${errors.path} declares no ERROR_CODES`];
  return codes
    .filter((code) => !readmeText.includes(`\`${code}\``))
    .map((code) => `src/README.md has no line for \`${code}\` and what the operator should do`);
}

function errorCodesOf(file: SourceFile): readonly string[] {
  for (const node of nodesOf(file)) {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== 'ERROR_CODES') continue;
    const value = node.initializer === undefined ? undefined : withoutCasts(node.initializer);
    if (value === undefined || !ts.isObjectLiteralExpression(value)) continue;
    return value.properties.flatMap((property) => {
      const { name } = property;
      return name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : [];
    });
  }
  return [];
}

/** Sees through `as const`, `satisfies …`, `Object.freeze(…)` and parentheses. */
function withoutCasts(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return withoutCasts(node.expression);
  }
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  return argument === undefined ? node : withoutCasts(argument);
}

const topLevelNames = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  'src',
  'protocols',
  'firmware-sim',
  'test',
];
/** What installing, building and running leave behind; all of it is ignored by git. */
const leftBehind = /^(node_modules|dist|data|coverage)$|\.(db|db-wal|db-shm|db-journal|log)$/;

export function checkTopLevel(names: readonly string[]): Violations {
  const strangers = names.filter((name) => !name.startsWith('.') && !topLevelNames.includes(name));
  return strangers
    .filter((name) => !leftBehind.test(name))
    .map((name) => `${name} has no place at the top level`);
}
