/** How sinks of files cut ranges in the table of faults: small ones, soon; and ones that wait in the spool. */
export const FILE_FAULT_SETTINGS = {
  settings: {
    batch_avro_max_size: '700',
    batch_avro_interval: '100ms',
    batch_avro_append_size: '100',
  },
  spooling: {
    batch_avro_max_size: '1000000',
    batch_avro_interval: '2s',
    batch_avro_append_size: '10000',
  },
} as const;
