// Where things are and how the bench is configured, for every command: flags over environment over file over
// defaults.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { type Config, parseConfig } from '../config/config.ts';

export interface CommonOptions {
  readonly data?: string;
  readonly config?: string;
}

export interface Context {
  readonly dataPath: string;
  readonly dataOrigin: string;
  readonly config: Config;
  /** The file in use, or `defaults`. */
  readonly configOrigin: string;
}

/** Data folder of this user, of the environment, or as given. */
export function dataPathFrom(options: CommonOptions): { readonly path: string; readonly origin: string } {
  if (options.data !== undefined) return { path: resolve(options.data), origin: '--data' };
  const fromEnvironment = process.env['GALVANODE_DATA'];
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return { path: resolve(fromEnvironment), origin: '$GALVANODE_DATA' };
  const xdg = process.env['XDG_DATA_HOME'];
  const base = xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.local', 'share');
  return {
    path: join(base, 'galvanode'),
    origin: xdg === undefined || xdg === '' ? 'default' : '$XDG_DATA_HOME',
  };
}

/** Reads and checks the configuration; throws CONFIG_INVALID with one line a problem. */
export function loadContext(options: CommonOptions): Context {
  const { path: dataPath, origin: dataOrigin } = dataPathFrom(options);
  const file = configFile(options);
  if (file === null) {
    const parsed = parseConfig(null);
    if (!parsed.ok) throw new GalvanodeError('CONFIG_INVALID', parsed.problems.join('\n'));
    return { dataPath, dataOrigin, config: parsed.config, configOrigin: 'defaults' };
  }
  const parsed = parseConfig(readYaml(file));
  if (!parsed.ok)
    throw new GalvanodeError(
      'CONFIG_INVALID',
      parsed.problems.map((problem) => `${file}: ${problem}`).join('\n'),
    );
  return { dataPath, dataOrigin, config: parsed.config, configOrigin: file };
}

function configFile(options: CommonOptions): string | null {
  const asked = options.config ?? process.env['GALVANODE_CONFIG'];
  if (asked !== undefined && asked !== '') {
    if (existsSync(asked)) return resolve(asked);
    throw new GalvanodeError('CONFIG_INVALID', `no configuration file at ${asked}; check the path`);
  }
  const xdg = process.env['XDG_CONFIG_HOME'];
  const base = xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.config');
  const candidates = [join(base, 'galvanode', 'config.yaml'), '/etc/galvanode/config.yaml'];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/** What a YAML or JSON file holds; throws CONFIG_INVALID in one line. */
export function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new GalvanodeError('CONFIG_INVALID', `${file} cannot be read: ${messageOf(thrown)}`);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem?.code === 'MULTIPLE_DOCS')
    throw new GalvanodeError(
      'CONFIG_INVALID',
      `${file}: holds more than one document; keep what is before ---`,
    );
  if (problem !== undefined)
    throw new GalvanodeError('CONFIG_INVALID', `${file}: ${firstLine(problem.message)}`);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // An alias inside its own anchor gives what has no end: whoever wants to show it would fail.
    JSON.stringify(value);
    return value;
  } catch {
    const advice = 'write out what they stand for';
    throw new GalvanodeError('CONFIG_INVALID', `${file}: too many aliases, or one inside its own; ${advice}`);
  }
}

/** The parser's sentence ends in a colon, since it would go on with an excerpt of the file. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}
