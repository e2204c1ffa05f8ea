// What software made a run: stored in its `meta`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Versions of galvanode, Node and the two libraries that decide what is stored. */
export function versions(): Readonly<Record<string, unknown>> {
  return {
    software: {
      galvanode: packageVersion(),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
  };
}

/** From the nearest package.json upwards: two folders up in `src`, three in `dist`. */
export function packageVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < 5; depth += 1) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
    } catch {
      // Not in this folder: the next one up.
    }
    folder = dirname(folder);
  }
  return 'unknown';
}
