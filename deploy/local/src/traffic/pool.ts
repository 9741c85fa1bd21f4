import { Random } from './random.ts';

/** How a server of the pool behaves; most are good. */
export type Quality = 'good' | 'drifting' | 'flaky' | 'dead';

export interface PoolServer {
  readonly id: number;
  readonly ip: string;
  readonly ipVersion: 'v4' | 'v6';
  readonly hostname: string;
  readonly stratum: number;
  readonly quality: Quality;
  readonly rttUs: number;
  readonly offsetS: number;
}

export interface PoolMonitor {
  readonly id: number;
  readonly type: 'monitor' | 'score';
  readonly name: string;
  readonly ip: string | null;
  /** What this monitor's place on the net adds to each round trip. */
  readonly distanceUs: number;
}

export interface Pool {
  readonly servers: readonly PoolServer[];
  readonly monitors: readonly PoolMonitor[];
  readonly scorers: readonly PoolMonitor[];
  /**
   * Servers of the transactions that stay open for a while. Nothing else updates them: a row's
   * foreign keys hold shared locks on its parents until the commit.
   */
  readonly quietServers: readonly PoolServer[];
  readonly quietMonitors: readonly PoolMonitor[];
}

const SERVERS = 400;
const MONITORS = 18;
const PLACES = ['ams1', 'ewr2', 'lax1', 'sin3', 'syd1', 'fra5', 'gru1', 'nrt2', 'jnb1'];

/** The same pool for the same seed; ids are 1..n in both tables, scorers after the monitors. */
export function makePool(seed: number): Pool {
  const random = new Random(seed);
  const servers = Array.from({ length: SERVERS }, (_, index) => makeServer(random, index + 1));
  const monitors = Array.from({ length: MONITORS }, (_, index) => makeMonitor(random, index + 1));
  const scorers = ['every', 'recentmedian'].map((name, index): PoolMonitor => {
    return { id: MONITORS + index + 1, type: 'score', name, ip: null, distanceUs: 0 };
  });
  return {
    servers: servers.filter(({ id }) => id % 10 !== 0),
    quietServers: servers.filter(({ id }) => id % 10 === 0),
    monitors: monitors.filter(({ id }) => id % 6 !== 0),
    quietMonitors: monitors.filter(({ id }) => id % 6 === 0),
    scorers,
  };
}

function makeServer(random: Random, id: number): PoolServer {
  const v6 = random.chance(0.3);
  const draw = random.unit();
  return {
    id,
    ip: v6
      ? `2001:db8:${random.between(1, 0xffff).toString(16)}::${id.toString(16)}`
      : `198.18.${id >> 8}.${id & 255}`,
    ipVersion: v6 ? 'v6' : 'v4',
    hostname: `ntp${id}.example.net`,
    stratum: random.pick([1, 2, 2, 2, 3, 3]),
    quality: draw < 0.88 ? 'good' : draw < 0.94 ? 'drifting' : draw < 0.98 ? 'flaky' : 'dead',
    rttUs: random.between(400, 180_000),
    offsetS: random.bell() * 0.002,
  };
}

function makeMonitor(random: Random, id: number): PoolMonitor {
  const name = `${random.pick(PLACES)}-${id.toString(36)}${random.uint32().toString(36).slice(0, 4)}`;
  return {
    id,
    type: 'monitor',
    name,
    ip: `203.0.113.${id}`,
    distanceUs: random.between(200, 60_000),
  };
}
