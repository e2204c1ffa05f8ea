// Off at once on every connection, out of band, for a process that will not be there to see it answered: a
// second Ctrl-C, an error of ours. Whom the instrument's own lease bounds may be left to it: a daemon that is
// back within it goes on where it was. Everyone else is opened: nobody would, or not for hours.
import type { Cycler, LinkReport } from '../device/cycler.ts';

export interface CutOptions {
  /** Leaves instruments whose own dead-man opens the cell within the lease. */
  readonly leavesLeased: boolean;
}

/**
 * Whether anything was sent: the caller gives it time to leave the process. A driver that throws stops no
 * other.
 */
export function cutCells(
  cyclers: Iterable<{ readonly cycler: Cycler; readonly link: LinkReport | null }>,
  { leavesLeased }: CutOptions,
): boolean {
  let isSent = false;
  for (const { cycler, link } of cyclers) {
    const isLeased = link?.type === 'up' && link.capabilities.deadMan === 'device';
    if (isLeased && leavesLeased) continue;
    try {
      isSent = cycler.emergencyStop() || isSent;
    } catch {
      // The process ends because something is broken; this may be it.
    }
  }
  return isSent;
}
