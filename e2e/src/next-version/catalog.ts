import { type Catalog, nextVersion, VERSION_1 } from '@scoreline/schema';

/** What a release would know that has one column more: no release has it, and the drill is held with it. */
export const CATALOG: Catalog = [
  VERSION_1,
  nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]),
];
