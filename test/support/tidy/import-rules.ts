// The import directions of the tree: bytes → frames → device → samples → steps → store → stream, never back.
// A folder that is missing from the table may import nothing, so a new folder has to be placed on purpose.

import { posix } from 'node:path';
import ts from 'typescript';
import { nodesOf, placeOf, type SourceFile, type Violations } from './source-file.ts';

export interface Import {
  readonly place: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

interface Directions {
  /** Places whose values and types may be imported. */
  readonly values: readonly string[];
  /** Places of which only the types may be, since these vanish at run time. */
  readonly types?: readonly string[];
}

const foundation = ['src/base', 'src/config', 'src/bytes', 'src/frames', 'src/samples'];
const middle = [...foundation, 'src/device', 'src/steps'];
const services = ['src/language', 'src/store', 'src/analysis', 'src/stream', 'src/export'];

const directions: Readonly<Record<string, Directions>> = {
  'src/base': { values: [] },
  'src/config': { values: ['src/base'] },
  'src/bytes': { values: ['src/base'] },
  'src/frames': { values: ['src/base'] },
  'src/samples': { values: ['src/base'] },
  // A cycler is handed bounded steps, so it must know what a step is; it never runs the machines.
  'src/device': { values: foundation, types: ['src/steps'] },
  'src/steps': { values: ['src/base', 'src/config', 'src/samples'] },
  'src/language': { values: middle },
  'src/store': { values: middle },
  'src/stream': { values: middle },
  'src/analysis': { values: [...middle, 'src/store/readers'] },
  'src/export': { values: [...middle, 'src/store/readers'] },
  'src/daemon': { values: [...middle, ...services] },
  'src/cli': { values: [...middle, ...services, 'src/daemon', 'protocols', 'firmware-sim'] },
  // Browser code: it shares the wire messages with the server as types, and nothing that runs.
  'src/dashboard': { values: [], types: ['src/stream'] },
  protocols: { values: ['src/steps', 'src/base', 'src/language'] },
  'firmware-sim': { values: ['src/base'] },
};

/** Packages that have one home, so that replacing one is one folder's change. */
const homesOfPackage: Readonly<Record<string, readonly string[]>> = {
  xstate: ['src/steps', 'src/language/tree-program', 'protocols', 'test'],
  serialport: ['src/bytes', 'test'],
};

export function checkImports(file: SourceFile): Violations {
  return importsOf(file).flatMap((found) => {
    const complaint = found.specifier.startsWith('.')
      ? relativeComplaint(file, found)
      : packageComplaint(file, found);
    return complaint === undefined ? [] : [`${found.place} ${complaint}`];
  });
}

function relativeComplaint(file: SourceFile, found: Import): string | undefined {
  if (!/\.(ts|tsx|mjs|css|json)$/.test(found.specifier))
    return `imports ${found.specifier}: name the file, .ts included`;
  const target = targetOf(file.path, found.specifier);
  const home = folderOf(file.path);
  if (home === 'test') return undefined;
  const allowed = directions[home];
  if (allowed === undefined) return `lies in ${home}, which has no place in the import directions`;
  const reachable = found.isTypeOnly ? [...allowed.values, ...(allowed.types ?? [])] : allowed.values;
  const isAllowed = [home, ...reachable].some((place) => isAtOrBelow(target, place));
  const kind = found.isTypeOnly ? 'the types of ' : '';
  return isAllowed ? undefined : `imports ${kind}${target}, which ${home} may not`;
}

function packageComplaint(file: SourceFile, found: Import): string | undefined {
  const homes = homesOfPackage[found.specifier];
  if (homes === undefined || homes.some((home) => isAtOrBelow(file.path, home))) return undefined;
  return `imports ${found.specifier}, which lives in ${homes.join(' and ')} only`;
}

/** `src/<folder>` in src, the top folder elsewhere. */
function folderOf(path: string): string {
  const [top = '', next = ''] = path.split('/');
  return top === 'src' ? `src/${next}` : top;
}

function isAtOrBelow(path: string, place: string): boolean {
  return path.startsWith(`${place}/`) || path.replace(/\.ts$/, '') === place;
}

export function targetOf(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

export function importsOf(file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(file)) {
    const specifier = specifierOf(node);
    if (specifier !== undefined)
      found.push({ place: placeOf(file, node), specifier, isTypeOnly: isTypeOnly(node) });
  }
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalText(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return literalText(node.argument.literal);
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic ? literalText(node.arguments[0]) : undefined;
}

function literalText(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { importClause } = node;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  if (importClause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}
