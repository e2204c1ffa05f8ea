// Packets of the data port, little-endian (vendor's datareceiver.py):
//
//   u64 type ─ u64 length ─ body of `length` bytes
//
//   tracks    u64 count, then per track: u64 id, three NUL-ended strings (name, unit, flags)
//   sample    one f64 for each track
//   bulk      u64 index of the first row, then rows of one f64 for each track: all samples of a primitive
//   appendix  u64 track to sort by (or two), then rows: samples that were not sent live
//   header    u64 kind of measurement, u64 state, two NUL-ended strings (flags, name)
//
// Reading never throws and never guesses: a body that does not fit its type is null.

export const PACKET_TYPES = {
  tracks: 0xadddf00d11111111n,
  sample: 0xfeedda7a22222222n,
  bulk: 0xfeedda7a44444444n,
  appendix: 0xfeedda7a77777777n,
  header: 0xb007f00d11111111n,
} as const;

export type PacketName = keyof typeof PACKET_TYPES;

export const PREAMBLE_BYTES = 16;
const U64_BYTES = 8;
const F64_BYTES = 8;

/** Longest body that is believed. Bulk: 24 h at 100 Hz of three tracks is 200 MB. */
export const BODY_BYTES_MAX: Readonly<Record<PacketName, number>> = {
  tracks: 4096,
  sample: 64 * F64_BYTES,
  bulk: 256 * 1024 * 1024,
  appendix: 256 * 1024 * 1024,
  header: 4096,
};

/** States of a measurement. */
export const HEADER_STATES = {
  pending: 0,
  start: 1,
  running: 2,
  done: 3,
  finishing: 4,
  aborted: 5,
  cancelled: 6,
} as const;

export interface Track {
  readonly id: number;
  readonly name: string;
  readonly unit: string;
  readonly flags: string;
}

/** Values of one sample, in the order of the tracks. */
export type Row = readonly number[];

export type Packet =
  | { readonly type: 'tracks'; readonly tracks: readonly Track[] }
  | { readonly type: 'sample'; readonly values: Row }
  | { readonly type: 'bulk'; readonly start: number; readonly rows: readonly Row[] }
  | { readonly type: 'appendix'; readonly rows: readonly Row[] }
  | {
      readonly type: 'header';
      readonly measurement: number;
      readonly state: number;
      readonly flags: string;
      readonly name: string;
    };

const NAMES = new Map<bigint, PacketName>([
  [PACKET_TYPES.tracks, 'tracks'],
  [PACKET_TYPES.sample, 'sample'],
  [PACKET_TYPES.bulk, 'bulk'],
  [PACKET_TYPES.appendix, 'appendix'],
  [PACKET_TYPES.header, 'header'],
]);

/** Null for a type word that does not exist. */
export function packetNameOf(type: bigint): PacketName | null {
  return NAMES.get(type) ?? null;
}

/** `trackCount`: of the latest tracks packet; rows cannot be read without. Null: it does not fit. */
export function decodeBody(name: PacketName, body: Buffer, trackCount: number): Packet | null {
  switch (name) {
    case 'tracks':
      return decodeTracks(body);
    case 'header':
      return decodeHeader(body);
    case 'sample': {
      const [values, ...more] = rowsFrom(body, 0, trackCount) ?? [];
      return values === undefined || more.length > 0 ? null : { type: 'sample', values };
    }
    case 'bulk': {
      const rows = rowsFrom(body, U64_BYTES, trackCount);
      return rows === null ? null : { type: 'bulk', start: Number(body.readBigUInt64LE(0)), rows };
    }
    case 'appendix': {
      // The client reads one word; should an instrument send two, the length tells.
      const rows = rowsFrom(body, U64_BYTES, trackCount) ?? rowsFrom(body, 2 * U64_BYTES, trackCount);
      return rows === null ? null : { type: 'appendix', rows };
    }
  }
}

function decodeTracks(body: Buffer): Packet | null {
  const reader = new BodyReader(body);
  const count = reader.integer();
  const tracks: Track[] = [];
  while (tracks.length < count && !reader.isBroken) {
    tracks.push({
      id: reader.integer(),
      name: reader.text(),
      unit: reader.text(),
      flags: reader.text(),
    });
  }
  return reader.isDone && tracks.length > 0 ? { type: 'tracks', tracks } : null;
}

function decodeHeader(body: Buffer): Packet | null {
  const reader = new BodyReader(body);
  const [measurement, state] = [reader.integer(), reader.integer()];
  const [flags, name] = [reader.text(), reader.text()];
  return reader.isDone ? { type: 'header', measurement, state, flags, name } : null;
}

/** Null unless what stands from `offset` on are whole rows. */
function rowsFrom(body: Buffer, offset: number, trackCount: number): readonly Row[] | null {
  const rowBytes = trackCount * F64_BYTES;
  const bytes = body.length - offset;
  if (trackCount === 0 || bytes < 0 || bytes % rowBytes !== 0) return null;
  return Array.from({ length: bytes / rowBytes }, (_row, index) => {
    const at = offset + index * rowBytes;
    return Array.from({ length: trackCount }, (_value, track) => body.readDoubleLE(at + track * F64_BYTES));
  });
}

/** Reads fields one after the other; `isBroken` tells whether one of them was not there. */
class BodyReader {
  readonly #body: Buffer;
  #at = 0;
  #isBroken = false;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isDone(): boolean {
    return !this.#isBroken && this.#at === this.#body.length;
  }

  integer(): number {
    const end = this.#at + U64_BYTES;
    const value = end <= this.#body.length ? Number(this.#body.readBigUInt64LE(this.#at)) : Number.NaN;
    this.#at = end;
    if (Number.isSafeInteger(value)) return value;
    this.#isBroken = true;
    return 0;
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (this.#isBroken || end === -1) {
      this.#isBroken = true;
      return '';
    }
    const text = this.#body.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
