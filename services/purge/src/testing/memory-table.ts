import type { ChunkOutcome, RowsDigest, TablePort } from '../purge/ports.ts';

export const SERVER = { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 } as const;
export const BINLOG = 'binlog.000001';

export interface MemoryRow {
  version: number;
  isOld: boolean;
  referenced: boolean;
}

/** The table in memory. It does what a server does with chunks: all of one, or nothing. */
export class MemoryTable implements TablePort {
  readonly rows = new Map<number, MemoryRow>();
  /** By a session that does not give them back: rows that cannot be deleted now. */
  readonly locked = new Set<number>();
  /** Where the binlog ends. */
  binlog = 1;
  readonly #step: (step: 'lot' | 'digest' | 'delete' | 'committed') => void;

  /** @param step told of each step before it is taken, and when a chunk is committed. */
  constructor(step: (step: 'lot' | 'digest' | 'delete' | 'committed') => void) {
    this.#step = step;
  }

  insert(id: number, { isOld, referenced }: Omit<MemoryRow, 'version'>): void {
    this.rows.set(id, { version: 0, isOld, referenced });
    this.binlog++;
  }

  update(id: number): void {
    this.rows.get(id)!.version++;
    this.binlog++;
  }

  readonly preflight = async () => {};

  readonly span: TablePort['span'] = async () => {
    const ids = [...this.rows.keys()];
    if (ids.length === 0) return null;
    return { minId: Math.min(...ids), maxId: Math.max(...ids), oldestTs: new Date(0) };
  };

  readonly lot: TablePort['lot'] = async (after, limit) => {
    this.#step('lot');
    const above = [...this.rows.keys()].filter((id) => id > after).sort((a, b) => a - b);
    const ids = above.slice(0, limit);
    return {
      ids: Float64Array.from(ids),
      old: Uint8Array.from(ids, (id) => (this.rows.get(id)!.isOld ? 1 : 0)),
      referenced: new Set(ids.filter((id) => this.rows.get(id)!.referenced)),
      next: ids.at(-1) ?? after,
      isLast: above.length <= limit,
    };
  };

  readonly digest: TablePort['digest'] = async (ids) => {
    this.#step('digest');
    return this.#digest(ids);
  };

  readonly position: TablePort['position'] = async () => ({
    source: SERVER,
    position: { file: BINLOG, offset: this.binlog },
    gtidSet: '',
  });

  readonly deleteChunk: TablePort['deleteChunk'] = async (ids, digest) => {
    this.#step('delete');
    const outcome = this.#delete(ids, digest);
    this.#step('committed');
    return outcome;
  };

  readonly held: TablePort['held'] = async (ids) => ids.filter((id) => this.rows.has(id));

  #delete(ids: readonly number[], { count, digest }: RowsDigest): ChunkOutcome {
    if (ids.some((id) => this.locked.has(id))) return { kind: 'collided' };
    const now = this.#digest(ids);
    // As a server, which does not tell which.
    if (now.count !== count || now.digest !== digest) return { kind: 'changed', ids };
    const referenced = ids.filter((id) => this.rows.get(id)!.referenced);
    if (referenced.length > 0) return { kind: 'referenced', ids: referenced };
    for (const id of ids) this.rows.delete(id);
    this.binlog++;
    return { kind: 'deleted', rows: ids.length, ms: 200 };
  }

  #digest(ids: readonly number[]): RowsDigest {
    const present = ids.filter((id) => this.rows.has(id));
    const digest = present.map((id) => `${id}:${this.rows.get(id)!.version}`).join(',');
    return { count: present.length, digest };
  }
}
