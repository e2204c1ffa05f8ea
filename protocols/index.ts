// The registry of protocols: the only barrel of the project. A new protocol is a .yaml file beside this
// one, or a .ts file and a line here.
import { assert } from '../src/base/assert.ts';
import type { Protocol } from '../src/steps/protocol.ts';
import { coulombicEfficiency } from './coulombic-efficiency.ts';
import { readLibrary } from './library.ts';
import { symmetricCycling } from './symmetric-cycling.ts';

export const PROTOCOLS: readonly Protocol[] = [
  symmetricCycling,
  coulombicEfficiency,
  ...readLibrary(import.meta.dirname),
];

const names = new Set(PROTOCOLS.map(({ name }) => name));
assert(names.size === PROTOCOLS.length, 'no two protocols of the registry have one name');
