import type { Retirement } from '@scoreline/ledger';
import type { TopicVersion } from '@scoreline/schema';

import { unknownTopic } from './topic-version.ts';

/** The topics that a ledger names, as this release reads their records. */
export class LedgerTopics {
  readonly #known: ReadonlyMap<string, TopicVersion>;
  readonly #retired: ReadonlyMap<string, Retirement>;

  constructor(
    known: ReadonlyMap<string, TopicVersion>,
    retired: ReadonlyMap<string, Retirement> = new Map(),
  ) {
    this.#known = known;
    this.#retired = retired;
  }

  /** Whether nobody reads it any more: it may be gone. */
  isRetired(topic: string): boolean {
    return this.#retired.has(topic);
  }

  /** @throws PermanentError `topic-version-unknown` */
  versionOf(topic: string): TopicVersion {
    const version = this.#known.get(topic);
    if (version === undefined) throw unknownTopic(topic);
    return version;
  }
}
