export { Authority, type ServerTls } from './authority.ts';
export { Database, type DatabaseOptions } from './database.ts';
export { Databases } from './databases.ts';
export type { Flavour, Position } from './dialect.ts';
export { removeLeftoverDatabases } from './leftovers.ts';
export { holdCommit, type HeldCommit, semiSync } from './semi-sync.ts';
