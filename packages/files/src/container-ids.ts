import { readContainerHeader, SYNC_BYTES } from '@scoreline/schema';

import { ByteSource } from './byte-source.ts';

/** Of a header; the archiver's has a few hundred bytes, ours more. */
const HEADER_BYTES_MAX = 65_536;

/** How a field's bytes are passed over: so many, a number of variable length, a length and so many, one of these, or many by their names. */
type Step = number | 'long' | 'text' | readonly Step[] | { readonly mapOf: Step };

const STEPS: Readonly<Record<string, Step>> = {
  null: 0,
  boolean: 1,
  float: 4,
  double: 8,
  int: 'long',
  long: 'long',
  string: 'text',
  bytes: 'text',
};

/** Rows of one block. */
export interface IdBlock {
  readonly ids: Float64Array;
  /** As they were before they were compressed, back to back. Valid until the next block. */
  readonly datums: Buffer;
}

/** What a block was before the codec that `avro.codec` names. */
export type Decode = (codec: string, block: Buffer) => Buffer | Promise<Buffer>;

/**
 * The ids in an Avro object container, whatever else its records have, a block at a time. Whatever is not wholly
 * understood stops.
 *
 * @throws Unreadable or RangeError when the bytes are no such container, or end too early.
 */
export async function* containerIds(
  parts: AsyncIterable<Uint8Array>,
  decode: Decode,
): AsyncGenerator<IdBlock, void> {
  const source = new ByteSource(parts);
  await source.has(HEADER_BYTES_MAX);
  const header = readContainerHeader(source.peek(HEADER_BYTES_MAX));
  if (header === null) throw new Unreadable('it does not begin as an Avro file');
  const { 'avro.codec': codec = 'null', 'avro.schema': schema = '' } = header;
  const steps = stepsOf(schema);
  const sync = await skipHeader(source);
  while (await source.has(1)) {
    const rows = await source.long();
    const datums = await decode(codec, await source.bytes(await source.long()));
    yield { ids: readIds(datums, rows, steps), datums };
    if (!(await source.bytes(SYNC_BYTES)).equals(sync))
      throw new Unreadable('a block does not end as it should');
  }
}

/** Bytes that are not what they should be. */
export class Unreadable extends Error {}

/** To the first block. */
async function skipHeader(source: ByteSource): Promise<Buffer> {
  await source.bytes('Obj1'.length);
  for (let entries = await source.long(); entries !== 0; entries = await source.long()) {
    if (entries < 0) await source.long();
    for (let left = Math.abs(entries) * 2; left > 0; left--) {
      await source.bytes(await source.long());
    }
  }
  return Buffer.from(await source.bytes(SYNC_BYTES));
}

interface Layout {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

function stepsOf(schemaJson: string): Layout {
  const { type, fields } = parse(schemaJson);
  const id = fields?.findIndex(({ name }) => name === 'id') ?? -1;
  if (type !== 'record' || fields === undefined || id < 0)
    throw new Unreadable(`its schema has no id: ${schemaJson.slice(0, 200)}`);
  const steps = fields.map((field) => stepOf(field.type));
  if (steps[id] !== 'long') throw new Unreadable('its ids are no numbers');
  return { before: steps.slice(0, id), after: steps.slice(id + 1) };
}

interface RecordSchema {
  readonly type?: unknown;
  readonly fields?: readonly { readonly name?: unknown; readonly type?: unknown }[];
}

function parse(schemaJson: string): RecordSchema {
  try {
    return JSON.parse(schemaJson) as RecordSchema;
  } catch {
    throw new Unreadable('its schema is no JSON');
  }
}

function stepOf(type: unknown): Step {
  if (Array.isArray(type)) return type.map(stepOf);
  const { type: kind, values } = (type ?? {}) as {
    readonly type?: unknown;
    readonly values?: unknown;
  };
  if (kind === 'map') return { mapOf: stepOf(values) };
  const name = typeof type === 'object' && type !== null ? (type as RecordSchema).type : type;
  const step = typeof name === 'string' ? STEPS[name] : undefined;
  if (step === undefined) throw new Unreadable(`a field is ${JSON.stringify(type)}`);
  return step;
}

function readIds(datums: Buffer, rows: number, layout: Layout): Float64Array {
  const walk = new Walk(datums);
  // None is shorter than a byte.
  if (rows > datums.length) throw new Unreadable('a block ends within a row');
  const ids = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (const step of layout.before) walk.over(step);
    const id = walk.long();
    if (!Number.isSafeInteger(id) || id < 0) throw new Unreadable(`an id is ${id}`);
    ids[row] = id;
    for (const step of layout.after) walk.over(step);
  }
  if (walk.at !== datums.length)
    throw new Unreadable(`a block of ${rows} rows has ${datums.length} bytes, not ${walk.at}`);
  return ids;
}

class Walk {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  long(): number {
    let byte = this.#next();
    const sign = byte & 1;
    let magnitude = (byte & 0x7f) >> 1;
    for (let scale = 64; byte > 0x7f; scale *= 128) {
      byte = this.#next();
      magnitude += (byte & 0x7f) * scale;
    }
    return sign === 1 ? -magnitude - 1 : magnitude;
  }

  over(step: Step): void {
    if (typeof step === 'number') this.at += step;
    else if (step === 'long') this.long();
    else if (step === 'text') this.#text();
    else if ('mapOf' in step) this.#map(step.mapOf);
    else this.over(this.#branch(step));
  }

  /** Blocks of entries up to an empty one; a negative count has the block's bytes behind it. */
  #map(values: Step): void {
    for (let count = this.long(); count !== 0; count = this.long()) {
      if (count < 0) this.long();
      for (let left = Math.abs(count); left > 0; left--) {
        this.#text();
        this.over(values);
      }
    }
  }

  #text(): void {
    const length = this.long();
    if (length < 0) throw new Unreadable(`a text has ${length} bytes`);
    this.at += length;
  }

  #branch(branches: readonly Step[]): Step {
    const branch = branches[this.long()];
    if (branch === undefined) throw new Unreadable('a value is of no type of its union');
    return branch;
  }

  #next(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Unreadable('a block ends within a row');
    return byte;
  }
}
