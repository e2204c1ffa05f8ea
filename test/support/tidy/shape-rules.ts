// The shape of one file: its name, its opening comment, its length, the length of its functions and lines.

import ts from 'typescript';
import {
  childrenOf,
  isIn,
  nodesOf,
  placeOf,
  syntaxOf,
  type SourceFile,
  type Violations,
} from './source-file.ts';

const fileLinesMax = 300;
const testFileLinesMax = 500;
const functionLinesMax = 50;
const lineLengthMax = 110;

/** Rows of data that happen to be code: their length is the world's, not ours. */
const dataTables = [
  /^src\/analysis\/literature\//,
  /^firmware-sim\/cell\/library\//,
  /\/dialects\/[^/]+\/(commands|command-table)\.ts$/,
];

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.[a-z]+$/;

export function checkFileName(file: SourceFile): Violations {
  const name = file.path.split('/').at(-1) ?? '';
  return kebabCase.test(name) ? [] : [`${file.path} is not named in kebab-case`];
}

export function checkOpening(file: SourceFile): Violations {
  const text = file.text.replace(/^#![^\n]*\n/, '').trimStart();
  const isCommented = text.startsWith('//') || text.startsWith('/*');
  return isCommented ? [] : [`${file.path} does not open with a comment that says what it is`];
}

export function checkEmptiness(file: SourceFile): Violations {
  return syntaxOf(file).statements.length > 0 ? [] : [`${file.path} holds no code`];
}

export function checkFileLength(file: SourceFile): Violations {
  if (isDataTable(file)) return [];
  const max = isIn(file, 'test') ? testFileLinesMax : fileLinesMax;
  const lines = file.text.trimEnd().split('\n').length;
  return lines <= max ? [] : [`${file.path} has ${lines} lines, more than ${max}: split it`];
}

export function checkLineLength(file: SourceFile): Violations {
  if (isDataTable(file)) return [];
  return file.text.split('\n').flatMap((line, index) => {
    if (line.length <= lineLengthMax) return [];
    return [`${file.path}:${index + 1} is ${line.length} columns wide, more than ${lineLengthMax}`];
  });
}

/**
 * A function's own lines: those of functions inside it are counted there, not here, since a factory around
 * its closures is as readable as the class it replaces.
 */
export function checkFunctionLength(file: SourceFile): Violations {
  // Tests hold tables and rigs: their length is the file's, which has a rule of its own.
  if (file.path.startsWith('test/') && !file.path.startsWith('test/bench/')) return [];
  return functionsOf(file).flatMap((found) => {
    const nested = outermostFunctionsIn(found).reduce(
      (sum, inner) => sum + Math.max(0, linesOf(inner) - 1),
      0,
    );
    const lines = linesOf(found) - nested;
    if (lines <= functionLinesMax) return [];
    return [
      `${placeOf(file, found)} a function has ${lines} lines of its own, more than ${functionLinesMax}`,
    ];
  });
}

export function checkDefaultExport(file: SourceFile): Violations {
  // Vite and Vitest read their configuration from the default export.
  if (/(vite|vitest)\.config\.ts$/.test(file.path)) return [];
  return [...nodesOf(file)].flatMap((node) => {
    const isDefault = ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword;
    const isSwitchDefault = isDefault && ts.isDefaultClause(node.parent);
    return isDefault && !isSwitchDefault ? [`${placeOf(file, node)} exports a default: name it`] : [];
  });
}

function isDataTable(file: SourceFile): boolean {
  return dataTables.some((pattern) => pattern.test(file.path));
}

function functionsOf(file: SourceFile): readonly ts.Node[] {
  return [...nodesOf(file)].filter(isFunctionWithBody);
}

function outermostFunctionsIn(node: ts.Node): readonly ts.Node[] {
  return childrenOf(node).flatMap((child) =>
    isFunctionWithBody(child) ? [child] : outermostFunctionsIn(child),
  );
}

function isFunctionWithBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function linesOf(node: ts.Node): number {
  return node.getText().split('\n').length;
}
