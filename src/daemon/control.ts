// What the control socket understands: the run commands of the command line, checked field by field.
// Never trusts the client: it may be of another version.
import { z } from 'zod';
import { GalvanodeError } from '../base/errors.ts';
import type { Bench } from './bench.ts';
import type { HandleControl } from './control-server.ts';

const text = z.string().max(1000).nullable();
const orderSchema = z.strictObject({
  protocol: z.string(),
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
const stopSchema = z.strictObject({ run: z.string().min(1), reason: z.string().max(1000) });

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
        const { run, reason } = checked(stopSchema, request.params);
        const found = bench.runs().filter((summary) => summary.run.startsWith(run.toUpperCase()));
        const [only] = found;
        if (only === undefined)
          throw new GalvanodeError('RUN_UNKNOWN', `no run "${run}"; see galvanode run list`);
        if (found.length > 1)
          throw new GalvanodeError('RUN_UNKNOWN', `"${run}" means ${found.length} runs; write more of it`);
        bench.stopRun(only.run, reason, reply);
        return;
      }
      default:
        throw new GalvanodeError('USAGE', `unknown control method "${request.method}"`);
    }
  };
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
