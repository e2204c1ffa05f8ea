// Folders, made one by one. Node's own `mkdirSync(…, {recursive: true})` never returns where the parent says
// ENOENT to a mkdir although it exists (as /proc does), and a daemon must answer with an error instead.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes `path` and what is missing above it; returns the first folder it made, null where all were there.
 * Throws the system's error.
 */
export function makeFolders(path: string, mode = 0o777): string | null {
  if (existsSync(path)) return null;
  const parent = dirname(path);
  const first = parent === path ? null : makeFolders(parent, mode);
  mkdirSync(path, { mode });
  return first ?? path;
}
