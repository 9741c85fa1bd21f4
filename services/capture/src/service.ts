import { logSource, SourceHolder } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import type { Catalog } from '@scoreline/schema';
import { main } from '@scoreline/service';

import { actionsOf } from './actions.ts';
import { Capture } from './capture.ts';
import { settings } from './config.ts';
import { captureMetrics } from './metrics.ts';
import { pipelineNames } from './pipeline-names.ts';
import { publishedVersion } from './topic-version.ts';

/** The service, with the versions that it knows. */
export function capture(catalog: Catalog): Promise<void> {
  return main(
    'capture',
    settings,
    ({ config, log, metrics: registry, secretFiles }) => {
      const version = publishedVersion(catalog, config.topic_version);
      const metrics = captureMetrics(registry);
      const sources = SourceHolder.load(config, { log, metrics, secretFiles });
      logSource(sources.current, log);
      const kafka = createKafka(config, { clientId: 'scoreline-capture', log });
      const prefix = config.topic_prefix;
      const names = pipelineNames(sources.current.table, { prefix, version, catalog });
      // The source of the start is checked before another one may take its place.
      return [new Capture({ config, sources, kafka, names, metrics, log }), sources];
    },
    actionsOf(catalog),
  );
}
