import { type BinlogPosition, comparePositions, type EventProof } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

/** Behind the file's magic bytes. */
export const FILE_START = 4;
/** The dump protocol's positions have 32 bits. */
const MAX_START = 0xffff_ffff;

/**
 * Where capture goes on, and how that place is known again: by the bytes of the event before it. A
 * server that was restored to an earlier state takes an old position without a word, and may have
 * other rows behind it under the same ids.
 */
export class ResumePoint {
  readonly #position: BinlogPosition;
  readonly #event: EventProof | null;

  constructor(position: BinlogPosition, event: EventProof | null) {
    this.#position = position;
    this.#event = event;
  }

  get position(): BinlogPosition {
    return this.#position;
  }

  get event(): EventProof | null {
    return this.#event;
  }

  /** Where to begin the dump: with the remembered event; where there is none, or it is too far, its file. */
  get dumpFrom(): BinlogPosition {
    const from = this.#event?.start ?? FILE_START;
    return { file: this.#position.file, offset: from > MAX_START ? FILE_START : from };
  }

  /**
   * Told of each event of the stream until it returns true: the next event is the first new one.
   *
   * @throws PermanentError `source-rewound`
   */
  passes(seen: EventProof): boolean {
    const order = comparePositions({ file: seen.file, offset: seen.end }, this.#position);
    if (order < 0) {
      if (this.#event !== null && overlaps(seen, this.#event)) throw this.rewound(describe(seen));
      return false;
    }
    if (order > 0) throw this.rewound(describe(seen));
    const event = this.#event;
    if (event !== null && (seen.start !== event.start || seen.crc32 !== event.crc32)) {
      throw this.rewound(describe(seen));
    }
    return true;
  }

  rewound(seen: string, cause?: unknown): PermanentError {
    const wanted =
      this.#event === null
        ? `an event that ends at ${this.#position.file}:${this.#position.offset}`
        : describe(this.#event);
    return new PermanentError(
      `the source was rewound or rebuilt: the checkpoint remembers ${wanted}, the binlog has ${seen}`,
      {
        code: 'source-rewound',
        remedy:
          'The server lost transactions that were captured, and may give their ids to other rows. Compare the newest rows of the topic with the table, then start a new ledger under another topic_prefix.',
        cause,
      },
    );
  }
}

function overlaps(a: EventProof, b: EventProof): boolean {
  return a.file === b.file && a.end > b.start;
}

function describe({ file, start, end, crc32 }: EventProof): string {
  return `an event at ${file}:${start}-${end} with CRC32 ${crc32.toString(16).padStart(8, '0')}`;
}
