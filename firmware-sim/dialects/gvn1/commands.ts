// Every command of gvn1 as data: its fields, whether it needs a session, and what carries it out.
// The checks common to all are made here, in the order of GVN1.md section 9:
// session, field syntax, channel number, token; state, fault and values are the command's own.
import type { Feature } from '../../board/instrument.ts';
import { type Answer, nak, refuseOutside } from './answer.ts';
import {
  clearFault,
  closeRun,
  commitJob,
  openRun,
  renewLease,
  reportStatus,
  stageJob,
  stageNode,
  switchOff,
} from './channel-commands.ts';
import { type FieldTable, parseFields } from './fields.ts';
import type { Frame } from './frame.ts';
import { nodeFields } from './node-command.ts';
import { readClock, sayHello } from './port-commands.ts';
import { replayEnds, replayRecorded, setFlush, setLive } from './report-commands.ts';
import type { ChannelCommand, PortCommand, PortSession } from './session.ts';

type Command = {
  /** Where they depend on what the device has announced, by that. */
  readonly fields: FieldTable | ((features: readonly Feature[]) => FieldTable);
  readonly isWithoutSession?: true;
} & (
  | { readonly scope: 'port'; readonly run: (command: PortCommand) => Answer }
  | { readonly scope: 'channel'; readonly run: (command: ChannelCommand) => Answer }
);

const INTEGER = { kind: 'integer', isOptional: false } as const;
const WORD = { kind: 'word', isOptional: false } as const;
const JOB = { kind: 'job', isOptional: false } as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  hello: {
    scope: 'port',
    fields: { v: INTEGER, token: WORD, force: { kind: 'one', isOptional: true } },
    isWithoutSession: true,
    run: sayHello,
  },
  clock: { scope: 'port', fields: {}, run: readClock },
  stat: { scope: 'channel', fields: { ch: INTEGER }, run: reportStatus },
  open: {
    scope: 'channel',
    fields: {
      ch: INTEGER,
      run: WORD,
      range: INTEGER,
      vhi_nv: INTEGER,
      vlo_nv: INTEGER,
      ihi_pa: INTEGER,
      qhi_nc: INTEGER,
      token: WORD,
    },
    run: openRun,
  },
  close: { scope: 'channel', fields: { ch: INTEGER, run: WORD }, run: closeRun },
  job: { scope: 'channel', fields: { ch: INTEGER, job: JOB, nodes: INTEGER }, run: stageJob },
  node: { scope: 'channel', fields: nodeFields, run: stageNode },
  commit: { scope: 'channel', fields: { ch: INTEGER, job: JOB, token: WORD }, run: commitJob },
  lease: {
    scope: 'channel',
    fields: { ch: INTEGER, token: WORD, t_us: INTEGER, policy: { kind: 'policy', isOptional: false } },
    run: renewLease,
  },
  off: { scope: 'channel', fields: { ch: INTEGER }, isWithoutSession: true, run: switchOff },
  clr: { scope: 'channel', fields: { ch: INTEGER, fault: WORD }, run: clearFault },
  live: { scope: 'channel', fields: { ch: INTEGER, p_us: INTEGER }, run: setLive },
  flush: { scope: 'channel', fields: { ch: INTEGER, p_us: INTEGER }, run: setFlush },
  replay: { scope: 'channel', fields: { ch: INTEGER, from: INTEGER, to: INTEGER }, run: replayRecorded },
  ends: { scope: 'channel', fields: { ch: INTEGER, from: INTEGER }, run: replayEnds },
};

/** Carries out one valid frame. */
export function execute(port: PortSession, frame: Frame): Answer {
  const command = Object.hasOwn(COMMANDS, frame.type) ? COMMANDS[frame.type] : undefined;
  if (port.token === null && command?.isWithoutSession !== true) return nak('NOSESSION');
  if (command === undefined) return nak('BADCMD');
  const foreign = frame.type === 'hello' ? foreignVersion(frame.payload) : null;
  if (foreign !== null) return foreign;
  const table =
    typeof command.fields === 'function' ? command.fields(port.instrument.features) : command.fields;
  const parsed = parseFields(frame.payload, table);
  if (!parsed.ok) return nak('BADARG', { key: parsed.key === '' ? '-' : parsed.key });
  const { fields } = parsed;
  const { payload } = frame;
  if (command.scope === 'port') return command.run({ port, fields, payload });
  const channel = port.channels[fields.integer('ch') - 1];
  if (channel === undefined) {
    return refuseOutside('ch', fields.integer('ch'), 1, port.channels.length) ?? nak('BADARG', { key: 'ch' });
  }
  const isForeign = 'token' in table && fields.text('token') !== port.token;
  return isForeign ? nak('OWNER') : command.run({ port, channel, fields, payload });
}

/** A later version's `hello` may have fields this one does not know: the version is looked at before them. */
function foreignVersion(payload: string): Answer | null {
  const version = /(?:^| )v=(0|[1-9]\d*)(?: |$)/.exec(payload)?.[1];
  return version === undefined || version === '1' ? null : nak('VERSION', { v: 1 });
}
