import { PermanentError } from '@scoreline/service';

import type { ArchiveFile } from './archive-files.ts';
import { containerIds, Unreadable } from './container-ids.ts';

/**
 * The ids in a file as ntppool/archiver writes it: Avro's object container, not compressed, a record
 * `logscore` for each row, a block at a time. Whatever is not wholly understood stops: an id that is not seen
 * would be landed again. So does an id below the one that the name tells: files are chosen by that.
 *
 * @throws PermanentError `archive-file-unreadable`
 */
export async function* archivedIds(
  { name, firstId }: ArchiveFile,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<Float64Array, void> {
  try {
    for await (const { ids } of containerIds(parts, asItIs)) {
      for (const id of ids)
        if (id < firstId) throw new Unreadable(`the id ${id} is below the first one`);
      yield ids;
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

function asItIs(codec: string, block: Buffer): Buffer {
  if (codec === 'null') return block;
  throw new Unreadable(`it is compressed with ${codec}`);
}
