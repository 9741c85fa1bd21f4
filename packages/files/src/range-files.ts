import type { Range } from '@scoreline/landing';

import { DayFiles, type DayFilesOptions } from './day-files.ts';
import { fileError } from './file-error.ts';
import { MadeFiles } from './made-files.ts';

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

  /** @param signal of the write: when it is aborted the files go. */
  async open(range: Range, signal: AbortSignal): Promise<MadeFiles> {
    const { identity } = range;
    const before = this.#made.get(identity);
    if (before !== undefined) {
      if (await before.areThere()) return before;
      await before.close();
    }
    const turn = this.#turn.then(() => this.#make(range, signal));
    this.#turn = turn.catch(() => {});
    const objects = await turn;
    const forget = () => {
      if (this.#made.get(identity) === made) this.#made.delete(identity);
    };
    const made = new MadeFiles(objects, { files: this.#options.files, forget });
    if (signal.aborted) {
      await made.close();
      signal.throwIfAborted();
    }
    this.#made.set(identity, made);
    made.closeOn(signal);
    return made;
  }

  async #make(range: Range, signal: AbortSignal) {
    const days = new DayFiles(range, this.#options);
    try {
      signal.throwIfAborted();
      for await (const chunk of range.chunks()) {
        signal.throwIfAborted();
        await days.add(chunk);
      }
      return await days.finish();
    } catch (error) {
      await days.discard();
      throw fileError(error, `making the files of ${range.identity}`);
    }
  }
}
