// Goal: every cycler of a configuration gets the ports that its dialect needs, or the operator is told what
// is missing before anything is opened. Method: configurations, right and wrong.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { PortAddress } from '../../../src/bytes/port-address.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { prepareCyclers } from '../../../src/daemon/create-cyclers.ts';
import { DIALECTS } from '../../../src/device/dialects.ts';

function prepared(cycler: object) {
  const parsed = parseConfig({ cyclers: [{ name: 'left', ...cycler }] });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return prepareCyclers(parsed.config.cyclers);
}

describe('the cyclers of a configuration', () => {
  it.each(DIALECTS)('of dialect $name are made with the ports that it needs', ({ name, hasDataPort }) => {
    const ports = hasDataPort ? { port: '/dev/ttyX0', data_port: '/dev/ttyX1' } : { port: '/dev/ttyX0' };
    const [make, ...others] = prepared({ dialect: name, ...ports });
    expect(others).toEqual([]);
    const cycler = make?.({ clock: new VirtualClock(), token: 'bench' });
    expect(cycler?.name).toBe('left');
    cycler?.close();
  });

  it.each(DIALECTS)('of dialect $name are refused with a data port too few or too many', (dialect) => {
    const { name, hasDataPort } = dialect;
    const wrong = hasDataPort ? {} : { data_port: '/dev/ttyX1' };
    const said = hasDataPort ? 'needs a "data_port"' : 'has no "data_port"';
    expect(() => prepared({ dialect: name, port: '/dev/ttyX0', ...wrong })).toThrow(said);
  });

  it.each(DIALECTS)('of dialect $name get its baud rate and flow control', (dialect) => {
    const { name, hasDataPort, baudRate, flowControl } = dialect;
    const paths = hasDataPort ? ['/dev/ttyX0', '/dev/ttyX1'] : ['/dev/ttyX0'];
    const [port, dataPort] = paths;
    const parsed = parseConfig({ cyclers: [{ name: 'left', dialect: name, port, data_port: dataPort }] });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    const opened: PortAddress[] = [];
    const [make] = prepareCyclers(parsed.config.cyclers, (address) => {
      opened.push(address);
      return () => undefined;
    });
    make?.({ clock: new VirtualClock(), token: 'bench' }).close();
    expect(opened).toEqual(paths.map((path) => ({ kind: 'serial', path, baudRate, flowControl })));
  });

  it('are refused where a port is none', () => {
    expect(() => prepared({ dialect: 'gvn1', port: 'ttyX0' })).toThrow(
      /^"cyclers": "left": port "ttyX0" is no port; write \/dev/,
    );
  });
});
