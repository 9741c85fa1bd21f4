import { ServerLock } from '@scoreline/database';
import type { Logger } from '@scoreline/service';

/**
 * One purge for a table, and none beside the archiver that Scoreline takes over from: that one deletes
 * under its lock, and this one holds it for as long as it runs.
 */
export class PurgeLocks extends ServerLock {
  constructor({ table, prefix }: { readonly table: string; readonly prefix: string }, log: Logger) {
    super([`${prefix}scoreline-purge-${table}`, `archiver-${table}`], log);
  }
}
