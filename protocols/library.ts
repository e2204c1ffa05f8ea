// The protocols that are texts: every .yaml file beside this module, read once at the start. A file of the
// library that is no protocol is a broken installation, so it is an assertion, never a message to a user.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../src/base/assert.ts';
import { protocolFromText } from '../src/language/protocol-from-source.ts';
import type { Protocol } from '../src/steps/protocol.ts';

/** In the order of their names; the name of a file is that of its protocol. */
export function readLibrary(folder: string): readonly Protocol[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((fileName) => {
    const result = protocolFromText(readFileSync(join(folder, fileName), 'utf8'), { fileName });
    assert(result.ok, `the library holds a text that is no protocol: ${problemsOf(result)}`);
    assert(`${result.protocol.name}.yaml` === fileName, `${fileName} is called "${result.protocol.name}"`);
    return result.protocol;
  });
}

function problemsOf(result: ReturnType<typeof protocolFromText>): string {
  return result.ok ? '' : result.problems.join('; ');
}
