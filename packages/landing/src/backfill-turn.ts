import type { Admin } from 'kafkajs';

import { readGroup } from './group-offsets.ts';
import { groupOf } from './landed-topics.ts';
import type { Standing } from './topic-standing.ts';

export interface TurnOptions {
  readonly sink: string;
  /** The sink's own topics, of every version. */
  readonly topics: readonly string[];
  /** Those of them that are retired, as far as that is known: nothing more of them is landed. */
  readonly retired: ReadonlySet<string>;
}

/** Whether the sink's own groups have landed what their topics held at first sight. */
export class BackfillTurn {
  readonly #options: TurnOptions;
  readonly #ends = new Map<string, readonly bigint[]>();

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  async standing(
    admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>,
    there: ReadonlySet<string>,
  ): Promise<Extract<Standing, 'there' | 'later'>> {
    const { sink, topics, retired } = this.#options;
    for (const topic of topics) {
      if (!there.has(topic) || retired.has(topic)) continue;
      const found = await readGroup(admin, { topic, group: groupOf(sink, topic) });
      const ends = this.#ends.get(topic) ?? found.map(({ logEnd }) => logEnd);
      this.#ends.set(topic, ends);
      const isPast = ends.every((end, at) => (found[at]?.committed?.offset ?? -1n) >= end);
      if (!isPast) return 'later';
    }
    return 'there';
  }
}
