import { readContainerHeader, SYNC_BYTES } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import { ByteSource } from './byte-source.ts';

/** Of a header; the archiver's has a few hundred bytes. */
const HEADER_BYTES_MAX = 65_536;

/** How a field's bytes are passed over: so many, a number of variable length, a length and so many, or one of these. */
type Step = number | 'long' | 'text' | readonly Step[];

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

/**
 * The ids in a file as ntppool/archiver writes it: Avro's object container, not compressed, a record
 * `logscore` for each row. Whatever is not wholly understood stops: an id that is not seen would be
 * landed again.
 *
 * @throws PermanentError `archive-file-unreadable`
 */
export async function archivedIds(
  name: string,
  parts: AsyncIterable<Uint8Array>,
  each: (id: number) => void,
): Promise<void> {
  const source = new ByteSource(parts);
  try {
    await source.has(HEADER_BYTES_MAX);
    const header = readContainerHeader(source.peek(HEADER_BYTES_MAX));
    if (header === null) throw new Unreadable('it does not begin as an Avro file');
    const { 'avro.codec': codec = 'null', 'avro.schema': schema = '' } = header;
    if (codec !== 'null') throw new Unreadable(`it is compressed with ${codec}`);
    const steps = stepsOf(schema);
    const sync = await skipHeader(source);
    while (await source.has(1)) {
      const rows = await source.long();
      const datums = await source.bytes(await source.long());
      readIds(datums, rows, steps, each);
      if (!(await source.bytes(SYNC_BYTES)).equals(sync))
        throw new Unreadable('a block does not end as it should');
    }
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof RangeError)) throw error;
    throw new PermanentError(`the archiver’s file ${name} cannot be read: ${error.message}`, {
      code: 'archive-file-unreadable',
      remedy:
        'Find out which rows it has. Move it away to have these landed again, in files of this sink; or put a whole one in its place.',
      cause: error,
    });
  }
}

class Unreadable extends Error {}

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
  const name = typeof type === 'object' && type !== null ? (type as RecordSchema).type : type;
  const step = typeof name === 'string' ? STEPS[name] : undefined;
  if (step === undefined) throw new Unreadable(`a field is ${JSON.stringify(type)}`);
  return step;
}

function readIds(datums: Buffer, rows: number, layout: Layout, each: (id: number) => void): void {
  const walk = new Walk(datums);
  for (let row = 0; row < rows; row++) {
    for (const step of layout.before) walk.over(step);
    const id = walk.long();
    if (!Number.isSafeInteger(id) || id < 0) throw new Unreadable(`an id is ${id}`);
    each(id);
    for (const step of layout.after) walk.over(step);
  }
  if (walk.at !== datums.length)
    throw new Unreadable(`a block of ${rows} rows has ${datums.length} bytes, not ${walk.at}`);
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
    else this.over(this.#branch(step));
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
