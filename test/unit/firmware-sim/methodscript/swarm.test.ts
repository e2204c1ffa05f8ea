// Goal: whatever a host sends, the instrument answers and lives: no script and no garbage breaks it. Method:
// seeded scripts of well-formed commands in any order, some damaged, with Z, Y, h, H and R in between.
import { describe, expect, it } from 'vitest';
import { SCRIPT_COMMANDS } from '../../../../firmware-sim/dialects/methodscript/command-table.ts';
import { METHODSCRIPT_PROFILES } from '../../../../firmware-sim/dialects/methodscript/profiles.ts';
import { randomKey, uniformAt } from '../../../../src/base/prng.ts';
import { Rig } from './rig.ts';

const DECLARED = ['var x', 'var y', 'var z', 'array a 5i', 'array b 5i'];
const VALUES = ['0', '1', '-1m', '100m', '2i', '3', '10', 'x', 'y', 'a[1i]', 'b[x]', '1u', '500m'];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  value: VALUES,
  out: ['x', 'y', 'z', 'a[2i]', 'b[7i]'],
  array: ['a', 'b'],
  type: ['ab', 'ba', 'da', 'db', 'eb', 'ja'],
  operator: ['<', '<=', '==', '!='],
  text: ['"text"', 'f"{x} {a[0i]}"'],
  'declared-variable': ['v', 'w'],
  'declared-array': ['c', 'd'],
};
/** Those that this board has. */
const NAMES = Object.entries(SCRIPT_COMMANDS).flatMap(([name, { absent }]) =>
  absent === undefined ? [name] : [],
);
/** Set-up and a measurement that fits it, for scripts that get that far. */
const MEASUREMENTS = [
  ['set_pgstat_mode 3\ncell_on', 'meas_loop_ca x y 1m 100m 1'],
  ['set_pgstat_mode 3\ncell_on', 'meas_loop_cv x y 0 5m -5m 1m 100m nscans(2)'],
  ['set_pgstat_mode 3\ncell_on', 'meas_loop_dpv x y 0 5m 1m 1m 1m 10m'],
  ['set_pgstat_mode 2\ncell_on', 'meas_loop_swv x y z a[0i] 0 5m 1m 1m 10'],
  ['set_pgstat_mode 3\ncell_on', 'meas_loop_eis x y z 1m 1k 1 5i 0'],
  ['set_pgstat_mode 6\ncell_on', 'meas_loop_cp x y 1m 100m 1'],
  ['set_pgstat_mode 6\ncell_on', 'meas_loop_lsp x y 0 1m 100u 1m'],
  ['set_pgstat_mode 3', 'meas_loop_ocp x 100m 1'],
] as const;
const REQUESTS = ['Z\n', 'Y\n', 'h\n', 'H\n', 'R\n', 't\n', '\n', 'e\n', 'x\x00\n'];

class Dice {
  readonly #key: number;
  #count = 0;

  constructor(seed: number) {
    this.#key = randomKey(seed, 'methodscript-swarm');
  }

  below(limit: number): number {
    this.#count += 1;
    return Math.floor(uniformAt(this.#key, this.#count) * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

function commandLine(dice: Dice): string {
  const name = dice.pick(NAMES);
  const args = (SCRIPT_COMMANDS[name]?.args ?? []).map(({ kind }) => dice.pick(WORDS[kind] ?? VALUES));
  return [name, ...args].join(' ');
}

/** Loops are closed, so that most scripts load. */
function script(dice: Dice): string {
  const [setUp, measurement] = dice.pick(MEASUREMENTS);
  const body = dice.below(3) === 0 ? commandLine(dice) : 'wait 30m';
  const lines = [...DECLARED, setUp, measurement, 'pck_start', 'pck_add x', 'pck_end', body, 'endloop'];
  for (let count = dice.below(12); count >= 0; count -= 1) {
    const line = commandLine(dice);
    const [name = ''] = line.split(' ');
    if (/^(end|else|on_finished)/.test(name)) continue;
    lines.push(line);
    if (name === 'if') lines.push(commandLine(dice), 'endif');
    if (name === 'loop' || name.startsWith('meas_loop')) lines.push('send_string "."', 'endloop');
  }
  return `e\n${lines.join('\n')}\non_finished:\ncell_off\n\n`;
}

function damaged(text: string, dice: Dice): string {
  if (dice.below(4) > 0) return text;
  const at = dice.below(text.length);
  return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + dice.below(3));
}

describe('any script', () => {
  it.each(METHODSCRIPT_PROFILES)('is survived by %s, which still says who it is', (profile) => {
    for (let seed = 1; seed <= 120; seed += 1) {
      const dice = new Dice(seed);
      const rig = new Rig({ profile, seed, cell: 'dummy-10-ohm' });
      rig.raw(damaged(script(dice), dice));
      for (let turn = 0; turn < 6; turn += 1) {
        rig.clock.advance(dice.below(3000));
        rig.raw(dice.pick(REQUESTS));
      }
      rig.clock.advance(200);
      rig.raw('zzz\n');
      rig.clock.advance(200);
      rig.raw('Z\n');
      rig.clock.advance(10_000_000);
      rig.raw('Z\n');
      rig.clock.advance(200);
      expect(rig.raw('t\n'), `seed ${seed}`).toContain('R*\n');
    }
  });
});
