import { logSource, SourceHolder } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import type { ActionContext, Actions, ServiceContext } from '@scoreline/service';

import type { CaptureConfig } from './config.ts';
import { captureMetrics } from './metrics.ts';
import { pipelineNames } from './pipeline-names.ts';
import { rebuildLedger } from './rebuild-ledger.ts';
import { verifyLedger } from './verify-ledger.ts';

type Context = ServiceContext<CaptureConfig>;

/** What capture's program does instead of capturing. */
export const actions: Actions<Context> = {
  'verify-ledger': {
    description:
      'Compares the ledger with the topic, id by id, and prints the differences: 0 when there are none, 1 otherwise. Reads only; capture may run.',
    run: async (context) => {
      const isEqual = await verifyLedger(ground(context));
      return isEqual ? 0 : 1;
    },
  },
  'rebuild-ledger': {
    description:
      'Makes a ledger that was lost anew from the topic, which must be complete from its first row on. Capture must be stopped.',
    run: async (context) => {
      await rebuildLedger(ground(context));
      return 0;
    },
  },
};

function ground(context: Context & ActionContext) {
  const { config, log, secretFiles, signal, print } = context;
  const metrics = captureMetrics(context.metrics);
  const source = SourceHolder.load(config, { log, metrics, secretFiles }).current;
  logSource(source, log);
  const prefix = config.topic_prefix;
  const kafka = createKafka(config, { clientId: 'scoreline-capture', log });
  const names = pipelineNames(source.table, prefix);
  return { config, source, kafka, names, prefix, metrics, log, signal, print };
}
