// Goal: a replay fails when today's code decides or reads otherwise, and says where and how, first difference
// first; and does not fail for what is no difference. Method: recorded runs against changed protocols, and
// against records of which one thing was changed.
import { describe, expect, it } from 'vitest';
import { changeWire, protocolsWith, replayed, unpacked } from '../../support/recorded-run.ts';

const GVN1 = 'symmetric-cycling-gvn1';
/** A sample that the device has sent: its voltage, 3 nV further. */
const SAMPLE = /("s 1 \d+ 8 \d+,)(-?\d+)/;

describe('a replay', () => {
  it.each([
    ['a larger charge', { areal_capacity: '0.0202mAh/cm2' }, 'tree.nodes'],
    ['another voltage limit', { plate_voltage_limit: '0.4V' }, 'tree.nodes'],
    ['another number of cycles', { cycles: 3 }, 'tree.nodes'],
  ])('tells of %s as another order to the instrument', async (_what, parameters, field) => {
    const result = await replayed(unpacked(GVN1), protocolsWith(parameters));
    expect(result.outcome).toBe('different');
    expect(result.difference?.part).toBe('command');
    expect(result.difference?.field).toContain(field);
    expect(result.difference?.recorded).not.toBe(result.difference?.today);
    expect(result.detail).toMatch(/^command \d+ \(step \d+.*\): .* was .*, today it is .*: another order/);
  });

  it.each(['methodscript', 'keithley2400', 'zahner'])('tells it on %s as well', async (dialect) => {
    const protocols = protocolsWith({ plate_voltage_limit: '0.4V' });
    const result = await replayed(unpacked(`coulombic-efficiency-${dialect}`), protocols);
    expect(result).toMatchObject({ outcome: 'different', difference: { part: 'command' } });
  });

  it('tells of a frame that is read otherwise by its sample, column and values', async () => {
    let changed = '';
    const path = unpacked(GVN1, (db) =>
      changeWire(db, (line) =>
        line.replace(SAMPLE, (all, before: string, voltageNv: string) => {
          if (changed !== '') return all;
          changed = String(Number(voltageNv) + 3);
          return before + changed;
        }),
      ),
    );
    const { difference, outcome } = await replayed(path);
    expect(changed).not.toBe('');
    expect(outcome).toBe('different');
    expect(difference).toMatchObject({ part: 'sample', field: 'v_nv', today: changed });
  });

  it('tells of another course of the run by its event', async () => {
    const path = unpacked(GVN1, (db) => {
      db.prepare(
        `UPDATE event SET detail = replace(detail, 'completed', 'stopped') WHERE kind = 'state'`,
      ).run();
    });
    const { difference } = await replayed(path);
    expect(difference?.part).toBe('event');
    expect(difference?.field).toBe('detail.verdict');
    expect([difference?.recorded, difference?.today]).toEqual(['stopped', 'completed']);
  });

  it('tells of a row that today is not written, and of one that is too many', async () => {
    const missing = unpacked(GVN1, (db) => db.exec('DELETE FROM half_cycle WHERE number = 6'));
    expect((await replayed(missing)).difference).toMatchObject({ part: 'half-cycle', recorded: '(nothing)' });
    const more = unpacked(GVN1, (db) =>
      db.exec(`INSERT INTO event (t_us, kind, detail) VALUES (1, 'state', '{}')`),
    );
    expect((await replayed(more)).difference).toMatchObject({ part: 'event', today: '(nothing)' });
  });

  it('ends where the record cannot answer a command', async () => {
    const path = unpacked(GVN1, (db) =>
      changeWire(db, (line) => line.replace('"sent","commit ', '"sent","kommit ')),
    );
    const result = await replayed(path);
    expect(result.outcome).toBe('different');
    expect(result.detail).toMatch(/today's code says "commit .*which the record cannot answer/);
  });

  it('takes no offence at polls that were not recorded, nor at such as are not asked', async () => {
    const path = unpacked(GVN1, (db) => {
      let leases = 0;
      changeWire(db, (line) => {
        if (line.includes('"sent","lease')) leases += 1;
        return line.includes('"sent","lease') && leases > 2 ? line.replace('lease', 'flush') : line;
      });
    });
    const result = await replayed(path);
    expect(result).toMatchObject({ outcome: 'same', detail: 'the whole run' });
    expect(result.pollsMadeUp).toBeGreaterThan(0);
  });

  it('goes as far as a record that was cut off, and says so', async () => {
    const path = unpacked(GVN1, (db) => {
      db.exec(`DELETE FROM meta WHERE key = 'sealed'; DELETE FROM sample WHERE seq > 150;
        DELETE FROM half_cycle WHERE number > 2; DELETE FROM event WHERE id > 5;
        DELETE FROM command WHERE number > 8;
        UPDATE step_log SET end_us = NULL WHERE step > 7; DELETE FROM step_log WHERE step > 8`);
      let lines = 0;
      changeWire(db, (line) => ((lines += 1) > 60 ? null : line));
    });
    const result = await replayed(path);
    expect(result.outcome).toBe('same');
    expect(result.detail).toContain('the run is not complete');
    expect(result.compared['sample']).toBeGreaterThan(0);
  });

  it('stops at a line that is damaged, and says how far it went', async () => {
    const path = unpacked(GVN1, (db) => {
      let lines = 0;
      changeWire(db, (line) => ((lines += 1) === 70 ? line.slice(0, 9) : line));
    });
    const result = await replayed(path);
    expect(result.outcome).toBe('same');
    expect(result.detail).toContain('the record has a hole here');
    expect(result.compared['sample']).toBeGreaterThan(0);
  });

  it('refuses a run of which the wire was not recorded', async () => {
    const path = unpacked(GVN1, (db) => db.exec('DROP TABLE wire'));
    expect(await replayed(path)).toMatchObject({ outcome: 'refused', detail: 'its wire was not recorded' });
  });

  it('refuses a protocol that is not there any more as a difference', async () => {
    expect(await replayed(unpacked(GVN1), [])).toMatchObject({
      outcome: 'different',
      detail: 'its protocol "symmetric-cycling" is not here any more',
    });
  });
});
