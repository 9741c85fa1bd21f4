import type { AskedIds } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { ConfigError, type Logger } from '@scoreline/service';

import { type Column, columnsFor } from './columns.ts';
import type { Settings } from './config.ts';
import { deduplicationSettings } from './deduplication.ts';
import { tryGrants } from './grants.ts';
import { heldIds } from './held-ids.ts';
import { highestId } from './highest-id.ts';
import type { Host, Hosts } from './hosts.ts';
import { migrationsFor } from './migrations.ts';
import { RangeInsert } from './range-insert.ts';
import { ensureReplica, ensureReplicas } from './replicas.ts';
import { Replication } from './replication.ts';
import { quoted } from './statements.ts';
import type { TableName } from './table-facts.ts';
import { ensureTable, type FoundTable } from './table.ts';

/** The table that was found, and how ranges get into it at each host. */
export interface Target {
  readonly fingerprint: string;
  readonly holdsRows: boolean;
  readonly columns: readonly Column[];
  /** The highest id in it; null when it has no rows. */
  heldUpTo(signal: AbortSignal): Promise<number | null>;
  /** At a host that has every insert that was acknowledged. */
  heldIds(host: Host, ids: AskedIds, signal: AbortSignal): AsyncIterable<Float64Array>;
  /** A host that was away at the start is looked at first. */
  insertsAt(host: Host): Promise<RangeInsert>;
}

export interface TargetOptions {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly log: Logger;
}

type Config = Pick<
  Settings,
  | 'ch_replicated'
  | 'ch_insert_quorum'
  | 'ch_insert_timeout'
  | 'ch_existing_table'
  | 'accept_unsynced'
>;

/** Looks at the table, and makes of it what may be made. */
export async function targetOf(
  hosts: Hosts,
  name: TableName,
  options: TargetOptions,
): Promise<Target> {
  return options.config.ch_replicated
    ? replicated(hosts, name, options)
    : onOneServer(hosts, name, options);
}

async function onOneServer(
  { all, current }: Hosts,
  name: TableName,
  options: TargetOptions,
): Promise<Target> {
  const { log } = options;
  if (all.length > 1) {
    throw new ConfigError(
      `ch_dsn names ${all.length} hosts, over which rows of a table that is not replicated would be scattered`,
      {
        code: 'ch-dsn',
        remedy: 'Name one host; or the replicas of one table, with ch_replicated=true.',
      },
    );
  }
  const table = await ensureTable(current.client, name, {
    ...planOf(options),
    replicaUuid: null,
    log,
  });
  const title = quoted(name.database, name.table);
  await tryGrants(current.client, title, table.columns);
  const inserts = new RangeInsert({
    ...current,
    settings: await deduplicationSettings(current.client),
    replication: null,
    table: title,
    columns: table.columns,
    log,
  });
  const { uuid: fingerprint, holdsRows, columns } = table;
  return {
    fingerprint,
    holdsRows,
    columns,
    heldUpTo: (signal) => highestId(current.client, title, signal),
    heldIds: ({ client }, ids, signal) => heldIds({ client, table: title }, ids, signal),
    insertsAt: () => Promise.resolve(inserts),
  };
}

async function replicated(
  hosts: Hosts,
  name: TableName,
  { config, catalog, log }: TargetOptions,
): Promise<Target> {
  const plan = planOf({ config, catalog });
  const options = { ...plan, quorum: config.ch_insert_quorum, log };
  const table = await ensureReplicas(hosts.all, name, options);
  const { uuid: fingerprint, holdsRows, quorum } = table;
  const [[first, { columns }] = lost()] = table.found;
  hosts.prefer(first);
  const inserts = new Map<Host, RangeInsert>();
  const title = quoted(name.database, name.table);
  const replication = new Replication({
    hosts: hosts.all,
    known: () => [...inserts.keys()],
    quorum,
    timeoutMs: config.ch_insert_timeout,
    table: title,
    columns,
  });
  const open = async (host: Host, found: FoundTable) => {
    await tryGrants(host.client, title, found.columns);
    await replication.trySync(host);
    const own = new RangeInsert({
      ...host,
      settings: { ...(await deduplicationSettings(host.client)), ...replication.settings },
      replication,
      table: title,
      columns: found.columns,
      log,
    });
    inserts.set(host, own);
    return own;
  };
  for (const [host, found] of table.found) await open(host, found);
  const insertsAt = async (host: Host) =>
    inserts.get(host) ?? open(host, await ensureReplica(host, name, table, options));
  return {
    fingerprint,
    holdsRows,
    columns,
    heldUpTo: (signal) => replication.highestId(signal),
    async *heldIds(host, ids, signal) {
      await insertsAt(host);
      await replication.sync(host, signal);
      yield* heldIds({ client: host.client, table: title }, ids, signal);
    },
    insertsAt,
  };
}

function lost(): never {
  throw new Error('a quorum of no replica');
}

function planOf({ config, catalog }: Pick<TargetOptions, 'config' | 'catalog'>) {
  return {
    wanted: columnsFor(catalog),
    migrations: migrationsFor(catalog),
    acceptUnsynced: config.accept_unsynced,
    migrate: config.ch_existing_table === 'migrate',
  };
}
