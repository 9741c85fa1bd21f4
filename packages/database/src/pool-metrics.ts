import type { Metrics } from '@scoreline/service';

export interface PoolCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

export type PoolMetrics = ReturnType<typeof databaseMetrics>;

/** What a pool of source connections measures about itself. */
export function databaseMetrics(metrics: Metrics) {
  let counts = (): PoolCounts => ({ open: 0, idle: 0, waiting: 0 });
  metrics.gauge(
    'scoreline_database_pool_connections',
    'Connections to the source database, by state.',
    ['state'],
    function collect() {
      const { open, idle } = counts();
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'in_use' }, open - idle);
    },
  );
  metrics.gauge(
    'scoreline_database_pool_waiting',
    'Callers that wait for a connection because all are in use.',
    [],
    function collect() {
      this.set(counts().waiting);
    },
  );
  return {
    /** Lets the gauges read from a pool. */
    follow(pool: () => PoolCounts): void {
      counts = pool;
    },
    opened: metrics.counter(
      'scoreline_database_pool_opened_total',
      'Connections that were opened.',
    ),
    failed: metrics.counter(
      'scoreline_database_pool_failed_total',
      'Connections that could not be opened.',
    ),
    closed: metrics.counter(
      'scoreline_database_pool_closed_total',
      'Connections that were closed, by why: age, idle, broken, replaced or shutdown.',
      ['reason'],
    ),
    waitSeconds: metrics.histogram(
      'scoreline_database_pool_wait_seconds',
      'How long callers waited for a connection, opening it included.',
      [],
      [0.001, 0.01, 0.1, 1, 10],
    ),
  };
}
