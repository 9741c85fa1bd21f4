import { parseArgs } from 'node:util';

import { readStackEnv } from '../stack-env.ts';
import { tail } from '../topic-tail.ts';
import { die, LOCAL } from './common.ts';

const USAGE = `npm run topic -- tail TOPIC [--limit N] [--from-beginning] [--dir D]
prints committed records as lines of JSON, the newest few and then what comes, until Ctrl-C or N records`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      limit: { type: 'string' },
      'from-beginning': { type: 'boolean', default: false },
      dir: { type: 'string', default: LOCAL },
    },
  });
  const [verb, topic, ...others] = positionals;
  const limit = values.limit === undefined ? Infinity : Number(values.limit);
  const isCount = limit === Infinity || (Number.isInteger(limit) && limit > 0);
  if (verb !== 'tail' || topic === undefined || others.length > 0 || !isCount) {
    throw new Error(USAGE);
  }
  const env = await readStackEnv(values.dir);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stopping.abort());
  }
  // `| head` has seen enough.
  process.stdout.on('error', () => stopping.abort());
  await tail({
    brokers: (env['KAFKA_BROKERS'] ?? '').split(','),
    registryUrl: env['SCHEMA_REGISTRY_URL'] ?? '',
    topic,
    limit,
    fromBeginning: values['from-beginning'],
    print: (line) => process.stdout.write(`${line}\n`),
    signal: stopping.signal,
  });
} catch (error) {
  die(error);
}
