import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The registry of one process and the only way to make an instrument in it. */
export interface Metrics {
  readonly registry: Registry;
  /** A count that only rises: `scoreline_<service>_..._total`. */
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** A value of now; `collect` sets it when it is read. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (this: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
  /** Buckets are upper bounds, in the unit that the name ends with. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
}

export type { Counter, Gauge, Histogram } from 'prom-client';

export function createMetrics(): Metrics {
  const registry = new Registry();
  const options = <L extends string>(name: string, help: string, labels: readonly L[] = []) => {
    checkName(name);
    return { name, help, labelNames: labels, registers: [registry] };
  };
  return {
    registry,
    counter(name, help, labels) {
      if (!name.endsWith('_total')) throw new Error(`counter ${name}: the name must end in _total`);
      return new Counter(options(name, help, labels));
    },
    gauge(name, help, labels, collect) {
      return new Gauge({ ...options(name, help, labels), ...(collect ? { collect } : {}) });
    },
    histogram(name, help, labels, buckets) {
      return new Histogram({
        ...options(name, help, labels),
        ...(buckets ? { buckets: [...buckets] } : {}),
      });
    },
  };
}

/** CPU, memory, event loop and garbage collection of this process, under prom-client's usual names. */
export function collectProcessMetrics({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry });
}

function checkName(name: string): void {
  if (!/^scoreline_[a-z][a-z0-9_]*$/.test(name)) {
    throw new Error(`metric ${name}: the name must be scoreline_<service>_<what>_<unit>`);
  }
}
