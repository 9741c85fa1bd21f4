import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import avro from 'avsc';

import type { Datum } from './compare/datum.ts';
import { folderFiles } from './compare/folder-files.ts';
import type { Plant } from './options.ts';

/** Damages one row in the files of a folder, and resolves with what was done: that file is written anew. */
export async function plantInFiles(damage: Plant['damage'], folder: string): Promise<string> {
  const files = folderFiles(folder);
  const [name] = await files.names();
  if (name === undefined) throw new Error(`${folder} has no file with a row to damage`);
  const { type, datums } = await decode(await files.read(name));
  const [first, ...others] = datums;
  if (first === undefined) throw new Error(`${name} has no row to damage`);
  await writeFile(join(folder, name), await encode(type, damaged(damage, first, others)));
  const done = { drop: 'left out', dup: 'doubled', flip: 'flipped the last bit of score of' };
  return `${done[damage]} row ${first.id} in ${name}`;
}

function damaged(damage: Plant['damage'], first: Datum, others: readonly Datum[]): Datum[] {
  switch (damage) {
    case 'drop':
      return [...others];
    case 'dup':
      return [first, first, ...others];
    case 'flip':
      return [{ ...first, score: flipped(first.score) }, ...others];
    default:
      return damage satisfies never;
  }
}

function flipped(value: number): number {
  const bits = new BigUint64Array(Float64Array.of(value).buffer);
  bits[0] = (bits[0] ?? 0n) ^ 1n;
  return new Float64Array(bits.buffer)[0] ?? value;
}

async function decode(bytes: Uint8Array): Promise<{ type: avro.Type; datums: Datum[] }> {
  const decoder = new avro.streams.BlockDecoder();
  const datums: Datum[] = [];
  let type: avro.Type | undefined;
  decoder.on('metadata', (found: avro.Type) => (type = found));
  decoder.on('data', (datum: Datum) => datums.push(datum));
  decoder.end(bytes);
  await once(decoder, 'end');
  if (type === undefined) throw new Error('the file has no header');
  return { type, datums };
}

async function encode(type: avro.Type, datums: readonly Datum[]): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(type, { codec: 'deflate' });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const datum of datums) encoder.write(datum);
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(chunks);
}
