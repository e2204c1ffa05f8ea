// The rows of the reliability report, in order, each with its number of trials in CI. A row is one file; what
// it does and when it is passed stands there.
import { byteFaultTrials } from './byte-faults.ts';
import { clockStepTrials } from './clock-steps.ts';
import { deadManTrials } from './dead-man.ts';
import { deviceResetTrials } from './device-reset.ts';
import { longRestTrials } from './long-rest.ts';
import { pausedClientTrials } from './paused-clients.ts';
import { replugTrials } from './replug.ts';
import type { RowPlan } from './row.ts';
import { sigkillTrials } from './sigkill.ts';
import { fullDiskTrials, stalledDiskTrials, tornLogTrials } from './storage.ts';
import { suspendTrials } from './suspend.ts';
import { swarmTrials } from './swarm.ts';

export const ROWS: readonly RowPlan[] = [
  { id: 'R1', fault: 'the daemon is killed', trials: 100, run: sigkillTrials },
  { id: 'R2', fault: 'the log of a run file is torn by a power cut', trials: 300, run: tornLogTrials },
  {
    id: 'R4',
    fault: 'the line damages what it carries (trials: frames a dialect)',
    trials: 20_000,
    run: byteFaultTrials,
  },
  { id: 'R5', fault: 'the instrument is unplugged', trials: 50, run: replugTrials },
  { id: 'R6', fault: 'the instrument loses its power', trials: 50, run: deviceResetTrials },
  { id: 'R7', fault: 'the host falls silent', trials: 20, run: deadManTrials },
  { id: 'R8', fault: 'the disk is full', trials: 10, run: fullDiskTrials },
  { id: 'R9', fault: 'the disk fails or stalls', trials: 20, run: stalledDiskTrials },
  { id: 'R10', fault: 'the clock of the computer is set', trials: 20, run: clockStepTrials },
  { id: 'R11', fault: 'the computer is suspended for 10 min', trials: 5, run: suspendTrials },
  { id: 'R12', fault: 'a rest of 60 days, and a restart in the middle', trials: 1, run: longRestTrials },
  { id: 'R13', fault: 'clients of the stream stop reading', trials: 1, run: pausedClientTrials },
  { id: 'R17', fault: 'seeded faults of every kind together', trials: 200, run: swarmTrials },
];
