import type { Actions, ServiceContext } from '@scoreline/service';

import type { PurgeConfig } from './config.ts';
import { look, once } from './purge/purge-actions.ts';
import { promote, retire } from './roster/verbs.ts';
import { trim } from './trim/verb.ts';

/** What the purge's program does instead of purging on. */
export const actions: Actions<ServiceContext<PurgeConfig>> = {
  once: {
    description:
      'Deletes what may be deleted now, and prints what stays and why: 0 when nothing old is left but what is to be kept, 1 when something waits or is refused.',
    run: async (context) => ((await once(context)) ? 0 : 1),
  },
  'dry-run': {
    description:
      'Walks the same way, deletes nothing, and prints what would be: 0 when all of it would go, 1 when something waits or is refused.',
    run: async (context) => ((await look(context, 'dry-run')) ? 0 : 1),
  },
  explain: {
    description:
      'Prints for which sink and why old rows stay, bucket by bucket: 0 when nothing waits or is refused, 1 otherwise. Reads only; the service may run.',
    run: async (context) => ((await look(context, 'explain')) ? 0 : 1),
  },
  promote: {
    description:
      'Makes the sink of `sink` one that must hold every row before it is deleted. Prints the plan with its proof; with its `plan_digest` it is applied. 1 when it is refused.',
    run: async (context) => ((await promote(context)) ? 0 : 1),
  },
  retire: {
    description:
      'Makes the sink of `sink` one that is not waited for any more. Prints the plan; with its `plan_digest` it is applied. 1 when it is refused.',
    run: async (context) => ((await retire(context)) ? 0 : 1),
  },
  trim: {
    description:
      'Prints which records may leave the topic, since every sink has landed them; with the `plan_digest` of that plan they are deleted. 1 when something is refused.',
    run: async (context) => ((await trim(context)) ? 0 : 1),
  },
};
