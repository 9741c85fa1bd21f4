import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { Flavor, ServerFacts } from './server-facts.ts';

/** Which server a binlog position belongs to: what checkpoints remember of it. */
export interface ServerIdentity {
  readonly flavour: Flavor;
  /** `@@server_uuid`; MariaDB has none, there it is `<server_id>-<gtid_domain_id>`. */
  readonly serverUuid: string;
  readonly serverId: number;
}

/** One statement that both flavours understand. A variable that a server does not have gives no row. */
export const IDENTITY_QUERY =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'server_id', 'server_uuid', 'gtid_domain_id')";

/** MariaDB has no uuid of its own: its server id and domain stand for it. */
export function identityOf(rows: readonly Record<string, unknown>[]): ServerIdentity {
  const variables = new Map(
    rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
  );
  const serverId = Number(variables.get('server_id'));
  if (/mariadb/i.test(variables.get('version') ?? '')) {
    const serverUuid = `${serverId}-${variables.get('gtid_domain_id') ?? '0'}`;
    return { flavour: 'mariadb', serverUuid, serverId };
  }
  return { flavour: 'mysql', serverUuid: variables.get('server_uuid') ?? '', serverId };
}

/** The same, of what the start found out. */
export function identityFrom({ version, variables }: ServerFacts): ServerIdentity {
  return identityOf(
    [['version', version], ...variables].map(([name, value]) => ({
      Variable_name: name,
      Value: value,
    })),
  );
}

/** Asks the server at the other end who it is. */
export async function identityAt(connection: Connection): Promise<ServerIdentity> {
  const [rows] = await connection.query<RowDataPacket[]>(IDENTITY_QUERY);
  return identityOf(rows);
}

export function isSameSource(a: ServerIdentity, b: ServerIdentity): boolean {
  return a.flavour === b.flavour && a.serverUuid === b.serverUuid;
}
