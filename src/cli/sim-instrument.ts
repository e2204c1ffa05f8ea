// Which instrument is simulated, as options of `sim` and `simulate`: the model of a dialect's family, and the
// errors it has.
import { INSTRUMENT_NAMES, type InstrumentName } from '../../firmware-sim/board/instrument.ts';
import { DIALECTS } from '../../firmware-sim/create-instrument.ts';
import { DIALECT_NAMES, type DialectName } from '../../firmware-sim/dialects/dialect-name.ts';
import { GalvanodeError } from '../base/errors.ts';
import { knownName } from './run-options.ts';

/** For the help of `--instrument`. */
export function errorsText(): string {
  return `${INSTRUMENT_NAMES.join(', ')}; default: bench for gvn1, else those of its data sheet`;
}

/** Throws USAGE for a class that does not exist. */
export function errorsFrom(name: string | undefined, dialect: DialectName): InstrumentName | 'own' {
  if (name !== undefined) return knownName('--instrument', name, INSTRUMENT_NAMES);
  return dialect === 'gvn1' ? 'bench' : 'own';
}

/** Throws USAGE for a model that the dialect does not have. */
export function profileFrom(name: string | undefined, dialect: DialectName): string | undefined {
  const { profiles } = DIALECTS[dialect];
  if (name === undefined) return undefined;
  if (profiles.length > 0) return knownName('--profile', name, profiles);
  throw new GalvanodeError('USAGE', `"--profile": ${dialect} has but one model; leave it out`);
}

/** Lines for the end of a help page. */
export function profileHelp(): string {
  const lines = DIALECT_NAMES.filter((dialect) => DIALECTS[dialect].profiles.length > 0).map(
    (dialect) => `  ${dialect.padEnd(12)}  ${DIALECTS[dialect].profiles.join(', ')}`,
  );
  return lines.length === 0 ? '' : `\nProfiles, the default first:\n${lines.join('\n')}`;
}
