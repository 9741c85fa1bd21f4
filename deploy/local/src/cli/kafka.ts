import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { KAFKA_TOOLS, kafkaToolArgs } from '../kafka-tools.ts';
import { KafkaServer } from '../servers/kafka.ts';
import { readStackEnv } from '../stack-env.ts';
import { die, LOCAL } from './common.ts';

try {
  const [tool, ...args] = process.argv.slice(2);
  if (tool === undefined) {
    throw new Error(`npm run kafka -- TOOL ARGS...\ntools: ${Object.keys(KAFKA_TOOLS).join(', ')}`);
  }
  const brokers = (await readStackEnv(LOCAL))['KAFKA_BROKERS'] ?? '';
  const kafka = new KafkaServer({ dir: LOCAL, say: (line) => console.error(line) });
  const java = kafkaToolArgs(tool, args, { classpath: await kafka.classpath(), brokers });
  const child = spawn('java', java, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 1;
} catch (error) {
  die(error);
}
