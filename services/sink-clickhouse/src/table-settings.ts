interface TableSetting {
  readonly name: string;
  readonly value: number;
  readonly least: number;
  readonly syncs: boolean;
  readonly why: string;
}

const REPEATS = 'without it a repeated insert is inserted twice';
const SYNCS = 'without it an acknowledged insert can be gone after a power loss';

/** What of a table must be there for an insert to be repeatable and, once acknowledged, to last. */
const OF_ONE_SERVER: readonly TableSetting[] = [
  {
    name: 'non_replicated_deduplication_window',
    value: 10_000,
    least: 100,
    syncs: false,
    why: REPEATS,
  },
  { name: 'fsync_after_insert', value: 1, least: 1, syncs: true, why: SYNCS },
  { name: 'fsync_part_directory', value: 1, least: 1, syncs: true, why: SYNCS },
];

/** With replicas it lasts because a quorum has it. Keeper's memory ends by time, too: by default after an hour. */
const OF_REPLICAS: readonly TableSetting[] = [
  {
    name: 'replicated_deduplication_window',
    value: 10_000,
    least: 100,
    syncs: false,
    why: REPEATS,
  },
  {
    name: 'replicated_deduplication_window_seconds',
    value: 604_800,
    least: 3600,
    syncs: false,
    why: 'for so long after it an insert is known to be a repeat',
  },
];

export function tableSettings(replicated: boolean): readonly TableSetting[] {
  return replicated ? OF_REPLICAS : OF_ONE_SERVER;
}
