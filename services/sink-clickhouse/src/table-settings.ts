/** What of the table must be there for an insert to be repeatable and, once acknowledged, to last. */
export const TABLE_SETTINGS = [
  {
    name: 'non_replicated_deduplication_window',
    value: 10_000,
    least: 100,
    syncs: false,
    why: 'without it a repeated insert is inserted twice',
  },
  {
    name: 'fsync_after_insert',
    value: 1,
    least: 1,
    syncs: true,
    why: 'without it an acknowledged insert can be gone after a power loss',
  },
  {
    name: 'fsync_part_directory',
    value: 1,
    least: 1,
    syncs: true,
    why: 'without it an acknowledged insert can be gone after a power loss',
  },
] as const;
