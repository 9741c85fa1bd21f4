import avro from 'avsc';

import { type Datum, rowOf } from './datum.ts';
import { readSide, type Side } from './side.ts';

/** Where Avro files are kept: asked as anybody would ask who has never heard of the sink. */
export interface AvroFiles {
  /** Every one that is there. */
  names(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
}

/** A destination of files, read by avsc with the schema in each file's header. */
export function readAvroSide(name: string, files: AvroFiles): Promise<Side> {
  return readSide(name, async (visit) => {
    for (const file of await files.names()) {
      const where = (): string => file;
      await decode(file, await files.read(file), (datum) => visit(rowOf(datum), where));
    }
  });
}

function decode(file: string, bytes: Uint8Array, visit: (datum: Datum) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new Error(`${file} does not decode: ${String(cause)}`, { cause }));
    // The codecs null and deflate.
    const decoder = new avro.streams.BlockDecoder();
    decoder.on('data', (datum: Datum) => {
      try {
        visit(datum);
      } catch (error) {
        fail(error);
      }
    });
    let hasHeader = false;
    decoder.on('metadata', () => (hasHeader = true));
    decoder.on('error', fail);
    // A block that is cut off is left out without a word: its rows are missing then.
    decoder.on('end', () => (hasHeader ? resolve() : fail('it ends before its header does')));
    decoder.end(bytes);
  });
}
