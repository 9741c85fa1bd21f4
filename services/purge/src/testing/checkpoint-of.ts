import type { Checkpoint } from '@scoreline/ledger';

/** A checkpoint of a capture that has just begun, but for what is given. */
export function checkpointOf(given: Partial<Checkpoint>): Checkpoint {
  const { position = { file: 'binlog.000001', offset: 4 } } = given;
  return {
    ledgerUuid: 'uuid-1',
    source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
    position,
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    reconcile: null,
    startFloor: { position, id: 0 },
    optionalColumns: [],
    topicEnds: {},
    ...given,
  };
}
