// What the control socket understands: the run commands of the command line, checked field by field.
// Never trusts the client: it may be of another version.
import { z } from 'zod';
import { GalvanodeError } from '../base/errors.ts';
import type { Bench } from './bench.ts';
import type { HandleControl } from './control-server.ts';

const text = z.string().max(1000).nullable();
const orderSchema = z.strictObject({
  protocol: z.string(),
  protocolSource: z
    .strictObject({ fileName: z.string().max(1000), text: z.string().max(262_144) })
    .optional(),
  cycler: z.string(),
  channel: z.int().min(1),
  areaUcm2: z.int().min(1),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  cell: z.strictObject({
    sampleId: text,
    workingElectrode: text,
    counterElectrode: text,
    electrolyte: text,
    separator: text,
    operator: text,
    notes: text,
  }),
});
const aboutRunSchema = z.strictObject({ run: z.string().min(1), reason: z.string().max(1000) });
const setSchema = aboutRunSchema.extend({ parameters: orderSchema.shape.parameters });

const ORDERS = {
  'run.pause': 'pause',
  'run.resume': 'resume',
  'run.skip': 'skip',
  'run.finish': 'finish',
} as const;

export function handleControl(bench: Bench): HandleControl {
  return (request, reply) => {
    switch (request.method) {
      case 'run.start':
        bench.startRun(checked(orderSchema, request.params), reply);
        return;
      case 'run.list':
        reply({ ok: true, value: bench.runs() });
        return;
      case 'run.stop': {
        const { run, reason } = checked(aboutRunSchema, request.params);
        bench.stopRun(runNamed(bench, run), reason, reply);
        return;
      }
      case 'run.pause':
      case 'run.resume':
      case 'run.skip':
      case 'run.finish': {
        const { run, reason } = checked(aboutRunSchema, request.params);
        reply(bench.orderRun(runNamed(bench, run), { order: ORDERS[request.method], reason }));
        return;
      }
      case 'run.set': {
        const { run, ...asked } = checked(setSchema, request.params);
        reply(bench.orderRun(runNamed(bench, run), { order: 'set', ...asked }));
        return;
      }
      default:
        throw new GalvanodeError('USAGE', `unknown control method "${request.method}"`);
    }
  };
}

/** By its identifier or a unique prefix of it. */
function runNamed(bench: Bench, name: string): string {
  const found = bench.runs().filter((summary) => summary.run.startsWith(name.toUpperCase()));
  const [only] = found;
  if (only === undefined) throw new GalvanodeError('RUN_UNKNOWN', `no run "${name}"; see galvanode run list`);
  if (found.length > 1)
    throw new GalvanodeError('RUN_UNKNOWN', `"${name}" means ${found.length} runs; write more of it`);
  return only.run;
}

function checked<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GalvanodeError(
    'USAGE',
    `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not understood'}`,
  );
}
