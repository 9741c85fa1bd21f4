import type {
  AskedIds,
  Destination,
  Range,
  RangeLimits,
  Sink,
  WriteAttempt,
} from '@scoreline/landing';
import { type Logger, PermanentError, RetryableError, unlessAborted } from '@scoreline/service';

import { Archive } from './archive.ts';
import { codecOf, type CodecName } from './codec.ts';
import { type FileSystem, nodeFiles } from './file-system.ts';
import { HeldFiles } from './held-files.ts';
import { checkSame } from './metadata.ts';
import type { ObjectMetrics } from './metrics.ts';
import type { NewObject, ObjectStore } from './object-store.ts';
import { RangeFiles } from './range-files.ts';
import { restBesideArchive } from './rest-beside-archive.ts';
import { WorkFolder } from './work-folder.ts';

export interface ObjectSinkOptions {
  /** `gcs`: see `Sink.name`. */
  readonly name: string;
  /** Its files' names begin with one of them. */
  readonly topics: readonly string[];
  /** All that there may be files of, where others land some of them: `topics`, unless it is said. */
  readonly allTopics?: readonly string[];
  readonly limits: RangeLimits;
  readonly store: ObjectStore;
  readonly codec: CodecName;
  /** Rows of one Avro block at most. */
  readonly blockRows: number;
  /** Where files are made. A folder of its own in there is removed again, those of dead processes too. */
  readonly workFolder: string;
  readonly log: Logger;
  readonly metrics: ObjectMetrics;
  readonly files?: FileSystem;
}

/**
 * Lands a range as one Avro file for each UTC day in it, in a store in which files appear whole and
 * are never replaced. Their names have the whole range's offsets, and ranges are repeated exactly, so
 * a file that is there already is this range's: its metadata must say so. Rows that an archiver's files
 * have, where the group has begun beside those, are left out.
 */
export class ObjectSink implements Sink {
  readonly name: string;
  readonly limits: RangeLimits;
  /** Files want to be large: a range may hold ten million rows. */
  readonly spools = true;
  readonly #options: ObjectSinkOptions;
  readonly #work: WorkFolder;
  readonly #ranges: RangeFiles;
  readonly #archive: Archive | null;
  readonly #held: HeldFiles;
  readonly heldUpTo?: (signal: AbortSignal, topic: string) => Promise<number | null>;
  /** Topics of which there are files. */
  readonly #holding = new Set<string>();

  /** @throws ConfigError when this Node has no such codec. */
  constructor(options: ObjectSinkOptions) {
    const { name, limits, codec, blockRows, workFolder, log, files = nodeFiles } = options;
    this.name = name;
    this.limits = limits;
    this.#options = options;
    this.#work = new WorkFolder(workFolder, { files, log });
    this.#ranges = new RangeFiles({ work: this.#work, codec: codecOf(codec), blockRows, files });
    const { store, topics, allTopics = topics } = options;
    this.#held = new HeldFiles(
      store,
      allTopics.map((topic) => `${topic}/`),
    );
    const archive = options.store.archive === undefined ? null : new Archive(options.store.archive);
    this.#archive = archive;
    if (archive !== null) {
      this.heldUpTo = (signal, topic) => this.#heldUpTo(archive, topic, signal);
    }
  }

  async start(signal: AbortSignal): Promise<Destination> {
    const { store, topics } = this.#options;
    // First, since the working folder may lie in what the store has to find.
    const found = new Map<string, Destination>();
    for (const topic of topics) found.set(topic, await store.start(`${topic}/`, signal));
    await this.#work.start();
    const holding = topics.filter((topic) => found.get(topic)!.holdsRows);
    for (const topic of holding) this.#holding.add(topic);
    const [destination] = found.values();
    return { ...destination!, holdsRows: holding.length > 0, topics: holding };
  }

  async write(whole: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const range =
      this.#archive === null
        ? whole
        : await restBesideArchive(this.#archive, whole, attempt, { log, signal });
    if (range === null) return;
    // Whether an earlier attempt has come far is asked of the store, file by file.
    const files = await this.#ranges.open(range, signal);
    for (let next = files.next(); next !== null; next = files.next()) {
      signal.throwIfAborted();
      await this.#store(next, signal);
      await unlessAborted(files.stored(next), signal);
    }
    this.#holding.add(range.topic);
    await unlessAborted(files.close(), signal);
  }

  heldIds(ids: AskedIds, signal: AbortSignal): AsyncIterable<Float64Array> {
    return this.#held.ids(ids, signal);
  }

  async stop(): Promise<void> {
    await this.#options.store.stop();
    await this.#work.stop();
  }

  /** Of the archiver's files only: which rows are in our own their offsets tell. */
  async #heldUpTo(archive: Archive, topic: string, signal: AbortSignal): Promise<number | null> {
    if (!this.#holding.has(topic)) return archive.highest(signal);
    throw new PermanentError(
      `existing_rows=anti-join: there are files of ${topic} already, and the group has no offset for all of its partitions`,
      {
        code: 'offset-missing',
        remedy:
          'Only an archiver’s files are asked for their rows, not those that this sink has made. Find out from them what has landed, remove existing_rows, and say where to go on: accept_offset.',
      },
    );
  }

  async #store(object: NewObject, signal: AbortSignal): Promise<void> {
    const { name: sink, store, metrics, log } = this.#options;
    const outcome = await store.create(object, signal);
    if (outcome === 'created') metrics.bytes.inc({ sink }, object.size);
    else await this.#compare(object, signal);
    metrics.objects.inc({ sink, outcome });
    log.debug({ object: object.name, size: object.size, outcome }, 'stored');
  }

  async #compare(object: NewObject, signal: AbortSignal): Promise<void> {
    const found = await this.#options.store.stat(object.name, signal);
    if (found === null) {
      throw new RetryableError(`${object.name} was there, and is not any more`, {
        code: 'object-vanished',
        remedy: 'Find out who deletes files there: rows that have landed would be missing.',
      });
    }
    const difference = checkSame(object, found);
    if (difference === null) return;
    throw new PermanentError(`${object.name} is there with other content: ${difference}`, {
      code: 'object-differs',
      remedy:
        'It is another pipeline’s, or was changed: nothing was replaced. See which of the two is right, and move the other one away.',
    });
  }
}
