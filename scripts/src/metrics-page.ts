import { createMetrics } from '@scoreline/service';

import type { MetricsSource } from './catalog.ts';
import { code, table } from './table.ts';

const PREFACE = `# 5. Metrics

_Written by \`npm run docs\` from the instruments in the code: change it there._

Each service serves these on \`/metrics\`, with the process's own (\`process_*\`, \`nodejs_*\`, as prom-client
names them). Durations are seconds, sizes bytes. [Troubleshooting](6-troubleshooting.md) says which to
look at.`;

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** docs/5-metrics.md */
export function metricsPage(sources: readonly MetricsSource[]): string {
  const sections = sources.map((source) => {
    const rows = describeMetrics(source).map(({ name, type, labels, help }) => [
      code(name),
      type,
      labels.map(code).join(', '),
      help,
    ]);
    return `## ${source.title}\n\n${table(['metric', 'type', 'labels', 'meaning'], rows)}`;
  });
  return `${[PREFACE, ...sections].join('\n\n')}\n`;
}

/** In the order in which they are made. */
export function describeMetrics({ register }: MetricsSource): MetricDescription[] {
  const metrics = createMetrics();
  register(metrics);
  return metrics.registry.getMetricsAsArray().map((metric) => ({
    name: metric.name,
    type: String(metric.type),
    labels: (metric as { labelNames?: readonly string[] }).labelNames ?? [],
    help: metric.help,
  }));
}
