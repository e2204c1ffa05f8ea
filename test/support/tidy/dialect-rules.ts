// Adding an instrument touches its own files: nothing outside a dialect's files may name one of them, except
// the two registries, one of drivers and one of emulators, that say which dialects there are.

import { importsOf, targetOf } from './import-rules.ts';
import type { SourceFile, Violations } from './source-file.ts';

/** The places where a dialect has files, by its name. */
const DIALECT_PLACES = [
  /^src\/frames\/dialects\/([a-z0-9]+)\//,
  /^src\/device\/drivers\/([a-z0-9]+)(?:\/|\.ts$)/,
  /^firmware-sim\/dialects\/([a-z0-9]+)\//,
];
/** One line for each dialect in each of them. */
const LISTS = ['src/device/dialects.ts', 'firmware-sim/create-instrument.ts'];
/** The cycler of this project stands above its dialect's folder. */
const OWN_FILES: Readonly<Record<string, readonly string[]>> = { gvn1: ['firmware-sim/sim.ts'] };

export function checkDialects(file: SourceFile): Violations {
  if (file.path.startsWith('test/') || LISTS.includes(file.path)) return [];
  const home = dialectOf(file.path);
  return importsOf(file).flatMap(({ place, specifier }) => {
    if (!specifier.startsWith('.')) return [];
    const target = dialectOf(targetOf(file.path, specifier));
    if (target === null || target === home) return [];
    return [`${place} names files of dialect ${target}: ask ${LISTS.join(' or ')} for it by name`];
  });
}

function dialectOf(path: string): string | null {
  for (const pattern of DIALECT_PLACES) {
    const [, name] = pattern.exec(path) ?? [];
    if (name !== undefined) return name;
  }
  return Object.keys(OWN_FILES).find((name) => OWN_FILES[name]?.includes(path)) ?? null;
}
