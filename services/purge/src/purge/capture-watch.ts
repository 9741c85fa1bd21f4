import type { LedgerState } from '@scoreline/ledger';
import { ConfigError, RetryableError } from '@scoreline/service';

import type {
  Clock,
  HasPassed,
  IsRewound,
  LedgerPort,
  SourcePosition,
  TablePort,
} from './ports.ts';

export interface Watched {
  readonly ledger: LedgerPort;
  readonly table: Pick<TablePort, 'position'>;
  readonly hasPassed: HasPassed;
  readonly isRewound: IsRewound;
  /** How long capture may take to pass a place: an idle one saves its own every `checkpoint_interval`. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

interface Asked {
  readonly at: SourcePosition;
  readonly atMs: number;
}

/** How often the ledger is looked at for a newer checkpoint. */
const LOOK_MS = 50;
/** Places that are waited for at a time; while there are so many, the oldest says enough. */
const MOST_ASKED = 1_000;

/** Follows how far capture has come in the binlog, as its checkpoints in the ledger say. */
export class CaptureWatch {
  readonly #watched: Watched;
  #asked: Asked[] = [];

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /**
   * Waits until capture has everything that the binlog has now: it has seen every UPDATE of a row that was
   * read before this was called, and would have stopped at it. Resolves with the ledger that says so.
   *
   * @throws RetryableError `capture-behind`, ConfigError `capture-other-source` or `source-rewound`
   */
  async catchUp(signal: AbortSignal): Promise<LedgerState> {
    const { ledger, table, patienceMs, clock } = this.#watched;
    const earlier = await ledger.refresh(signal);
    const at = await table.position(signal);
    this.#assertNotRewound(earlier, at);
    const sinceMs = clock.now();
    for (;;) {
      const state = await ledger.refresh(signal);
      if (this.#isPast(state, at)) return state;
      const waitedMs = clock.now() - sinceMs;
      if (waitedMs < 0 || waitedMs > patienceMs) throw behind(at, state, patienceMs);
      await clock.sleep(LOOK_MS, signal);
    }
  }

  /** For how long the source has been further than capture, milliseconds; null when that cannot be told. */
  async lagMs(signal: AbortSignal): Promise<number | null> {
    const { ledger, table, clock } = this.#watched;
    const atMs = clock.now();
    const at = await table.position(signal);
    if (this.#asked.length < MOST_ASKED) this.#asked.push({ at, atMs });
    const state = await ledger.refresh(signal);
    try {
      // Of what was asked later nothing is passed while what was asked first is not.
      while (this.#asked[0] !== undefined && this.#isPast(state, this.#asked[0].at)) {
        this.#asked.shift();
      }
    } catch (error) {
      // After a failover places of the server before mean nothing any more.
      this.#asked = [];
      if (error instanceof ConfigError) return null;
      throw error;
    }
    const oldest = this.#asked[0];
    return oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.atMs);
  }

  #assertNotRewound({ checkpoint }: LedgerState, at: SourcePosition): void {
    if (checkpoint === null || !this.#watched.isRewound(checkpoint, at)) return;
    const { file, offset } = checkpoint.position;
    throw new ConfigError(
      `the source’s binlog ends at ${at.position.file}:${at.position.offset}, and capture had passed ${file}:${offset}: it was reset or restored`,
      {
        code: 'source-rewound',
        remedy: 'Do not go on before capture does: what its error says comes first.',
      },
    );
  }

  #isPast({ checkpoint }: LedgerState, at: SourcePosition): boolean {
    if (checkpoint === null) return false;
    const passed = this.#watched.hasPassed(checkpoint, at);
    if (passed !== 'other-source') return passed;
    throw new ConfigError(
      `capture follows the source ${checkpoint.source.serverUuid}, and this is ${at.source.serverUuid}`,
      {
        code: 'capture-other-source',
        remedy: 'Give the purge the database_dsn that capture has.',
      },
    );
  }
}

function behind(
  { position }: SourcePosition,
  { checkpoint }: LedgerState,
  patienceMs: number,
): RetryableError {
  const seen =
    checkpoint === null
      ? 'the ledger has no checkpoint'
      : `its checkpoint is ${checkpoint.position.file}:${checkpoint.position.offset}`;
  return new RetryableError(
    `capture has not passed ${position.file}:${position.offset} in ${patienceMs / 1000} s: ${seen}`,
    {
      code: 'capture-behind',
      remedy:
        'See what capture’s /readyz says: rows are deleted when it has seen their last change.',
    },
  );
}
