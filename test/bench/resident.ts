// Resident memory of processes: /proc where there is one, `ps` elsewhere, nothing on Windows.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface ProcessRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly rssMiB: number;
  readonly commandLine: string;
}

/** Every process of the machine; empty where there is no way to ask. */
export async function readProcesses(): Promise<readonly ProcessRow[]> {
  if (existsSync('/proc/self/status')) return readProc();
  if (process.platform === 'win32') return [];
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parentPid, rssKiB, commandLine = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [{ pid: Number(pid), parentPid: Number(parentPid), rssMiB: Number(rssKiB) / 1024, commandLine }];
  });
}

function readProc(): readonly ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const parentPid = numberAfter(status, 'PPid');
      return [{ pid: Number(name), parentPid, rssMiB: numberAfter(status, 'VmRSS') / 1024, commandLine }];
    } catch {
      // It has ended since the folder was listed.
      return [];
    }
  });
}

function numberAfter(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
}
