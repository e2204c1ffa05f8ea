// A copy of the built tree with one bug planted. What an edit looks for must be there exactly once: a mutant
// that has rotted is an error, never a mutant that was survived.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

/** Folders of dist/ that a world is made of. */
const TREES = ['src', 'protocols', 'firmware-sim', 'test'];

/** `distPath`: the sound tree, in its project. Returns the folder of the copy; its maker removes it. */
export function plant({ edits, name }: Mutant, distPath: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-mutant-'));
  const root = join(distPath, '..');
  for (const tree of TREES) cpSync(join(distPath, tree), join(folder, 'dist', tree), { recursive: true });
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, find, replace } of edits) {
    const path = join(folder, 'dist', file.replace(/\.ts$/, '.js'));
    writeFileSync(path, replacedOnce(readFileSync(path, 'utf8'), { name, file, find, replace }));
  }
  return folder;
}

/** Throws where `find` does not stand in `text` exactly once. */
export function replacedOnce(
  text: string,
  edit: { readonly name: string; readonly file: string; readonly find: string; readonly replace: string },
): string {
  const { file, find, name, replace } = edit;
  const [before = '', after, ...more] = text.split(find);
  if (after === undefined || more.length > 0)
    throw new Error(
      `mutant ${name}: ${file} has "${find}" ${more.length + (after === undefined ? 0 : 1)} times, not once`,
    );
  return before + replace + after;
}
