// Goal: a snapshot survives the checkpoint's JSON and goes on as if nothing had happened; a foreign one is
// refused. Method: persist and restore at every point of a walk; then snapshots of other machines and broken
// ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { persistMachine, restoreMachine, startMachine, stepMachine } from '../../../src/steps/machine.ts';
import { PROGRAM_END_REASONS } from '../../../src/steps/step.ts';
import { prepared, stepEnded } from '../../support/prepared.ts';

const protocol = prepared({
  wetting: '1 min',
  conditioning_cycles: 2,
  cycles: 3,
  on_plate_voltage_limit: 'next',
});

describe('a persisted machine', () => {
  it('goes on from its JSON exactly as from its snapshot, wherever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PROGRAM_END_REASONS), { maxLength: 16 }), (reasons) => {
        let lived = startMachine(protocol.machine);
        let restored = lived;
        for (const reason of reasons) {
          lived = stepMachine(protocol.machine, lived, stepEnded(reason));
          const json = persistMachine(
            protocol.machine,
            stepMachine(protocol.machine, restored, stepEnded(reason)),
          );
          restored = restoreMachine(protocol.machine, JSON.parse(JSON.stringify(json)));
          expect([restored.value, restored.context, restored.status]).toEqual([
            lived.value,
            lived.context,
            lived.status,
          ]);
          expect(protocol.stepOf(restored)).toEqual(protocol.stepOf(lived));
          expect(persistMachine(protocol.machine, restored)).toEqual(json);
        }
      }),
    );
  });

  it('is small: counts only, whatever the number of cycles', () => {
    const long = prepared({ cycles: 1_000_000 });
    let snapshot = startMachine(long.machine);
    for (let step = 0; step < 500; step += 1)
      snapshot = stepMachine(long.machine, snapshot, stepEnded('net-charge'));
    expect(JSON.stringify(persistMachine(long.machine, snapshot)).length).toBeLessThan(300);
  });

  it.each<[string, unknown]>([
    [
      'a state that this machine does not have',
      { status: 'active', value: 'zz', context: {}, historyValue: {}, children: {} },
    ],
    [
      'a nested state that this machine does not have',
      { status: 'active', value: { wetting: 'deep' }, context: {}, historyValue: {}, children: {} },
    ],
    [
      'a snapshot that had failed',
      { status: 'error', error: 'bang', value: 'wetting', context: {}, historyValue: {}, children: {} },
    ],
    ['null', null],
    ['a word', 'wetting'],
  ])('is refused when it is %s', (_, persisted) => {
    expect(() => restoreMachine(protocol.machine, persisted)).toThrow(AssertionFailed);
  });

  it('is refused by another machine whose states have other names', () => {
    const foreign = persistMachine(protocol.machine, startMachine(protocol.machine));
    const other = createMachine({ id: 'other', initial: 'resting', states: { resting: {} } });
    expect(() => restoreMachine(other, foreign)).toThrow(AssertionFailed);
  });
});

describe('a machine', () => {
  it('whose guard throws is a failed assertion, not a silent dead actor', () => {
    const broken = createMachine({
      id: 'broken',
      initial: 'a',
      states: {
        a: {
          on: {
            go: {
              target: 'b',
              guard: () => {
                throw new Error('bang');
              },
            },
          },
        },
        b: {},
      },
    });
    expect(() => stepMachine(broken, startMachine(broken), { type: 'go' })).toThrow(/bang/);
  });
});
