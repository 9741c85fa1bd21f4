import { type BinlogPosition, comparePositions, type OpenGroup } from '@scoreline/ledger';

/** What the binlog says cannot be, or cannot be captured. Whoever knows the position adds it. */
export class GroupError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.name = 'GroupError';
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * How a group was announced: `transaction` goes on to a commit or rollback, `xa` to a prepared state,
 * `single` is one event, `undecided` is decided by its first query (MySQL's GTID says nothing of it).
 */
export type GroupKind = 'transaction' | 'xa' | 'single' | 'undecided';

export type GroupEnd = 'committed' | 'dropped';

type State = 'between' | GroupKind;

/**
 * Which rows of the captured table a group of events stands for.
 *
 * A group becomes publishable at its end. SAVEPOINT marks, ROLLBACK TO cuts back to the mark, ROLLBACK
 * drops the group: rolled-back rows *are* in the binlog, also in groups that end with a commit. A group
 * that is too large to be held goes out in parts; what is out cannot be taken back. A capture that
 * starts while such a group is open reads it again from its start, and leaves out what is out already.
 *
 * The rules count rows and hold none: the caller keeps those of `held` and cuts them as it is told.
 */
export class GroupRules {
  #state: State = 'between';
  #start: BinlogPosition | null = null;
  /** Rows of the captured table in the group, after rollbacks to savepoints. */
  #rows = 0;
  readonly #savepoints = new Map<string, number>();
  /** The group that is out in part: the one at hand, or the one that must come next. */
  #out: OpenGroup | null;
  #replaying = false;

  constructor(open: OpenGroup | null = null) {
    this.#out = open;
  }

  get between(): boolean {
    return this.#state === 'between';
  }

  /** What a checkpoint must say of a group that is out in part. */
  get openGroup(): OpenGroup | null {
    return this.#out;
  }

  /** Whether rows that come now are out already. */
  get replaying(): boolean {
    return this.#replaying;
  }

  /** Rows of the group that are not out. */
  get held(): number {
    if (this.#replaying) return 0;
    return this.#rows - (this.#out?.rows ?? 0);
  }

  /** A GTID event, or a BEGIN without one, whose first byte is at `start`. */
  begin(kind: GroupKind, start: BinlogPosition): void {
    if (this.#state !== 'between') {
      throw doubt(`a group begins within another, which began at ${text(this.#start)}`);
    }
    if (this.#out !== null && comparePositions(start, this.#out.start) !== 0) {
      throw doubt(
        `the group that was published in part began at ${text(this.#out.start)}, the next one begins at ${text(start)}`,
      );
    }
    this.#replaying = this.#out !== null;
    this.#state = kind;
    this.#start = start;
    this.#rows = 0;
    if (this.#savepoints.size > 0) this.#savepoints.clear();
  }

  /** Query BEGIN. */
  beginQuery(start: BinlogPosition): void {
    if (this.#state === 'between') this.begin('undecided', start);
    if (this.#state !== 'undecided') throw doubt('BEGIN within a transaction');
    this.#state = 'transaction';
  }

  /** Query XA START, of MySQL: MariaDB's GTID event has said it. */
  beginXa(start: BinlogPosition): void {
    if (this.#state === 'between') this.begin('undecided', start);
    if (this.#state === 'single' || this.#state === 'xa') throw doubt('XA START within a group');
    this.#state = 'xa';
  }

  /** A statement that is no part of a transaction's frame. True when it was the whole group. */
  statement(start: BinlogPosition): boolean {
    if (this.#state === 'between') this.begin('single', start);
    if (this.#state === 'transaction' || this.#state === 'xa') return false;
    this.#finish();
    return true;
  }

  /**
   * A rows event with `rows` rows of the captured table, which ends at `end`. False when they are out
   * already and must not be kept.
   */
  rows(rows: number, end: BinlogPosition): boolean {
    if (this.#state === 'xa') throw xaGroup();
    if (this.#state !== 'transaction') throw doubt('rows outside of a transaction');
    this.#rows += rows;
    if (!this.#replaying) return true;
    const order = comparePositions(end, this.#out!.end);
    if (order > 0) {
      throw doubt(`the group was published up to ${text(this.#out!.end)}, where no event ends`);
    }
    if (order === 0) this.#endReplay();
    return false;
  }

  savepoint(name: string): void {
    this.#requireTransaction('SAVEPOINT');
    // A name that is set again moves to the end.
    this.#savepoints.delete(name);
    this.#savepoints.set(name, this.#rows);
  }

  /** Returns how many of the rows that are not out (`held`) are left. */
  rollbackTo(name: string): number {
    this.#requireTransaction('ROLLBACK TO');
    const mark = this.#savepoints.get(name);
    if (mark === undefined) throw doubt(`ROLLBACK TO ${JSON.stringify(name)}, which was not set`);
    let after = false;
    for (const other of this.#savepoints.keys()) {
      if (after) this.#savepoints.delete(other);
      else after = other === name;
    }
    if (!this.#replaying && mark < (this.#out?.rows ?? 0)) throw takenBack('ROLLBACK TO SAVEPOINT');
    this.#rows = mark;
    return this.held;
  }

  releaseSavepoint(name: string): void {
    this.#requireTransaction('RELEASE SAVEPOINT');
    this.#savepoints.delete(name);
  }

  /** Everything held goes out now, as a part that ends at `end`. */
  part(end: BinlogPosition): OpenGroup {
    if (this.#state !== 'transaction' || this.#start === null || this.#replaying) {
      throw doubt('a part of a group outside of one');
    }
    this.#out = { start: this.#start, end, rows: this.#rows };
    return this.#out;
  }

  /** Xid, or Query COMMIT. */
  commit(): 'committed' {
    this.#requireTransaction('COMMIT');
    if (this.#replaying) throw this.#cutShort();
    this.#finish();
    return 'committed';
  }

  /** Query ROLLBACK; the server restarting within a group. */
  drop(what: string): 'dropped' {
    if (this.#state === 'between') throw doubt(`${what} outside of a group`);
    if (this.#replaying || this.#out !== null) throw takenBack(what);
    this.#finish();
    return 'dropped';
  }

  /** The end of a group whose outcome comes later. */
  xaPrepare(): 'dropped' {
    if (this.#rows > 0) throw xaGroup();
    return this.drop('XA PREPARE');
  }

  /** Query XA COMMIT or XA ROLLBACK, which MariaDB announces as a transaction: it holds no rows. */
  xaOutcome(start: BinlogPosition): 'dropped' {
    if (this.#state === 'between') this.begin('single', start);
    if (this.#rows > 0) throw doubt('the outcome of an XA transaction within another');
    return this.drop('XA COMMIT');
  }

  /** `what` holds whole groups, and is at its end. */
  requireBetween(what: string): void {
    if (this.#state !== 'between') {
      throw doubt(`${what} ends within a group, which began at ${text(this.#start)}`);
    }
  }

  #endReplay(): void {
    if (this.#rows !== this.#out!.rows) {
      throw doubt(
        `${this.#out!.rows} rows of the group are out, and ${this.#rows} are in the binlog up to there`,
      );
    }
    this.#replaying = false;
  }

  #cutShort(): GroupError {
    return doubt(`the group ends before ${text(this.#out!.end)}, up to which it was published`);
  }

  #requireTransaction(what: string): void {
    if (this.#state !== 'transaction' && this.#state !== 'xa') {
      throw doubt(`${what} outside of a transaction`);
    }
  }

  #finish(): void {
    this.#state = 'between';
    this.#start = null;
    this.#rows = 0;
    this.#out = null;
    this.#replaying = false;
    if (this.#savepoints.size > 0) this.#savepoints.clear();
  }
}

function xaGroup(): GroupError {
  return new GroupError(
    'xa-group',
    'an XA transaction writes the captured table, and its rows come before its outcome',
    'Write the captured table without XA, then start a new ledger.',
  );
}

function takenBack(what: string): GroupError {
  return new GroupError(
    'part-rolled-back',
    `${what} takes back rows of a group that was too large to hold, and of which a part is published`,
    'Delete the topic and its ledger or use another topic_prefix, raise max_group_bytes above the size of the transaction, and start again.',
  );
}

function doubt(message: string): GroupError {
  return new GroupError(
    'binlog-doubt',
    message,
    'Compare the binlog with mysqlbinlog at this position; nothing of the group has been published.',
  );
}

function text(position: BinlogPosition | null): string {
  return position === null ? '?' : `${position.file}:${position.offset}`;
}
