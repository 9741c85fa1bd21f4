import type { FileSystem } from './file-system.ts';
import type { NewObject } from './object-store.ts';

export interface MadeFilesOptions {
  readonly files: FileSystem;
  /** Called when they are closed. */
  readonly forget: () => void;
}

/** A range's finished files, until each is stored. */
export class MadeFiles {
  readonly #options: MadeFilesOptions;
  #left: readonly NewObject[];
  #stopListening = () => {};

  constructor(objects: readonly NewObject[], options: MadeFilesOptions) {
    this.#left = objects;
    this.#options = options;
  }

  /** The oldest day that is not stored, null when all are. */
  next(): NewObject | null {
    return this.#left[0] ?? null;
  }

  async stored(object: NewObject): Promise<void> {
    this.#left = this.#left.filter((one) => one !== object);
    await this.#options.files.rm(object.path, { force: true });
  }

  /** Somebody may have cleaned up. */
  async areThere(): Promise<boolean> {
    try {
      for (const { path } of this.#left) await this.#options.files.access(path);
      return true;
    } catch {
      return false;
    }
  }

  closeOn(signal: AbortSignal): void {
    // What cannot be removed now goes with the whole working folder.
    const close = () => void this.close().catch(() => {});
    signal.addEventListener('abort', close, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', close);
  }

  async close(): Promise<void> {
    this.#options.forget();
    this.#stopListening();
    const left = this.#left;
    this.#left = [];
    for (const { path } of left) await this.#options.files.rm(path, { force: true });
  }
}
