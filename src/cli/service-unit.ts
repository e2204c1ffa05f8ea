// `galvanode daemon --print-unit`: the systemd unit that is shipped beside the daemon, with the paths of this
// installation. Text for an administrator; nothing here writes to the system.
import { readFileSync } from 'node:fs';

export interface UnitPaths {
  readonly node: string;
  /** dist/src/cli/main.js of this installation. */
  readonly entry: string;
}

const TEMPLATE = new URL('../daemon/systemd/galvanode.service', import.meta.url);
/** What ProtectHome=yes would hide, and with it the program. */
const HOMES = /^\/(?:home|root|run\/user)\//;

export function serviceUnit({ node, entry }: UnitPaths): string {
  const protectHome = [node, entry].some((path) => HOMES.test(path)) ? 'read-only' : 'yes';
  return readFileSync(TEMPLATE, 'utf8')
    .replace('@node@', () => escaped(node))
    .replace('@entry@', () => escaped(entry))
    .replace('@protect_home@', protectHome);
}

/** Within double quotes of ExecStart= (systemd.service(5)). */
function escaped(path: string): string {
  return path.replaceAll(/[\\"]/g, (found) => `\\${found}`).replaceAll(/[%$]/g, (found) => found + found);
}
