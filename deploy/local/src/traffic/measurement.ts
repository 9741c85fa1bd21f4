import { type Attributes, goJson } from './attributes.ts';
import type { Pool, PoolMonitor, PoolServer } from './pool.ts';
import type { Random } from './random.ts';

/** One row of log_scores before MySQL gives it an id. */
export interface LogScoreRow {
  readonly monitorId: number | null;
  readonly serverId: number;
  /** Milliseconds since the epoch; the column keeps whole seconds. */
  readonly ts: number;
  readonly score: number;
  readonly step: number;
  /** Seconds. */
  readonly offset: number | null;
  /** Microseconds. */
  readonly rtt: number | null;
  readonly attributes: string | null;
}

/** What one question to one server brought. */
interface Found {
  readonly step: number;
  readonly offset: number | null;
  readonly rtt: number | null;
  readonly attributes: Attributes | null;
}

type Measured = Pick<LogScoreRow, 'score' | 'step'> & Pick<Found, 'attributes'>;

/**
 * The pool's arithmetic: a step from the offset and the stratum, and a score that forgets a
 * twentieth of its past with each step.
 */
export class Measurements {
  readonly #random: Random;
  readonly #pool: Pool;
  readonly #scores = new Map<number, number>();
  readonly #latest = new Map<number, Measured>();

  constructor(random: Random, pool: Pool) {
    this.#random = random;
    this.#pool = pool;
  }

  /** What a monitor finds when it asks a server for the time. */
  measure(server: PoolServer, monitor: PoolMonitor, ts: number): LogScoreRow {
    const random = this.#random;
    const silent = random.chance(
      { good: 0.004, drifting: 0.01, flaky: 0.3, dead: 1 }[server.quality],
    );
    const found = silent ? this.#silence(server, monitor) : this.#answer(server, monitor);
    const { offset, rtt, step, attributes } = found;
    const pair = server.id * 1000 + monitor.id;
    const faded = (this.#scores.get(pair) ?? 10) * 0.95 + step;
    // More than three seconds away costs the whole score at once.
    const score = offset !== null && Math.abs(offset) > 3 ? Math.min(faded, -20) : faded;
    this.#scores.set(pair, score);
    this.#latest.set(server.id, { score, step, attributes });
    return {
      monitorId: random.chance(0.002) ? null : monitor.id,
      serverId: server.id,
      ts,
      score,
      step,
      offset,
      rtt,
      attributes: attributes === null ? null : goJson(attributes),
    };
  }

  /** What a scorer makes of a server's newest measurement; `fromId` is about that row's id. */
  score(server: PoolServer, scorer: PoolMonitor, ts: number, fromId: number): LogScoreRow {
    const latest = this.#latest.get(server.id);
    return {
      monitorId: scorer.id,
      serverId: server.id,
      ts,
      score: latest?.score ?? 10,
      step: latest?.step ?? 1,
      offset: null,
      rtt: null,
      attributes: goJson({
        ...latest?.attributes,
        from_ls_id: fromId,
        from_ss_id: server.id * 20 + 1,
      }),
    };
  }

  #answer(server: PoolServer, monitor: PoolMonitor): Found {
    const random = this.#random;
    const jitterS = random.bell() * (server.quality === 'good' ? 0.0008 : 0.4);
    const driftS = server.quality === 'drifting' ? random.pick([0.09, 0.2, 1.4, 5.2]) : 0;
    // The monitor counts nanoseconds and writes seconds.
    const offset = Math.round((server.offsetS + jitterS + driftS) * 1e9) / 1e9;
    const leap =
      server.quality === 'drifting' && random.chance(0.3) ? 3 : random.chance(0.003) ? 1 : 0;
    const stratum = leap === 3 ? 16 : server.stratum;
    const attributes: Attributes = { leap, stratum };
    if (stratum === 16) attributes.error = 'bad stratum 16';
    else if (random.chance(0.004)) attributes.warning = 'network path & clock <unsteady>';
    const told = leap > 0 || attributes.error !== undefined || attributes.warning !== undefined;
    return {
      step: stepOf(Math.abs(offset), stratum),
      offset,
      rtt: Math.round((server.rttUs + monitor.distanceUs) * (1 + random.unit() / 5)),
      attributes: told || random.chance(0.25) ? attributes : null,
    };
  }

  #silence(server: PoolServer, monitor: PoolMonitor): Found {
    const random = this.#random;
    const target = server.ipVersion === 'v6' ? `[${server.ip}]:123` : `${server.ip}:123`;
    const error = random.pick([
      `read udp ${monitor.ip ?? ''}:${random.between(1024, 65_535)}->${target}: i/o timeout`,
      'i/o timeout',
      'kiss of death: RATE',
      `read udp ${target}: recvfrom: connection refused`,
    ]);
    return {
      step: -5,
      offset: random.chance(0.5) ? 0 : null,
      rtt: random.chance(0.5) ? 0 : null,
      attributes: { no_response: true, error },
    };
  }

  /** Some server and monitor that nobody holds locks on. */
  any(ts: number): LogScoreRow {
    const { servers, monitors } = this.#pool;
    return this.measure(this.#random.pick(servers), this.#random.pick(monitors), ts);
  }

  /** A row for a transaction that will stay open. */
  quiet(ts: number): LogScoreRow {
    const { quietServers, quietMonitors } = this.#pool;
    return this.measure(this.#random.pick(quietServers), this.#random.pick(quietMonitors), ts);
  }
}

function stepOf(offsetS: number, stratum: number): number {
  if (offsetS > 3 || stratum >= 8) return -4;
  if (offsetS > 0.75) return -2;
  if (offsetS > 0.075) return -4 * offsetS + 1;
  return 1;
}
