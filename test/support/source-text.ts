// Short protocols as text, for tests of the language: what every one has, and what a test is about.
import { parseProtocolText } from '../../src/language/parse-tree.ts';
import { protocolFromText } from '../../src/language/protocol-from-source.ts';
import { type ResolveResult, resolveTree } from '../../src/language/resolve-tree.ts';
import type { SourceProtocol } from '../../src/language/source-tree.ts';
import type { ResolvedTree, TreeItem, TreeStep } from '../../src/language/tree.ts';
import { parseParameters } from '../../src/steps/parameters.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { COIN_CELL, type Parameters } from './prepared.ts';

/** A protocol for a symmetric cell; `rest` begins at column 1, so that its lines can be told. */
export function protocolText(rest: string, cell = 'zn-zn'): string {
  const head = ['galvanode: protocol/1', 'name: sample', 'version: 1', 'title: Sample', 'about: For a test.'];
  return [...head, `cell: ${cell}`, rest.trim(), ''].join('\n');
}

export function sourceOf(text: string): SourceProtocol {
  const parsed = parseProtocolText(text, { fileName: 'sample.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.source;
}

/** For a 12 mm disc: 1.13 cm2. */
export function resolved(text: string, parameters: Parameters = {}): ResolveResult {
  const source = sourceOf(text);
  const parsed = parseParameters(source.parameters, parameters);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return resolveTree(source, { ...COIN_CELL, values: parsed.values });
}

/** Throws with the problems where there is no tree. */
export function treeOf(text: string, parameters: Parameters = {}): ResolvedTree {
  const result = resolved(text, parameters);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.tree;
}

export function treeSteps({ items }: { readonly items: readonly TreeItem[] }): TreeStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : treeSteps(item)));
}

/** What is wrong, without places. */
export function problemsOf(text: string, parameters: Parameters = {}): string[] {
  const parsed = parseProtocolText(text, { fileName: 'sample.yaml' });
  if (!parsed.ok) return parsed.problems.map(({ message }) => message);
  const result = resolved(text, parameters);
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

export function protocolOf(text: string): Protocol {
  const result = protocolFromText(text, { fileName: 'sample.yaml' });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.protocol;
}
