// What each fault of a story does to its world, and how it passes. Everything here ends when the world heals.
import type { Placed } from './daemon-life.ts';
import { NO_NOISE } from './byte-noise.ts';
import type { FaultStory } from './story.ts';
import type { World } from './world.ts';

/** The limit that the daemon sets itself for its shutdown. */
const SHUTDOWN_LIMIT_MS = 10_000;

export function carryOut(world: World, fault: FaultStory): void {
  world.witness.note(0, JSON.stringify(fault));
  switch (fault.what) {
    case 'cut':
    case 'silence':
    case 'stall':
    case 'noise':
    case 'babble':
    case 'reset':
      return onInstrument(world, fault);
    case 'store':
      world.disk.trouble = fault.how;
      return later(world, fault.forMs, () => world.diskGoesOn());
    case 'slow-store':
      world.disk.answerMs = fault.answerMs;
      return later(world, fault.forMs, () => {
        world.disk.answerMs = world.story.store.answerMs;
      });
    case 'wall':
      return world.clock.stepWall(fault.byMs);
    case 'stop':
      return world.stop(fault.instrument, fault.channel);
    case 'pause':
    case 'kill':
    case 'kill-at':
    case 'shutdown':
      return onProcess(world, fault);
  }
}

type InstrumentFault = Extract<
  FaultStory,
  { readonly what: 'cut' | 'silence' | 'stall' | 'noise' | 'babble' | 'reset' }
>;

function onInstrument(world: World, fault: InstrumentFault): void {
  const { cable, device } = placedOf(world, fault.instrument);
  switch (fault.what) {
    case 'cut':
      cable.pull();
      return later(world, fault.forMs, () => cable.plugIn());
    case 'silence':
      cable.silence(true);
      return later(world, fault.forMs, () => cable.silence(false));
    case 'stall':
      cable.stall(true);
      return later(world, fault.forMs, () => cable.stall(false));
    case 'noise':
      cable.noise(fault.shares);
      return later(world, fault.forMs, () => cable.noise(NO_NOISE));
    case 'babble':
      return cable.babble(fault.bytes);
    case 'reset':
      return device.restart();
  }
}

type ProcessFault = Extract<FaultStory, { readonly what: 'pause' | 'kill' | 'kill-at' | 'shutdown' }>;

function onProcess(world: World, fault: ProcessFault): void {
  const { life } = world;
  const comeBack = (): void => void world.clock.after(fault.forMs, () => world.restart());
  if (life.isDead) return;
  switch (fault.what) {
    case 'pause':
      life.clock.pause();
      return later(world, fault.forMs, () => life.clock.resume(fault.how));
    case 'kill':
      life.kill();
      return comeBack();
    case 'kill-at':
      return life.killAt({ act: fault.act, when: fault.when, left: fault.count, died: comeBack });
    case 'shutdown': {
      const exit = (): void => {
        if (life.isDead) return;
        life.kill();
        comeBack();
      };
      life.clock.after(SHUTDOWN_LIMIT_MS, exit);
      return life.shutdown(fault.policy, exit);
    }
  }
}

function placedOf({ placed }: World, name: string): Placed {
  const found = placed.find(({ story }) => story.name === name);
  if (found === undefined) throw new Error(`the story has no instrument "${name}"`);
  return found;
}

/** Faults are gone once the world has healed: what would end one then has nothing to do. */
function later(world: World, afterMs: number, act: () => void): void {
  world.clock.after(afterMs, () => {
    if (world.clock.nowMs() < world.healedAtMs) act();
  });
}
