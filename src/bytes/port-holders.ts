// Which processes have a device open, from /proc/<pid>/fd (proc(5)). Other users' processes may not be looked
// into; then the answer says that it is not complete. Linux only.
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn, textOf } from './small-files.ts';

export interface PortHolder {
  readonly pid: number;
  /** The command line, at most 80 characters. */
  readonly command: string;
}

export interface PortHolders {
  readonly known: readonly PortHolder[];
  /** False where some processes could not be looked into. */
  readonly isComplete: boolean;
}

const COMMAND_LENGTH_MAX = 80;

/** Looks once through all processes, for all ports; this process is left out. */
export function createHolders(root = ''): { of(path: string): PortHolders } {
  const proc = join(root, '/proc');
  const byPath = new Map<string, PortHolder[]>();
  let isComplete = true;
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const paths = openPaths(join(proc, pid, 'fd'));
    isComplete &&= paths !== null;
    for (const path of new Set(paths)) {
      const holder = { pid: Number(pid), command: commandOf(join(proc, pid)) };
      byPath.set(path, [...(byPath.get(path) ?? []), holder]);
    }
  }
  return { of: (path) => ({ known: byPath.get(path) ?? [], isComplete }) };
}

/** Whether a program of this name runs, e.g. `ModemManager`. The kernel keeps 15 characters of a name. */
export function isProgramRunning(name: string, root = ''): boolean {
  const proc = join(root, '/proc');
  return namesIn(proc).some(
    (pid) => /^\d+$/.test(pid) && textOf(join(proc, pid, 'comm')) === name.slice(0, 15),
  );
}

/** Of devices alone; null where this user may not look. */
function openPaths(folder: string): readonly string[] | null {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (thrown) {
    // A process that has just ended holds nothing.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT' ? [] : null;
  }
  return names.flatMap((name) => {
    try {
      const target = readlinkSync(join(folder, name));
      return target.startsWith('/dev/') ? [target] : [];
    } catch {
      return [];
    }
  });
}

function commandOf(folder: string): string {
  const words = textOf(join(folder, 'cmdline'))?.replaceAll('\0', ' ').trim() ?? '';
  const command = words === '' ? (textOf(join(folder, 'comm')) ?? '') : words;
  return command.length > COMMAND_LENGTH_MAX ? `${command.slice(0, COMMAND_LENGTH_MAX - 1)}…` : command;
}
