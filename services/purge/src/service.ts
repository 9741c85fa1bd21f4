import { logSource, reloadMetrics, SourceHolder } from '@scoreline/database';
import { main, type Part } from '@scoreline/service';

import { actions } from './actions.ts';
import { settings } from './config.ts';
import { purgeMetrics } from './metrics.ts';
import { systemClock } from './purge/ground.ts';
import { PurgePart } from './purge/purge-part.ts';
import { TrimPart } from './trim/trim-part.ts';
import { type Wired, wirePurge } from './wire.ts';

export function purge(): Promise<void> {
  return main(
    'purge',
    settings,
    ({ config, log, metrics: registry, secretFiles }) => {
      const metrics = purgeMetrics(registry);
      const sources = SourceHolder.load(config, {
        log,
        metrics: reloadMetrics(registry),
        secretFiles,
      });
      logSource(sources.current, log);
      const wired = wirePurge({ config, sources, metrics, log, whoWaits: 'service' });
      const { kafka, ledger, purger, standing, asker } = wired;
      return [
        connections(wired),
        sources,
        new PurgePart({
          purger,
          standing,
          asker,
          superseded: () => sources.superseded,
          passIntervalMs: config.pass_interval,
          clock: systemClock,
          log,
        }),
        new TrimPart({ kafka, ledger, config, metrics: metrics.trim, log }),
      ];
    },
    actions,
  );
}

/** Ends what the others stand on, after them. */
function connections(wired: Wired): Part {
  return {
    name: 'connections',
    start: async () => {},
    stop: (signal) => wired.close(signal),
  };
}
