/** Identity of the server whose binlog a position belongs to. */
export interface SourceIdentity {
  readonly flavour: 'mariadb' | 'mysql';
  /** `@@server_uuid`; MariaDB has none, there it is `<server_id>-<gtid_domain_id>`. */
  readonly serverUuid: string;
  readonly serverId: number;
}

/** The event that ends at the position: read again at start, its bytes prove the server was not rewound. */
export interface EventProof {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** CRC32 as the binlog carries it, the event's last four bytes. */
  readonly crc32: number;
}

/** A binlog position at a group's end. Positions compare by file number, then offset. */
export interface BinlogPosition {
  readonly file: string;
  readonly offset: number;
}

/** A group that is out in part, while its end had not been read. */
export interface OpenGroup {
  /** Where its first event begins. */
  readonly start: BinlogPosition;
  /**
   * End of the last event whose rows are out. Within a compressed transaction, which is one event: its
   * start, and on from there in decompressed bytes.
   */
  readonly end: BinlogPosition;
  /** Rows that are out: what was left of the group at `end` after rollbacks to savepoints. */
  readonly rows: number;
}

/**
 * The table being read by primary key, for rows that the stream did not bring. All that the table held
 * at `p0` is found by it, all that was committed later by the stream: so another start of the stream
 * begins it anew.
 */
export interface Reconcile {
  readonly reason: 'initial' | 'position_gone' | 'new_source' | 'request' | 'audit';
  /** Where the stream began. */
  readonly p0: BinlogPosition;
  /** Ids that are read, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Ids below are done. */
  readonly next: number;
  /** Rows found so far: published, or kept out by the filter. */
  readonly published: number;
  readonly startedAtMs: number;
}

/** What one capture must know to go on where another stopped. Written in the transaction of the rows. */
export interface Checkpoint {
  /** Names this ledger, and so everything that was ever captured under it. */
  readonly ledgerUuid: string;
  readonly source: SourceIdentity;
  readonly position: BinlogPosition;
  /** GTID set executed up to the position, empty when the source has none. */
  readonly gtidSet: string;
  /**
   * Absent while nothing of the position's file has been read yet; and, with a GTID set, after a failover
   * until everything in it has come by: then the set tells where to go on, and the position does not.
   */
  readonly event: EventProof | null;
  /** Commit time of the last group, milliseconds since the epoch. */
  readonly commitTimeMs: number;
  /** The group larger than `max_group_bytes` that had been published in part. */
  readonly openGroup: OpenGroup | null;
  /** Where capture began: ids below were declined by `initial=now` or `since:`. */
  readonly startFloor: { readonly position: BinlogPosition; readonly id: number };
  /** Null when everything that the table held has been read. */
  readonly reconcile: Reconcile | null;
  /**
   * Columns that a table may lack, of those that this one had where the stream began, or in its rows so far:
   * one that is gone was dropped, or renamed.
   */
  readonly optionalColumns: readonly string[];
  /** Next offset of each topic partition that these rows need, by topic. A topic that ends below was truncated. */
  readonly topicEnds: Readonly<Record<string, readonly number[]>>;
}
