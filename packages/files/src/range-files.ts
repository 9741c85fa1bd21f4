import type { Range } from '@scoreline/landing';
import { unlessAborted } from '@scoreline/service';

import { DayFiles, type DayFilesOptions } from './day-files.ts';
import { fileError } from './file-error.ts';
import { MadeFiles } from './made-files.ts';
import type { NewObject } from './object-store.ts';

/**
 * Makes the files of ranges, of one range at a time: that bounds the memory, and costs nothing, since
 * it is the processor that is waited for. What was made is kept while the same write is repeated.
 */
export class RangeFiles {
  readonly #options: DayFilesOptions;
  readonly #made = new Map<string, MadeFiles>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Omit<DayFilesOptions, 'spares'>) {
    this.#options = { ...options, spares: [] };
  }

  /**
   * A disk may hang for hours: who has lost the partition does not wait for it.
   *
   * @param signal of the write: when it is aborted the files go, as soon as the disk lets them.
   */
  open(range: Range, signal: AbortSignal): Promise<MadeFiles> {
    return unlessAborted(this.#open(range, signal), signal);
  }

  async #open(range: Range, signal: AbortSignal): Promise<MadeFiles> {
    const before = this.#made.get(range.identity);
    if (before !== undefined) {
      if (await before.areThere()) return before;
      await before.close();
    }
    const turn = this.#turn.then(() => this.#make(range, signal));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #make(range: Range, signal: AbortSignal): Promise<MadeFiles> {
    const days = new DayFiles(range, this.#options);
    try {
      signal.throwIfAborted();
      for await (const chunk of range.chunks()) {
        signal.throwIfAborted();
        await days.add(chunk);
      }
      const objects = await days.finish();
      signal.throwIfAborted();
      return this.#keep(range.identity, objects, signal);
    } catch (error) {
      await days.discard();
      throw fileError(error, `making the files of ${range.identity}`);
    }
  }

  #keep(identity: string, objects: readonly NewObject[], signal: AbortSignal): MadeFiles {
    const forget = () => {
      if (this.#made.get(identity) === made) this.#made.delete(identity);
    };
    const made = new MadeFiles(objects, { files: this.#options.files, forget });
    this.#made.set(identity, made);
    made.closeOn(signal);
    return made;
  }
}
