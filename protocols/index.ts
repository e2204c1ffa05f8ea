// The registry of protocols: the only barrel of the project. A new protocol is a file beside this one and a
// line here.
import type { Protocol } from '../src/steps/protocol.ts';
import { coulombicEfficiency } from './coulombic-efficiency.ts';
import { symmetricCycling } from './symmetric-cycling.ts';

export const PROTOCOLS: readonly Protocol[] = [symmetricCycling, coulombicEfficiency];
