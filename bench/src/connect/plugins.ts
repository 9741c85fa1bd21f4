import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, runCommand, type Say } from '@scoreline/local';

const POMS = fileURLToPath(new URL('../../peers/', import.meta.url));
const PLUGINS = ['debezium', 'avro-converter'] as const;

/** A plugin folder for Kafka Connect, from our poms; kept in the user's cache until a pom changes. */
export async function connectPlugins(say: Say): Promise<string> {
  const hash = createHash('sha256');
  for (const name of PLUGINS) hash.update(await readFile(join(POMS, `${name}.xml`)));
  return cached(`connect-plugins-${hash.digest('hex').slice(0, 8)}`, say, async (folder) => {
    for (const name of PLUGINS) {
      await runCommand('mvn', [
        '-q',
        '-B',
        '-f',
        join(POMS, `${name}.xml`),
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(folder, name)}`,
      ]);
    }
  });
}
