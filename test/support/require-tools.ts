// Before any system test: the Debian tools they drive must be there. A missing tool is a failure that names
// its package, never a skipped test. Also refuses to test a tree that has not been built.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Debian's own interpreter: another python3 that comes first in the PATH has none of Debian's modules. */
export const DEBIAN_PYTHON = '/usr/bin/python3';

const packageOfTool = {
  socat: 'socat',
  python3: 'python3',
  sqlite3: 'sqlite3',
  chromium: 'chromium',
  ser2net: 'ser2net',
  'systemd-notify': 'systemd',
  'systemd-analyze': 'systemd',
  gcc: 'build-essential',
};
const packageOfModule = {
  serial: 'python3-serial',
  pyvisa_py: 'python3-pyvisa-py',
  pymeasure: 'python3-pymeasure',
};

export function setup(): void {
  const missing = [
    ...Object.entries(packageOfTool).filter(([tool]) => !isOnPath(tool)),
    ...Object.entries(packageOfModule).filter(([module]) => !isImportable(module)),
  ];
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ');
    throw new Error(`system tests need: ${packages}. On Debian: apt-get install ${packages}`);
  }
  const entry = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run npm run build first`);
}

function isOnPath(tool: string): boolean {
  // Of services, Debian keeps the program where only root's PATH leads.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => isExecutable(join(folder, tool)));
}

/** Looks for the module without running it: PyMeasure alone takes seconds to import. */
function isImportable(module: string): boolean {
  const question = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`;
  return spawnSync(DEBIAN_PYTHON, ['-c', question], { stdio: 'ignore' }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
