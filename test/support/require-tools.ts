// Before any system test: the Debian tools they drive must be there. A missing tool is a failure that names
// its package, never a skipped test. Also refuses to test a tree that has not been built.

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const packageOfTool = { socat: 'socat', python3: 'python3', sqlite3: 'sqlite3', chromium: 'chromium' };

export function setup(): void {
  const missing = Object.entries(packageOfTool).filter(([tool]) => !isOnPath(tool));
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ');
    throw new Error(`system tests need: ${packages}. On Debian: apt-get install ${packages}`);
  }
  const entry = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run npm run build first`);
}

function isOnPath(tool: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, tool)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
