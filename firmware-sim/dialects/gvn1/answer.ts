// Answers to commands: `ack` with fields, or `nak` with a code of GVN1.md section 9. Values, never
// exceptions.

export type NakCode =
  | 'BADCMD'
  | 'BADARG'
  | 'RANGE'
  | 'VERSION'
  | 'NOSESSION'
  | 'BUSY'
  | 'OWNER'
  | 'STATE'
  | 'RUN'
  | 'SLOTS'
  | 'JOBCRC'
  | 'STALE'
  | 'STEPNO'
  | 'NOLEASE'
  | 'FAULT';

export type Answer =
  | {
      readonly type: 'ack';
      readonly payload: string;
      /** Frames that the command asked for; they follow the answer. */
      readonly andThen?: () => void;
    }
  | { readonly type: 'nak'; readonly payload: string };

export const ACK: Answer = { type: 'ack', payload: '' };

export function ack(fields: Readonly<Record<string, string | number>>, andThen?: () => void): Answer {
  const payload = fieldsText(fields);
  return andThen === undefined ? { type: 'ack', payload } : { type: 'ack', payload, andThen };
}

export function nak(code: NakCode, fields: Readonly<Record<string, string | number>> = {}): Answer {
  return { type: 'nak', payload: fieldsText({ code, ...fields }) };
}

/** Refuses `value` outside [`min`, `max`]; null when it is inside. */
export function refuseOutside(key: string, value: number, min: number, max: number): Answer | null {
  return value >= min && value <= max ? null : nak('RANGE', { key, min, max });
}

function fieldsText(fields: Readonly<Record<string, string | number>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
