import { type Catalog, RELEASED } from '@scoreline/schema';
import type { ActionContext, Actions, ServiceContext } from '@scoreline/service';

import type { LandingConfig } from '../settings.ts';
import type { Sink } from '../sink.ts';
import { auditOf } from './audit-of-sink.ts';
import { isClean, jsonReport, textReport } from './audit-report.ts';

/** What every sink can do instead of landing, for its help and the docs. */
export const auditSentence = {
  audit: {
    description:
      'Compares the ids that the destination holds with the ledger, prints what is missing, doubled or unknown, and records the buckets that are clean: 0 when nothing is wrong, 1 otherwise. The sink may run. audit_ids says which ids, format how it is printed.',
  },
} as const;

/** The same, done. */
export function auditActions<C extends LandingConfig>(
  sinkOf: (context: ServiceContext<C>, catalog: Catalog) => Sink,
  catalog: Catalog = RELEASED,
): Actions<ServiceContext<C>> {
  return {
    audit: {
      ...auditSentence.audit,
      run: (context) => runAudit(sinkOf(context, catalog), context, catalog),
    },
  };
}

async function runAudit<C extends LandingConfig>(
  sink: Sink,
  { config, log, signal, print }: ServiceContext<C> & ActionContext,
  catalog: Catalog,
): Promise<number> {
  const audit = auditOf({ sink, config, catalog, log });
  try {
    const { name, fingerprint } = await sink.start(signal);
    const { outcome, record } = await audit({ dest: fingerprint, kind: 'asked', signal });
    const audited = { sink: sink.name, destination: name };
    if (config.format === 'json') print(jsonReport(outcome, audited));
    else for (const line of textReport(outcome, audited)) print(line);
    await record();
    return isClean(outcome) ? 0 : 1;
  } finally {
    await sink.stop();
  }
}
