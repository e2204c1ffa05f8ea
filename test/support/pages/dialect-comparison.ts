// One cell, one protocol, every dialect, as tables of firmware-sim/dialects/README.md: charges of half-cycles
// as recorded and as the cell saw them, and how runs end. From whole runs in virtual time.
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import type { DialectRig } from '../dialect-rig.ts';
import { CONTACT_NC, finishedRun, resolutionNc, SCENARIOS } from '../dialect-scenarios.ts';
import { recordOf } from '../run-checks.ts';
import { tableOf } from './marked-part.ts';

const NC_PER_MAH = 3_600_000_000;

/** `own`: with the errors of the instrument's data sheet. */
export function chargeTable(errors: 'ideal' | 'own'): readonly string[] {
  const rows = DIALECT_NAMES.map((dialect) => {
    const run = finishedRun({ dialect, errors });
    const { halfCycles } = recordOf(run.reader());
    return [
      `\`${dialect}\``,
      run.link.identity.model.replace('-sim', ''),
      (resolutionNc(run) / NC_PER_MAH).toPrecision(1),
      ...halfCycles.map(({ chargeNc }) => milliampereHours(chargeNc)),
      ...deviations(run),
    ];
  });
  const halves = [1, 2, 3].flatMap((cycle) => [`plate ${cycle}`, `strip ${cycle}`]);
  const seen = ['plates to cell, ppm', 'strips to cell, ppm'];
  return tableOf(['dialect', 'instrument', 'grid of ends, mAh', ...halves, ...seen], rows);
}

export function verdictTable(): readonly string[] {
  const rows = SCENARIOS.map(({ name, options }) => {
    const cells = DIALECT_NAMES.map((dialect) => {
      const run = finishedRun({ ...options, dialect, errors: 'ideal' });
      const { verdict } = run.reader().state();
      return `${verdict ?? 'none'} after ${run.told.halfCycles.length}`;
    });
    return [name, ...cells];
  });
  return tableOf(['scenario', ...DIALECT_NAMES.map((dialect) => `\`${dialect}\``)], rows);
}

/** What was recorded over what the cell saw, less one: plates, strips. */
function deviations(run: DialectRig): readonly string[] {
  const truth = run.device.truth(1);
  const { halfCycles } = recordOf(run.reader());
  const ppmOf = (half: 'plate' | 'strip', seenNc: number): string => {
    const recorded = halfCycles.filter((row) => row.half === half);
    const recordedNc = recorded.reduce((sum, { chargeNc }) => sum + chargeNc, 0);
    return (((recordedNc + CONTACT_NC) / seenNc - 1) * 1e6 + 0).toFixed(0).replace(/^-0$/, '0');
  };
  return [ppmOf('plate', truth.plateChargeNc), ppmOf('strip', truth.stripChargeNc)];
}

function milliampereHours(chargeNc: number): string {
  return (chargeNc / NC_PER_MAH).toFixed(6);
}
