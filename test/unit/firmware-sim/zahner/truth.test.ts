// Goal: the instrument tells the truth about the cell, says the same for the same seed, and survives any
// bytes. Method: zinc cells of the library against their own hidden charge; two instruments side by side;
// random bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rig, type ZahnerRig } from './rig.ts';

/** One half-cycle: 1 mA/cm2 on 1.13 cm2 until so much charge has passed. */
function halfCycle(host: ZahnerRig, currentA: number, chargeC: number): readonly (readonly number[])[] {
  host.set(`:PARA:IVAL ${currentA}`);
  host.set(`:PARA:CHAR:MAX ${currentA > 0 ? chargeC : 1000}`);
  host.set(`:PARA:CHAR:MIN ${currentA < 0 ? -chargeC : -1000}`);
  const answer = host.ask(':MEAS:POGA?');
  if (answer !== 'ok') throw new Error(answer);
  return host.bulk();
}

function prepared(host: ZahnerRig): ZahnerRig {
  host.set(':SESO:COUP gal', ':SESO:SFRQ 1', ':PARA:TMAX 7200', ':PARA:CHAR:STAT 1');
  return host.set(':SESO:ULIM:MAX 5', ':SESO:ULIM:MIN -5', ':SESO:ULIM:STAT ON');
}

describe('a galvanostatic plate and strip of zinc', () => {
  it('passes the charge that is recorded, and what flows while the output settles besides', () => {
    const host = prepared(rig({ profile: 'XPOT2', cell: 'bare-zn' }));
    const currentA = 0.00113;
    const plate = halfCycle(host, -currentA, 4.068);
    const plateNc = host.truth.plateChargeNc;
    const [, on, off] = host.cellLog;
    expect(plate).toHaveLength(3600);
    expect(plate.every(([, voltageV = 0]) => voltageV < 0 && voltageV > -0.3)).toBe(true);
    const onS = ((off?.t_us ?? 0) - (on?.t_us ?? 0)) * 1e-6;
    expect(onS).toBeGreaterThan(3600);
    expect(onS).toBeLessThan(3600.051);
    expect(plateNc).toBeCloseTo(currentA * onS * 1e9, -1);
    const strip = halfCycle(host, currentA, 4.068);
    expect(strip).toHaveLength(3600);
    expect(strip.every(([, voltageV = 0]) => voltageV > 0 && voltageV < 0.3)).toBe(true);
    expect(Math.abs(host.truth.netChargeNc)).toBeLessThan(currentA * 0.03 * 1e9);
  });

  it('under the errors of the instrument stays within what they promise', () => {
    const host = prepared(rig({ profile: 'XPOT2', cell: 'bare-zn', errors: 'own' }));
    const rows = halfCycle(host, -0.00113, 4.068);
    const trueA = host.truth.plateChargeNc / 1e9 / (rows.at(-1)?.[0] ?? 0);
    expect(Math.abs(trueA / 0.00113 - 1)).toBeLessThan(0.0015);
    const meanA = rows.reduce((sum, [, , readA = 0]) => sum + readA, 0) / rows.length;
    expect(Math.abs(-meanA / trueA - 1)).toBeLessThan(0.0015);
    expect(new Set(rows.map(([, , readA]) => readA)).size).toBeGreaterThan(10);
  });

  it('runs many times faster where the instrument is scaled, and passes the same charge', () => {
    const host = prepared(rig({ profile: 'XPOT2', cell: 'bare-zn', scale: 3600 }));
    const startMs = host.clock.nowMs();
    const rows = halfCycle(host, -0.00113, 4.068);
    expect(rows).toHaveLength(3600);
    expect(host.clock.nowMs() - startMs).toBeLessThan(1100);
    expect(host.truth.plateChargeNc).toBeLessThan(0.00113 * 3601 * 1e9);
    // Between the primitives the relay is open, however much cell time the answers take.
    host.advanceS(1);
    expect(host.truth.plateChargeNc).toBeLessThan(0.00113 * 3601 * 1e9);
  });
});

describe('the same seed', () => {
  const played = (seed: number): string => {
    const host = prepared(rig({ seed, cell: 'bare-zn', errors: 'own', profile: 'XPOT2' }));
    host.set(':PARA:TMAX 20', ':PARA:IVAL 0.001', ':SESO:SFRQ 10');
    host.send(':MEAS:POGA?');
    host.advanceS(5);
    host.send('ABOR');
    host.advanceS(1);
    host.ask('*CLS', ':MEAS:OCV?', ':MEAS:VOLT?');
    host.ask(':MEAS:POGA?');
    return `${host.lines.join('\n')}\n${host.data}\n${JSON.stringify(host.cellLog)}`;
  };

  it('and the same bytes at the same times give the same bytes; another seed gives others', () => {
    expect(played(3)).toBe(played(3));
    expect(played(3)).not.toBe(played(4));
  });
});

describe('any bytes', () => {
  const word = fc.constantFrom(
    ...[':MEAS:POGA?', ':MEAS:OCVS?', ':MEAS:RMPT?', ':MEAS:RMPS?', ':MEAS:IESC?', ':MEAS:OCV?', 'ABOR'],
    ...[':SESO:STAT ON', ':SESO:STAT OFF', ':SESO:COUP gal', ':SESO:COUP pot', '*CLS', ':PARA:TMAX 0.2'],
    ...[':PARA:IVAL 0.01', ':PARA:UVAL -0.1', ':PARA:STEP 0.05', ':PARA:SCRA 0.1', ':SESO:CRNG:IDX 2'],
    ...[':PARA:ULIM:STAT ON', ':SESO:ULIM:STAT ON', ':PARA:CHAR:STAT 1', ':PARA:TOL:STAT 1', '*RST'],
  );
  const text = fc.oneof(
    { weight: 4, arbitrary: word.map((line) => `${line}\n`) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map(latin1) },
  );

  it('are answered or passed over, and never end the instrument', () => {
    const property = fc.property(fc.array(fc.tuple(text, fc.nat(400)), { maxLength: 40 }), (moves) => {
      const host = rig({ cell: 'bare-zn', errors: 'own' });
      for (const [chunk, waitMs] of moves) {
        if (host.text?.isOpen !== true) host.connect().connectData();
        host.text?.write(chunk);
        host.binary?.write(chunk);
        host.clock.advance(waitMs);
      }
      if (host.text?.isOpen !== true) host.connect();
      host.text?.write('\n');
      // What waits behind a primitive still comes after ABOR, another primitive too: so ABOR goes last.
      host.ask('*IDN?');
      host.ask('ABOR');
      host.advanceS(1);
      expect(host.cellLog.at(-1)?.cell).toBe('off');
      expect(host.ask('*CLS', '*IDN?')).toMatch(/^ZAHNER/);
    });
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  it('in any number of commands get one line each', () => {
    const quick = word.filter((line) => !['ABOR', '*RST'].includes(line));
    const property = fc.property(fc.array(quick, { maxLength: 25 }), (lines) => {
      const host = rig({ cell: 'bare-zn' });
      for (const line of lines) host.send(line);
      host.advanceS(1000);
      expect(host.lines).toHaveLength(lines.length);
    });
    fc.assert(property, { numRuns: 60, seed: 2 });
  });
});

/** What a port can carry: one byte a character. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
