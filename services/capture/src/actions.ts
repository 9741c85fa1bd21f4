import { logSource, SourceHolder } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import { type Catalog, RELEASED } from '@scoreline/schema';
import type { ActionContext, Actions, ServiceContext } from '@scoreline/service';

import { backfill } from './backfill.ts';
import type { CaptureConfig } from './config.ts';
import { captureMetrics } from './metrics.ts';
import { pipelineNames } from './pipeline-names.ts';
import { rebuildLedger } from './rebuild-ledger.ts';
import { retireTopic } from './retire-topic.ts';
import { publishedVersion } from './topic-version.ts';
import { verifyLedger } from './verify-ledger.ts';

type Context = ServiceContext<CaptureConfig>;

/** What capture's program does instead of capturing, with the versions that it knows. */
export function actionsOf(catalog: Catalog): Actions<Context> {
  return {
    'verify-ledger': {
      description:
        'Compares the ledger with the topic, id by id, and prints the differences: 0 when there are none, 1 otherwise. Reads only; capture may run.',
      run: async (context) => {
        const isEqual = await verifyLedger(ground(context, catalog));
        return isEqual ? 0 : 1;
      },
    },
    'rebuild-ledger': {
      description:
        'Makes a ledger that was lost anew from the topic, which must be complete from its first row on. Capture must be stopped.',
      run: async (context) => {
        await rebuildLedger(ground(context, catalog));
        return 0;
      },
    },
    backfill: {
      description:
        'Publishes the rows of backfill_ids, captured before and still in the table, once more for backfill_sink, which began later than they: to <topic>.backfill.<sink>, which that sink lands when it is started again. Capture may run; killed, it is run again.',
      run: async (context) => {
        await backfill(ground(context, catalog));
        return 0;
      },
    },
    'retire-topic': {
      description:
        'Retires the topic of retire_version, to which nothing is published any more and of which every consumer group has every row, so that it may be deleted. Prints the plan; with its retire_digest, and capture stopped, it is applied. 1 when it is refused.',
      run: async (context) => {
        const isFine = await retireTopic(ground(context, catalog));
        return isFine ? 0 : 1;
      },
    },
  };
}

/** Of this release: what the docs tell. */
export const actions = actionsOf(RELEASED);

function ground(context: Context & ActionContext, catalog: Catalog) {
  const { config, log, secretFiles, signal, print } = context;
  const metrics = captureMetrics(context.metrics);
  const source = SourceHolder.load(config, { log, metrics, secretFiles }).current;
  logSource(source, log);
  const prefix = config.topic_prefix;
  const kafka = createKafka(config, { clientId: 'scoreline-capture', log });
  const version = publishedVersion(catalog, config.topic_version);
  const names = pipelineNames(source.table, { prefix, version, catalog });
  return { config, source, kafka, names, prefix, metrics, log, signal, print };
}
