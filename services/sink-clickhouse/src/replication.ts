import type { ClickHouseSettings } from '@clickhouse/client';
import type { LoadedRange } from '@scoreline/landing';
import { RetryableError, type ScorelineError } from '@scoreline/service';

import type { Column } from './columns.ts';
import { highestId } from './highest-id.ts';
import type { Host } from './hosts.ts';
import type { LandedIds } from './landed-ids.ts';
import { readBack, type ReadBackOptions } from './read-back.ts';
import { inOurTerms } from './server-errors.ts';
import { endStragglers } from './stragglers.ts';

/** How long a host may take to be asked for stragglers: one that is gone would take for ever. */
const ASK_MS = 15_000;
const SYNC_MS = 30_000;
const TRY_MS = 2_000;

export interface ReplicationOptions {
  /** All of them: an insert may run anywhere. */
  readonly hosts: readonly Host[];
  /** Those that are known to have the table. */
  readonly known: () => readonly Host[];
  readonly quorum: number;
  readonly timeoutMs: number;
  /** Quoted, with its database. */
  readonly table: string;
  readonly columns: readonly Column[];
}

/**
 * What the replicas of a table know together. An insert's token is kept in Keeper, so a repeat at another
 * replica is a repeat. What an insert has left is asked of a quorum of replicas, each after it has fetched
 * all there is: one of them alone may show an insert that no other has, and that is taken back when the
 * replica dies. (`select_sequential_consistency` says the same only without parallel quorum inserts, and
 * the partitions of a topic insert in parallel.)
 */
export class Replication {
  readonly #options: ReplicationOptions;

  constructor(options: ReplicationOptions) {
    this.#options = options;
  }

  /** Of each insert: an acknowledgement is a quorum's. */
  get settings(): ClickHouseSettings {
    const { quorum, timeoutMs } = this.#options;
    return {
      insert_quorum: String(quorum > 1 ? quorum : 0),
      insert_quorum_parallel: 1,
      // Sooner than the connection is given up: then the server says that the quorum lacks.
      insert_quorum_timeout: Math.floor(timeoutMs * 0.9),
    };
  }

  /** On every host that answers. Returns the addresses of the others. */
  async endStragglers(identity: string, signal: AbortSignal): Promise<readonly string[]> {
    const { hosts } = this.#options;
    const { failures } = await answersOf(hosts, signal, ({ client }) =>
      endStragglers(client, identity, within(ASK_MS, signal)),
    );
    const still = failures.find(({ error }) => error.code === 'straggler');
    if (still) throw still.error;
    return failures.map(({ host }) => host.address);
  }

  /** Which rows each of at least a quorum of replicas holds. */
  async readBack(range: LoadedRange, options: ReadBackOptions): Promise<LandedIds> {
    const values = await this.#askAll(range.identity, options.signal, (host) =>
      this.#ask(host, range, options),
    );
    const [first] = values;
    const missing = String(first.missing());
    if (values.every((one) => String(one.missing()) === missing)) return first;
    throw new RetryableError(`the replicas hold different rows of ${range.identity}`, {
      code: 'replicas-differ',
      remedy: 'They fetch from each other: look at system.replication_queue if it does not pass.',
    });
  }

  /** The highest id that any replica of at least a quorum holds; null when none has rows. */
  async highestId(signal: AbortSignal): Promise<number | null> {
    const { table } = this.#options;
    const values = await this.#askAll('the table', signal, async (host) => {
      await this.sync(host, signal);
      return highestId(host.client, table, signal);
    });
    const highest = Math.max(...values.map((one) => one ?? -1));
    return highest < 0 ? null : highest;
  }

  /** What each replica says, of at least a quorum of them. */
  async #askAll<T>(
    what: string,
    signal: AbortSignal,
    ask: (host: Host) => Promise<T>,
  ): Promise<readonly [T, ...T[]]> {
    const { known, quorum } = this.#options;
    const { values, failures } = await answersOf(known(), signal, ask);
    const [first, ...others] = values;
    if (first !== undefined && values.length >= quorum) return [first, ...others];
    const cause = failures[0]?.error;
    throw new RetryableError(
      `${values.length} replicas say what they hold of ${what}, and ${quorum} must${cause ? `: ${cause.message}` : ''}`,
      { code: 'quorum-away', remedy: 'Bring the other replicas back.', cause },
    );
  }

  /** Whether it may be synced at all: how far it is behind is no matter before something is asked of it. */
  async trySync(host: Host): Promise<void> {
    try {
      await this.sync(host, AbortSignal.timeout(TRY_MS));
    } catch (error) {
      const ours = inOurTerms(error, `syncing the replica at ${host.address}`);
      if (ours.action !== 'retry') throw ours;
    }
  }

  /** Waits until the replica has fetched what was inserted before. */
  async sync({ client }: Host, signal: AbortSignal): Promise<void> {
    await client.command({
      query: `SYSTEM SYNC REPLICA ${this.#options.table} LIGHTWEIGHT`,
      clickhouse_settings: { receive_timeout: SYNC_MS / 1000 },
      abort_signal: within(SYNC_MS, signal),
    });
  }

  async #ask(
    host: Host,
    range: LoadedRange,
    { heldUpTo, signal }: ReadBackOptions,
  ): Promise<LandedIds> {
    await this.sync(host, signal);
    const { table, columns, timeoutMs } = this.#options;
    const options = { heldUpTo, signal: within(timeoutMs, signal) };
    return readBack({ client: host.client, table, columns }, range, options);
  }
}

interface Answers<T> {
  readonly values: readonly T[];
  readonly failures: readonly { readonly host: Host; readonly error: ScorelineError }[];
}

/** What each host says, at once. One that is away is a failure; any other error is thrown. */
async function answersOf<T>(
  hosts: readonly Host[],
  signal: AbortSignal,
  ask: (host: Host) => Promise<T>,
): Promise<Answers<T>> {
  const answers = await Promise.allSettled(hosts.map(ask));
  signal.throwIfAborted();
  const values = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failures = hosts.flatMap((host, at) => {
    const answer = answers[at];
    if (answer?.status !== 'rejected') return [];
    return [{ host, error: inOurTerms(answer.reason, `asking ${host.address}`) }];
  });
  const stop = failures.find(({ error }) => error.action !== 'retry');
  if (stop) throw stop.error;
  return { values, failures };
}

function within(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
