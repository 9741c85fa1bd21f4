import { main, type Part } from '@scoreline/service';

import { actions } from './actions.ts';
import { settings } from './config.ts';
import { systemClock } from './purge/ground.ts';
import { PurgePart } from './purge/purge-part.ts';
import { TrimPart } from './trim/trim-part.ts';
import { type Wired, wirePurge } from './wire.ts';

export function purge(): Promise<void> {
  return main(
    'purge',
    settings,
    (context) => {
      const { config, log } = context;
      const wired = wirePurge(context, 'service');
      const { sources, metrics, kafka, ledger, purger, standing, asker } = wired;
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
