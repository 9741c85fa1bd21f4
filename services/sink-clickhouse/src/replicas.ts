import { randomUUID } from 'node:crypto';

import { ConfigError, type Logger, RetryableError, type ScorelineError } from '@scoreline/service';

import type { Host } from './hosts.ts';
import { inOurTerms } from './server-errors.ts';
import { readTable, type TableFacts, type TableName } from './table-facts.ts';
import { ensureTable, type EnsureOptions, type FoundTable } from './table.ts';

/** What the settings say of replicas. */
export interface ReplicaOptions extends Omit<EnsureOptions, 'replicaUuid'> {
  readonly quorum: 'auto' | number;
  readonly log: Logger;
}

export interface ReplicatedTable {
  readonly uuid: string;
  /** In Keeper. */
  readonly path: string;
  readonly quorum: number;
  readonly holdsRows: boolean;
  /** The replicas that were looked at. The others are when they are needed. */
  readonly found: ReadonlyMap<Host, FoundTable>;
}

/**
 * The table on every host that answers, created where it is missing, and that all of it is one table with
 * one replica a host. A host that is away, or has lost Keeper, is left for later while a quorum is there.
 */
export async function ensureReplicas(
  hosts: readonly Host[],
  name: TableName,
  options: ReplicaOptions,
): Promise<ReplicatedTable> {
  const looks = await Promise.all(hosts.map((host) => look(host, name)));
  const there = looks.filter((one) => one.away === null);
  const [away] = looks.flatMap((one) => one.away ?? []);
  const missing = there.some(({ facts }) => facts === null);
  // Who is away might have it, as another table.
  if (away && (missing || there.length === 0)) throw away;
  let uuid = there.find(({ facts }) => facts !== null)?.facts?.uuid ?? randomUUID();
  const found = new Map<Host, FoundTable>();
  for (const { host } of there) {
    const table = await ensureTable(host.client, name, { ...options, replicaUuid: uuid });
    // Of two members that create it at the same time one is first.
    if (found.size === 0) uuid = table.uuid;
    found.set(host, table);
  }
  const { path, replicas } = oneTable(name, hosts.length, found);
  const quorum = quorumOf(replicas, options);
  for (const [host, { replica }] of found) if (replica?.isReadonly) found.delete(host);
  if (found.size < quorum) throw away ?? readonly(name, found.size, quorum);
  const silent = hosts.filter((host) => !found.has(host)).map(({ address }) => address);
  if (silent.length > 0)
    options.log.warn({ silent, quorum }, 'replicas that are away or read-only');
  const holdsRows = [...found.values()].some((table) => table.holdsRows);
  return { uuid, path, quorum, holdsRows, found };
}

/** A replica that was away at the start. */
export async function ensureReplica(
  host: Host,
  name: TableName,
  { uuid, path }: Pick<ReplicatedTable, 'uuid' | 'path'>,
  options: ReplicaOptions,
): Promise<FoundTable> {
  const table = await ensureTable(host.client, name, { ...options, replicaUuid: uuid });
  if (table.uuid !== uuid || table.replica?.path !== path) {
    throw refused(name, [`${host.address} has another one: UUID ${table.uuid}`]);
  }
  if (table.replica.isReadonly) throw readonly(name, 0, 1);
  return table;
}

interface Look {
  readonly host: Host;
  readonly facts: TableFacts | null;
  readonly away: ScorelineError | null;
}

async function look(host: Host, name: TableName): Promise<Look> {
  try {
    return { host, facts: await readTable(host.client, name), away: null };
  } catch (error) {
    const doing = `looking at ${name.database}.${name.table} at ${host.address}`;
    const ours = inOurTerms(error, doing);
    if (ours.action !== 'retry') throw ours;
    return { host, facts: null, away: ours };
  }
}

type Seen = Pick<FoundTable, 'uuid' | 'replica'>;

/**
 * An insert that still runs is looked for on every host, and what is there on a quorum of them. So each
 * replica must be a host, and each host a replica.
 */
export function oneTable(
  name: TableName,
  hosts: number,
  found: ReadonlyMap<Pick<Host, 'address'>, Seen>,
): { readonly path: string; readonly replicas: number } {
  const problems: string[] = [];
  const names = new Map<string, string>();
  const [first] = found.values();
  for (const [{ address }, { uuid, replica }] of found) {
    if (uuid !== first?.uuid || replica?.path !== first.replica?.path) {
      problems.push(`${address} has another table: UUID ${uuid} at ${replica?.path ?? 'no path'}`);
    } else if (replica && replica.replicas !== hosts) {
      problems.push(`${address} knows ${replica.replicas} replicas, and ch_dsn names ${hosts}`);
    }
    const twin = names.get(replica?.name ?? '');
    if (twin) problems.push(`${twin} and ${address} are the same replica, ${replica?.name}`);
    names.set(replica?.name ?? '', address);
  }
  if (!first?.replica || problems.length > 0) throw refused(name, problems);
  return { path: first.replica.path, replicas: first.replica.replicas };
}

/** `auto` is not left to the server: there are versions in which it is one replica. */
export function quorumOf(
  replicas: number,
  { quorum, acceptUnsynced }: Pick<ReplicaOptions, 'quorum' | 'acceptUnsynced'>,
): number {
  const wanted = quorum === 'auto' ? Math.floor(replicas / 2) + 1 : quorum;
  if (wanted <= replicas && (wanted >= 2 || acceptUnsynced)) return wanted;
  throw new ConfigError(
    `ch_insert_quorum: ${wanted} of ${replicas} replicas ${wanted > replicas ? 'can never be reached' : 'keeps no row that one of them loses'}`,
    {
      code: 'quorum',
      remedy: `Say auto, or a number from 2 to ${replicas}; or accept_unsynced=true.`,
    },
  );
}

function readonly({ database, table }: TableName, found: number, quorum: number): RetryableError {
  return new RetryableError(
    `of ${database}.${table} ${found} replicas take inserts, and ${quorum} must: the others are read-only, without Keeper`,
    { code: 'replica-readonly', remedy: 'Look at system.replicas, and at Keeper.' },
  );
}

function refused({ database, table }: TableName, problems: readonly string[]): ConfigError {
  return new ConfigError(
    `the ClickHouse table ${database}.${table} is not one table with a replica at each host: ${problems.join('; ')}`,
    {
      code: 'table-mismatch',
      remedy:
        'Name every replica in ch_dsn, once; a replica of one UUID is made by CREATE TABLE ... UUID, or ON CLUSTER.',
    },
  );
}
