// Goal: `galvanode sim` puts every dialect on a pty and on TCP, where any client can ask who it is, and makes
// go wrong what it is told to. Method: the simulator as a process, and socat as a client that knows nothing
// of it; what crosses the line is the result.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, type Running, until } from './rig.ts';

interface Whereabouts {
  readonly port: string;
  readonly dataPort?: string;
}

interface Client {
  send(text: string): void;
  /** Resolves with every match of a global pattern once there are so many. */
  hears(pattern: RegExp, times?: number): Promise<readonly string[]>;
  end(): Promise<void>;
}

const HELLO = '@1 hello v=1 token=e2e';
const HELLO_FRAME = `${HELLO}*${(crc32(HELLO) >>> 0).toString(16).padStart(8, '0')}\n`;

/** What is asked, and the line of who answers. A serial number with SIM is all that tells a simulator. */
const IDENTITIES = [
  { dialect: 'gvn1', question: HELLO_FRAME, answer: /^@1 ack .* dev=sim-5 .*\n/gm },
  { dialect: 'methodscript', question: 't\n', answer: /^tes4_lr\w*#.*\n/gm },
  { dialect: 'methodscript', question: 'i\n', answer: /^i.*SIM0*5\n/gm },
  {
    dialect: 'keithley2400',
    question: '*IDN?\n',
    answer: /^KEITHLEY INSTRUMENTS INC\.,MODEL 2400,[^,]*SIM0*5,.*[\r\n]/gm,
  },
  { dialect: 'zahner', question: '*IDN?\n', answer: /^ZAHNER-ELEKTRIK,PP212,[^,]*SIM0*5,1\.1\.0\n/gm },
] as const;
const PLACES = ['pty', 'tcp'] as const;
const CASES = IDENTITIES.flatMap((row) => PLACES.map((place) => ({ ...row, place })));

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

async function simulator(place: 'pty' | 'tcp', ...args: readonly string[]): Promise<Running & Whereabouts> {
  const where = place === 'pty' ? ['--pty', rig.file('line')] : ['--tcp', '0'];
  const running = rig.galvanode('sim', ...where, '--seed', '5', ...args);
  return { ...running, ...whereaboutsOf(await running.says(/^\{.*\}$/m)) };
}

function whereaboutsOf(line: string): Whereabouts {
  return JSON.parse(line) as Whereabouts;
}

function connect(port: string): Client {
  const [, tcp] = /^tcp:\/\/(.*)$/.exec(port) ?? [];
  const address = tcp === undefined ? `${port},rawer` : `TCP:${tcp}`;
  const child: ChildProcessWithoutNullStreams = spawn('socat', ['-t', '0', '-', address], { env: rig.env });
  let heard = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => (heard += text));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    send: (text) => void child.stdin.write(text, 'latin1'),
    hears: async (pattern, times = 1) =>
      until(
        `${String(pattern)} from ${port}`,
        () => {
          const found = heard.match(pattern) ?? [];
          return found.length >= times ? found : undefined;
        },
        () => heard,
      ),
    end: async () => {
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function bootOf([hello = '']: readonly string[]): string {
  return / boot=(\d+) /.exec(hello)?.[1] ?? `no boot id in ${hello}`;
}

describe('galvanode sim', () => {
  it.each(CASES)('$dialect says who it is on $place: $answer', async (row) => {
    const { port } = await simulator(row.place, '--dialect', row.dialect);
    const client = connect(port);
    client.send(row.question);
    expect(await client.hears(row.answer)).toHaveLength(1);
    await client.end();
  });

  it.each(PLACES)('has the binary line of a Zahner beside its text line on %s', async (place) => {
    const { port, dataPort = '' } = await simulator(place, '--dialect', 'zahner');
    if (place === 'pty') expect(dataPort).toBe(`${port}.data`);
    else expect(Number(dataPort.split(':').at(-1))).toBe(Number(port.split(':').at(-1)) + 1);
    const data = connect(dataPort);
    const text = connect(port);
    text.send(':PARA:TMAX 0.2\n:MEAS:OCVS?\n');
    // Who only listens is there as well: the type of a bulk packet, 0xFEEDDA7A44444444, low byte first.
    await data.hears(/DDDDz\xda\xed\xfe/g);
    data.send('*IDN?\n');
    await data.hears(/ZAHNER-ELEKTRIK,PP212,.* binary/g);
    for (const client of [data, text]) await client.end();
  });

  it.each(IDENTITIES)('lets lines of $dialect come twice when it is told to: $answer', async (row) => {
    const { port } = await simulator('tcp', '--dialect', row.dialect, '--fault', 'double-lines=1');
    const client = connect(port);
    client.send(row.question);
    // The question comes twice as well.
    expect(await client.hears(row.answer, 4)).toHaveLength(4);
    await client.end();
  });

  it.each(PLACES)('comes back elsewhere on %s, and goes on measuring', async (place) => {
    const running = await simulator(place, '--fault', 're-enumerate@6');
    const before = connect(running.port);
    before.send(HELLO_FRAME);
    const boot = bootOf(await before.hears(IDENTITIES[0].answer));
    await running.says(/now on/);
    const { port } = whereaboutsOf(running.stdout().trim().split('\n').at(-1) ?? '');
    if (place === 'pty') {
      expect(port).toBe(`${running.port}.2`);
      expect(existsSync(running.port)).toBe(false);
    } else expect(port).not.toBe(running.port);
    const after = connect(port);
    after.send(HELLO_FRAME);
    expect(bootOf(await after.hears(IDENTITIES[0].answer))).toBe(boot);
    for (const client of [before, after]) await client.end();
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    expect(existsSync(port)).toBe(false);
  });
});

describe('what galvanode sim refuses', () => {
  it.each([
    [
      ['--fault', 'slient=3'],
      /^galvanode: "--fault": no fault "slient"; did you mean "silent"\? \[USAGE\]\n$/,
    ],
    [['--fault', 'late-z'], /^galvanode: "--fault": "late-z" is a fault of methodscript; gvn1 has .*\n$/],
    [['--dialect', 'zahner', '--channels', '2'], /^galvanode: "--channels": .* one channel.*\n$/],
    [['--dialect', 'gvn2'], /^galvanode: "--dialect": no "gvn2"; did you mean "gvn1"\? \[USAGE\]\n$/],
    [['--dialect', 'zahner', '--profile', 'PP21'], /^galvanode: "--profile": no "PP21"; .*\n$/],
    [['--profile', 'big'], /^galvanode: "--profile": gvn1 has but one model; leave it out \[USAGE\]\n$/],
  ] as const)('%j is a wrong call, said in one line', async (args, line) => {
    const { code, stderr, stdout } = await rig.cli('sim', '--tcp', '0', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
  });

  it('is found in its help, which begins with examples and lists every fault', async () => {
    const { code, stdout } = await rig.cli('sim', '--help');
    expect([code, stdout.startsWith('Examples:')]).toEqual([0, true]);
    for (const text of ['silent[=s][@s]', 'cell-short[=mohm][@s]', 'es4_lr', 'bare-zn']) {
      expect(stdout).toContain(text);
    }
  });
});
