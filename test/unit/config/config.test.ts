// Goal: a bench configuration is taken whole or refused with one line for each field that is wrong.
// Method: tables of configurations as YAML gives them, and the problems they make.

import { describe, expect, it } from 'vitest';
import { describeConfig, parseConfig } from '../../../src/config/config.ts';

const CYCLER = { name: 'left', dialect: 'gvn1', port: 'tcp://127.0.0.1:7001' };
const BATH = { name: 'bath', port: '/dev/ttyUSB2', kind: 'temperature' };

function problemsOf(given: unknown): readonly string[] {
  const result = parseConfig(given);
  return result.ok ? [] : result.problems;
}

describe('the configuration', () => {
  it.each([[null], [undefined], [{}]])('is all defaults when the file holds %j', (given) => {
    expect(parseConfig(given)).toEqual({
      ok: true,
      config: {
        cyclers: [],
        aux: [],
        web: { port: 8733 },
        disk: { warn_percent: 10, warn_free: 2e9, refuse_free: 1e9, ballast: 64e6 },
        lease: 5000,
        on_host_loss: 'off',
        on_outage: { continue_within_ms: 600_000 },
        on_shutdown: 'hold',
        alarm_command: [],
        record_wire: true,
        log_level: 'info',
      },
    });
  });

  it('takes every field', () => {
    const given = {
      cyclers: [
        { ...CYCLER, remote_sense: false, accept_no_dead_man: false },
        {
          name: 'right',
          dialect: 'gvn1',
          port: '/dev/ttyUSB0@115200',
          data_port: '/dev/ttyUSB1',
          remote_sense: true,
          accept_no_dead_man: true,
        },
      ],
      aux: [
        {
          name: 'bath',
          port: '/dev/ttyUSB2@9600',
          kind: 'temperature',
          unit: 'K',
          scale: 0.01,
          channels: ['left', 'right/2'],
          every: '10 s',
        },
      ],
      web: { port: 0 },
      disk: { warn_percent: 5, warn_free: '1 GB', refuse_free: '500 MB', ballast: '0 MB' },
      lease: '30 s',
      on_host_loss: 'finish-step',
      on_outage: 'stop',
      on_shutdown: 'finish_step',
      alarm_command: ['/usr/local/bin/tell-me', '--loudly'],
      record_wire: false,
      log_level: 'silent',
    };
    const aux = [{ ...given.aux[0], every: 10_000 }];
    const disk = { warn_percent: 5, warn_free: 1e9, refuse_free: 5e8, ballast: 0 };
    expect(parseConfig(given)).toEqual({ ok: true, config: { ...given, aux, disk, lease: 30_000 } });
  });

  it.each<[unknown, RegExp]>([
    [{ cycler: [] }, /^unknown key "cycler"; did you mean "cyclers"\?/],
    [{ on_outge: 'hold' }, /^unknown key "on_outge"; did you mean "on_outage"\?/],
    [{ telemetry: true }, /^unknown key "telemetry"; known: cyclers, aux, web, disk, lease, /],
    [{ web: { prot: 1 } }, /^unknown key "web.prot"; did you mean "port"\?/],
    [{ cyclers: [{ ...CYCLER, ports: 'x' }] }, /^unknown key "cyclers.0.ports"; did you mean "port"\?/],
    [{ cyclers: [CYCLER, { ...CYCLER, name: 'b', baud: 9600 }] }, /^unknown key "cyclers.1.baud"; /],
    [{ cyclers: [{ ...CYCLER, dialect: 'gvn2' }] }, /^"cyclers.0.dialect": .*gvn1/],
    [
      { cyclers: [{ ...CYCLER, name: 'Left One' }] },
      /^"cyclers.0.name": lower-case letters, digits and "-", at most 32$/,
    ],
    [{ cyclers: [{ ...CYCLER, name: '-left' }] }, /^"cyclers.0.name": /],
    [{ cyclers: [{ ...CYCLER, name: 'x'.repeat(33) }] }, /^"cyclers.0.name": /],
    [{ cyclers: [{ ...CYCLER, port: '' }] }, /^"cyclers.0.port": /],
    [{ cyclers: [{ name: 'left', dialect: 'gvn1' }] }, /^"cyclers.0.port": /],
    [{ cyclers: CYCLER }, /^"cyclers": /],
    [
      { cyclers: [CYCLER, { ...CYCLER, port: 'COM3' }] },
      /^"cyclers": two are called "left"; names must differ$/,
    ],
    [
      { cyclers: Array.from({ length: 65 }, (_, index) => ({ ...CYCLER, name: `c${index}` })) },
      /^"cyclers": /,
    ],
    [{ aux: [{ ...BATH, unit: 'C' }] }, /^"aux.0.unit": .*degC/],
    [{ aux: [{ ...BATH, pattern: '(' }] }, /^"aux.0.pattern": "\(" is no regular expression$/],
    [{ aux: [{ ...BATH, scale: 0 }] }, /^"aux.0.scale": /],
    [{ aux: [{ ...BATH, every: '0.05 s' }] }, /^"aux.0.every": "0.05 s" is outside 0.1 … 3600 s$/],
    [{ aux: [{ ...BATH, untit: 'K' }] }, /^unknown key "aux.0.untit"; did you mean "unit"\?/],
    [{ aux: [{ ...BATH, channels: [] }] }, /^"aux.0.channels": /],
    [{ aux: [{ ...BATH, channels: ['left/0'] }] }, /^"aux.0.channels.0": write "left" or "left\/2"/],
    [
      { cyclers: [CYCLER], aux: [{ ...BATH, channels: ['right/1'] }] },
      /^"aux.0": "right\/1" is on no cycler of this configuration$/,
    ],
    [{ aux: [BATH, { ...BATH, port: 'COM3' }] }, /^"aux.1": two are called "bath"; names must differ$/],
    [{ web: { port: 65_536 } }, /^"web.port": /],
    [{ web: { port: -1 } }, /^"web.port": /],
    [{ web: { port: 80.5 } }, /^"web.port": /],
    [{ web: { port: '8733' } }, /^"web.port": /],
    [{ lease: '0.9 s' }, /^"lease": "0.9 s" is outside 1 … 60 s$/],
    [{ lease: '61 s' }, /^"lease": "61 s" is outside 1 … 60 s$/],
    [{ lease: '5 sec' }, /^"lease": .*unknown unit "sec"[;,] did you mean "s"\?/],
    [{ lease: '5' }, /^"lease": "5" has no unit; write it like "10 s"$/],
    [{ lease: '5 V' }, /^"lease": "5 V" is a voltage, expected a time/],
    [{ lease: 5 }, /^"lease": /],
    [{ on_outage: 'restart' }, /^"on_outage": .*hold/],
    [{ on_host_loss: 'finish_step' }, /^"on_host_loss": .*finish-step/],
    [{ log_level: 'trace' }, /^"log_level": /],
    ['cyclers', /^"\(file\)": /],
    [[CYCLER], /^"\(file\)": /],
    [42, /^"\(file\)": /],
  ])('%j is refused in one line that names the field', (given, message) => {
    const problems = problemsOf(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toContain('\n');
  });

  it.each(['1 s', '60 s', '1000 ms', '1 min'])('takes a lease of %s', (lease) => {
    expect(parseConfig({ lease }).ok).toBe(true);
  });

  it('names every unknown key of one place', () => {
    expect(problemsOf({ foo: 1, log_levle: 'info' }).join('\n')).toMatch(/"foo"/);
    expect(problemsOf({ foo: 1, log_levle: 'info' }).join('\n')).toMatch(/"log_levle"/);
  });

  it('reports every wrong field at once', () => {
    const problems = problemsOf({ lease: '5', web: { port: -1 }, on_outage: 'x' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      '"web.port"',
      '"lease"',
      '"on_outage"',
    ]);
  });

  it('describes each field with its value in use', () => {
    const result = parseConfig({ lease: '30 s' });
    if (!result.ok) throw new Error(result.problems.join());
    const rows = describeConfig(result.config);
    expect(rows.map(({ key }) => key)).toEqual(Object.keys(result.config));
    expect(rows.find(({ key }) => key === 'lease')?.about).toMatch(/1 … 60 s/);
    for (const { key, about } of rows) expect(about.length, key).toBeGreaterThan(0);
  });
});
