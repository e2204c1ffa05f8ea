// Which protocol is meant on the command line: a name of the registry, or a file in the language of
// protocols. Whatever is wrong with a file is said with line and column before anything is started.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { suggestion } from '../base/suggestion.ts';
import { protocolFromText } from '../language/protocol-from-source.ts';
import type { Protocol } from '../steps/protocol.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { isFilePath } from './run-options.ts';

/** Larger than any protocol, and small enough to be looked at. */
const SIZE_MAX = 262_144;

/** Throws PROTOCOL_UNKNOWN for a name or path that is not there, PROTOCOL_INVALID for a bad file. */
export function findProtocol(text: string): Protocol {
  if (isFilePath(text)) return protocolOfFile(text);
  const found = PROTOCOLS.find((protocol) => protocol.name === text);
  if (found !== undefined) return found;
  const names = PROTOCOLS.map((protocol) => protocol.name);
  throw new GalvanodeError('PROTOCOL_UNKNOWN', `no protocol "${text}"; ${suggestion(text, names)}`);
}

function protocolOfFile(path: string): Protocol {
  if (!existsSync(path) || !statSync(path).isFile()) {
    const advice = 'check the path, or name a protocol that galvanode protocol list shows';
    throw new GalvanodeError('PROTOCOL_UNKNOWN', `no protocol file at ${path}; ${advice}`);
  }
  const result = protocolFromText(readText(path), { fileName: path });
  if (result.ok) return result.protocol;
  throw new GalvanodeError('PROTOCOL_INVALID', result.problems.join('\n'));
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > SIZE_MAX) {
    const found = `${path} has ${size} bytes; a protocol has ${SIZE_MAX} at most`;
    throw new GalvanodeError('PROTOCOL_INVALID', `${found}: is this the right file?`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new GalvanodeError('PROTOCOL_INVALID', `${path} cannot be read: ${messageOf(thrown)}`);
  }
}
