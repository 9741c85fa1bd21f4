/** What a server says about itself as a replica: a row for each source that it follows. */
export type ReplicaStatus = readonly Readonly<Record<string, unknown>>[];

/**
 * How far a replica is behind, milliseconds, of the source that it follows least. Null when it cannot be
 * told: one that follows nothing, or has stopped, is not up to date but lost.
 */
export function replicaLagMs(status: ReplicaStatus): number | null {
  if (status.length === 0) return null;
  let most = 0;
  for (const row of status) {
    const isRunning =
      said(row, 'Replica_IO_Running', 'Slave_IO_Running') === 'Yes' &&
      said(row, 'Replica_SQL_Running', 'Slave_SQL_Running') === 'Yes';
    const seconds = said(row, 'Seconds_Behind_Source', 'Seconds_Behind_Master');
    if (!isRunning || seconds === null || !/^\d+$/.test(seconds)) return null;
    most = Math.max(most, Number(seconds) * 1000);
  }
  return most;
}

/** Names are others on MySQL and on MariaDB. */
function said(row: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = row[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return null;
}
