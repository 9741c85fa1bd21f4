import { type Catalog, RELEASED, SchemaRegistry } from '@scoreline/schema';
import type { Logger, Metrics, Part } from '@scoreline/service';

import { backfillLanding } from './backfill-landing.ts';
import { MAX_IN_FLIGHT } from './commit-metadata.ts';
import { existingRows } from './existing-rows.ts';
import { KnownDestination } from './known-destination.ts';
import { landedTopics } from './landed-topics.ts';
import type { LandingPart } from './landing-part.ts';
import { landingMetrics } from './metrics.ts';
import { RangeWriter } from './range-writer.ts';
import { regularAudits } from './regular-audits.ts';
import { type LandingConfig, spoolFolder } from './settings.ts';
import type { Destination, Sink } from './sink.ts';
import { Spool } from './spool.ts';
import { versionLanding } from './version-landing.ts';
import { WriterSchemas } from './writer-schemas.ts';

export interface SinkContext {
  readonly config: LandingConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The versions that are known: those of this release, unless said otherwise. */
  readonly catalog?: Catalog;
}

/**
 * The parts of a service that lands ranges in this sink: its destination, the spool if it has one, and the
 * landing of each version's topic.
 *
 * @throws ConfigError `settings`
 */
export function runSink(
  sink: Sink,
  { config, log, metrics: registry, catalog = RELEASED }: SinkContext,
): Part[] {
  const { inFlight = 1 } = sink.limits;
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > MAX_IN_FLIGHT) {
    throw new RangeError(
      `${sink.name}: ${inFlight} ranges in flight; 1 to ${MAX_IN_FLIGHT} can be`,
    );
  }
  const spool =
    sink.spools === true
      ? new Spool({ folder: spoolFolder(config), budgetBytes: config.spool_bytes, log })
      : null;
  const topics = landedTopics(config, catalog);
  const landings: LandingPart[] = [];
  const open = () => landings.flatMap((landing) => [...landing.landings()]);
  const metrics = landingMetrics(registry, sink.name, { open, spool });
  const destination = new KnownDestination();
  let atStart: Destination | null = null;
  const destinationPart: Part = {
    name: 'destination',
    async start(signal) {
      atStart = await sink.start(signal);
      destination.found(atStart);
      log.info({ ...atStart }, 'destination');
    },
    stop: () => sink.stop(),
    status: () => atStart,
  };
  const audits = regularAudits(sink, { config, catalog, log, open, destination, metrics });
  const shared = {
    sink,
    config,
    catalog,
    topics,
    writer: new RangeWriter(sink, { log, metrics }),
    existing: existingRows(sink, config, log),
    schemas: new WriterSchemas(
      new SchemaRegistry({
        url: config.schema_registry_url,
        username: config.schema_registry_username,
        password: config.schema_registry_password,
      }),
    ),
    spool,
    tenants: open,
    backfills: new Set<string>(),
    retired: new Set<string>(),
    destination,
    metrics,
    log,
  };
  const parts: (Part | null)[] = [destinationPart, spool];
  // Backfills first: what has to share the memory is known when the first version opens.
  for (const { quarantine, landing } of [
    ...topics.map((one) => backfillLanding(one, shared)),
    ...topics.map((one) => versionLanding(one, shared)),
  ]) {
    landings.push(landing);
    parts.push(quarantine, landing);
  }
  return [...parts, audits].filter((part) => part !== null);
}
