// A whole run on an acme in virtual time: the daemon's channel, the driver, a line in memory, the device with
// a resistor in its holder, and a store in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { symmetricCycling } from '../../../protocols/symmetric-cycling.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { createLogger } from '../../../src/base/log.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { RunChannel } from '../../../src/daemon/channel.ts';
import { startRun } from '../../../src/daemon/start-run.ts';
import type { Cycler, LinkReport } from '../../../src/device/cycler.ts';
import { InlineStore } from '../../../src/store/inline-store.ts';
import { openRunReader, type RunReader } from '../../../src/store/readers.ts';
import { createMemoryPortPair } from '../memory-port.ts';
import { feedOf, passOn, settingsOf, SPECIMEN, type Told } from '../rig.ts';
import { ACME } from './acme.ts';
import { AcmeDevice } from './acme-device.ts';

export interface AcmeRig {
  readonly clock: VirtualClock;
  readonly device: AcmeDevice;
  readonly cycler: Cycler;
  readonly told: Told;
  readonly links: readonly LinkReport[];
  readonly refusal: { readonly code: string } | null;
  readonly channel: () => RunChannel;
  readonly reader: () => RunReader;
  readonly cut: () => void;
}

const HOUR_MS = 3_600_000;
const RUN = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export function acmeRig(options: {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly acceptsNoDeadMan: boolean;
}): AcmeRig {
  const { parameters, acceptsNoDeadMan } = options;
  const clock = new VirtualClock();
  const device = new AcmeDevice(clock, 30);
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-acme-'));
  const store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
  const told: Told = {
    ...{ states: [], halfCycles: [], gaps: [], alarms: [], live: [] },
    storedSeq: 0,
    closed: null,
  };
  const links: LinkReport[] = [];
  const found: { port: BytePort | null; channel: RunChannel | null; refusal: AcmeRig['refusal'] } = {
    ...{ port: null, channel: null, refusal: null },
  };
  let path = '';
  const cycler = ACME.create({
    name: 'rig',
    clock,
    token: 'rig',
    openPort: (done) => {
      const [host, far] = createMemoryPortPair(clock);
      device.attach(far);
      found.port = far;
      clock.defer(() => done({ ok: true, port: host }));
    },
  });
  cycler.onLink((report) => {
    const before = links.at(-1) ?? null;
    links.push(report);
    if (found.channel !== null) passOn(found.channel, before, report);
  });
  onTestFinished(() => {
    cycler.close();
    store.close(() => undefined);
    rmSync(dataPath, { recursive: true, force: true });
  });
  cycler.start();
  clock.runUntil(() => links.length > 0 || clock.nowMs() > HOUR_MS);
  const [link] = links;
  if (link?.type !== 'up') throw new Error(`the device does not answer: ${JSON.stringify(link)}`);
  const { identity, capabilities } = link;
  startRun(
    {
      ...{ run: RUN, cycler, identity, capabilities, store, clock },
      request: {
        ...{ protocol: symmetricCycling, parameters, areaUcm2: 1_130_000, cell: SPECIMEN, channel: 1 },
      },
      settings: settingsOf({ acceptsNoDeadMan }),
      log: createLogger('silent'),
      feed: feedOf(told, clock),
    },
    (result) => {
      if (result.ok) [found.channel, path] = [result.channel, result.path];
      else found.refusal = { code: result.code };
    },
  );
  clock.runUntil(() => found.channel !== null || found.refusal !== null || clock.nowMs() > HOUR_MS);
  return {
    ...{ clock, device, cycler, told, links },
    get refusal() {
      return found.refusal;
    },
    channel: () => {
      if (found.channel === null) throw new Error(`the run was refused: ${found.refusal?.code ?? ''}`);
      return found.channel;
    },
    reader: () => openRunReader(path),
    cut: () => found.port?.close(),
  };
}
