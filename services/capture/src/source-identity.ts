import { identityAt, isSameSource } from '@scoreline/database';
import type { SourceIdentity } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

/** @throws PermanentError `source-changed` */
export function requireSameSource(wanted: SourceIdentity, seen: SourceIdentity): void {
  if (isSameSource(wanted, seen)) return;
  throw new PermanentError(
    `another server answers: the ledger was captured from ${sourceLabel(wanted)}, this is ${sourceLabel(seen)}`,
    {
      code: 'source-changed',
      remedy: `Point database_dsn at the server that the ledger knows. If this one has taken its place, and has everything that it had, set accept_new_source=${seen.serverUuid} to go on here.`,
    },
  );
}

export function sourceLabel({ flavour, serverUuid, serverId }: SourceIdentity): string {
  return `${flavour} ${serverUuid} (server_id ${serverId})`;
}

/** @throws PermanentError `source-changed` */
export async function confirmSource(connection: Connection, wanted: SourceIdentity): Promise<void> {
  requireSameSource(wanted, await identityAt(connection));
}
