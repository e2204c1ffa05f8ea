// What the tidy rules look at: a path, its text and, on demand, its syntax tree. Rules are pure functions
// over this, so that each can be shown to fail on three invented lines.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Sentences, each opening with the place: empty where the rule is kept. */
export type Violations = readonly string[];
export type Rule = (file: SourceFile) => Violations;

const codeTrees = ['src', 'protocols', 'firmware-sim', 'test'];
const codeFile = /\.(ts|tsx|mjs)$/;

export function readCodeFiles(root: string): readonly SourceFile[] {
  return listFiles(root)
    .filter((path) => codeFile.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function listFiles(root: string): readonly string[] {
  return codeTrees.flatMap((tree) => filesBelow(root, tree)).toSorted();
}

function filesBelow(root: string, tree: string): readonly string[] {
  const folder = join(root, tree);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((path) => !path.startsWith('test/reports/') && !path.includes('/__pycache__/'));
}

const parsed = new WeakMap<SourceFile, ts.SourceFile>();

export function syntaxOf(file: SourceFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true);
  parsed.set(file, tree);
  return tree;
}

/** Every node of the file, parents before children. */
export function* nodesOf(file: SourceFile): Generator<ts.Node> {
  const pending: ts.Node[] = [syntaxOf(file)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    pending.push(...childrenOf(node).toReversed());
  }
}

export function childrenOf(node: ts.Node): readonly ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  return children;
}

export function lineOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

export function placeOf(file: SourceFile, node: ts.Node): string {
  return `${file.path}:${lineOf(node)}`;
}

export function isIn(file: SourceFile, ...folders: readonly string[]): boolean {
  return folders.some((folder) => file.path.startsWith(`${folder}/`));
}
