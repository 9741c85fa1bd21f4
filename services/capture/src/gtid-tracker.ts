import { GtidSet, MariadbGtidPosition } from '@vlasky/zongji';

/** The GTIDs of groups that have ended; made to text only when that is asked for. */
export interface GtidTracker {
  /** A GTID event, whose body begins at `body`; `serverId` stands in its header. */
  announce(event: Buffer, body: number, serverId: number): void;
  /** A GTID in a form that another parser has read. */
  announceText(gtid: string): void;
  /** The announced group has ended. */
  fold(): void;
  /** What the server says was executed before the file began. */
  seed(gtids: string): void;
  toString(): string;
}

export function gtidTracker(flavour: 'mariadb' | 'mysql', gtids: string): GtidTracker {
  return flavour === 'mariadb' ? new MariadbGtids(gtids) : new MysqlGtids(gtids);
}

/** The last GTID of each domain. */
class MariadbGtids implements GtidTracker {
  #known: MariadbGtidPosition;
  readonly #announced = { domain: 0, server: 0, low: 0, high: 0, set: false };
  readonly #last = { domain: 0, server: 0, low: 0, high: 0, set: false };

  constructor(gtids: string) {
    this.#known = MariadbGtidPosition.parse(gtids);
  }

  announce(event: Buffer, body: number, serverId: number): void {
    const announced = this.#announced;
    announced.domain = event.readUInt32LE(body + 8);
    announced.server = serverId;
    announced.low = event.readUInt32LE(body);
    announced.high = event.readUInt32LE(body + 4);
    announced.set = true;
  }

  announceText(gtid: string): void {
    throw new RangeError(`MariaDB does not write GTIDs such as ${gtid}`);
  }

  fold(): void {
    const last = this.#last;
    const announced = this.#announced;
    if (!announced.set) return;
    if (last.domain !== announced.domain) this.#keepLast();
    last.domain = announced.domain;
    last.server = announced.server;
    last.low = announced.low;
    last.high = announced.high;
    last.set = true;
    announced.set = false;
  }

  seed(gtids: string): void {
    this.#known = MariadbGtidPosition.parse(gtids);
    this.#last.set = this.#announced.set = false;
  }

  toString(): string {
    this.#keepLast();
    return this.#known.toString();
  }

  #keepLast(): void {
    const { domain, server, low, high, set } = this.#last;
    if (!set) return;
    const seqNo = (BigInt(high) << 32n) | BigInt(low);
    this.#known.add({ domainId: domain, serverId: server, seqNo: seqNo.toString() });
    this.#last.set = false;
  }
}

const UUID_AT = 1;
const GNO_AT = 17;

/** Intervals for each source; the run of numbers at hand is kept apart. */
class MysqlGtids implements GtidTracker {
  #known: GtidSet;
  readonly #announced = { uuid: Buffer.alloc(16), gno: 0, set: false };
  readonly #run = { uuid: Buffer.alloc(16), first: 0, last: -1 };
  #text: string | null = null;

  constructor(gtids: string) {
    this.#known = GtidSet.parse(gtids);
  }

  announce(event: Buffer, body: number): void {
    const announced = this.#announced;
    event.copy(announced.uuid, 0, body + UUID_AT, body + GNO_AT);
    announced.gno = Number(event.readBigUInt64LE(body + GNO_AT));
    announced.set = true;
    this.#text = null;
  }

  announceText(gtid: string): void {
    this.#announced.set = false;
    this.#text = gtid;
  }

  fold(): void {
    if (this.#text !== null) this.#known.add(this.#text);
    this.#text = null;
    const announced = this.#announced;
    if (!announced.set) return;
    announced.set = false;
    const run = this.#run;
    if (announced.gno !== run.last + 1 || !announced.uuid.equals(run.uuid)) {
      this.#keepRun();
      announced.uuid.copy(run.uuid);
      run.first = announced.gno;
    }
    run.last = announced.gno;
  }

  seed(gtids: string): void {
    this.#known = GtidSet.parse(gtids);
    this.#announced.set = false;
    this.#run.last = -1;
    this.#text = null;
  }

  toString(): string {
    this.#keepRun();
    return this.#known.toString();
  }

  #keepRun(): void {
    const { uuid, first, last } = this.#run;
    if (last < 0) return;
    const known = this.#known.toString();
    const run = `${uuidText(uuid)}:${first}-${last}`;
    this.#known = GtidSet.parse(known === '' ? run : `${known},${run}`);
    this.#run.last = -1;
  }
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
