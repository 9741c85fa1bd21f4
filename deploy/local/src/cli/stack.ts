import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { SERVER_NAMES, type ServerName } from '../server.ts';
import { formatEnv } from '../stack-env.ts';
import { OPTIONAL, PIPELINE, Stack } from '../stack.ts';
import { die, LOCAL } from './common.ts';

const USAGE = `npm run stack -- up | down | status [--only kafka,mariadb,...] [--mysql] [--all] [--dir D]
servers: ${SERVER_NAMES.join(', ')}
up starts ${PIPELINE.join(', ')}, with --mysql that too, with --all all; down ends all; with --only just those`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      mysql: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      dir: { type: 'string', default: LOCAL },
    },
  });
  const dir = resolve(values.dir);
  const [verb] = positionals;
  const byDefault = values.all ? SERVER_NAMES : PIPELINE;
  const named = values.only?.split(',').map(serverName) ?? byDefault;
  const only = [...new Set([...named, ...(values.mysql ? (['mysql'] as const) : [])])];
  const optional = values.all ? OPTIONAL : [];
  const stack = new Stack({ dir, only, optional, say: (line) => console.error(line) });
  switch (verb) {
    case 'up':
      await stack.up(stopped());
      process.stdout.write(formatEnv(stack.env()));
      break;
    case 'down':
      await stack.down(values.only === undefined ? SERVER_NAMES : only);
      break;
    case 'status':
      await status(dir);
      break;
    case undefined:
    default:
      throw new Error(USAGE);
  }
} catch (error) {
  die(error);
}

/** Ctrl-C while servers start: those that this command started are ended. */
function stopped(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  return stopping.signal;
}

async function status(dir: string): Promise<void> {
  const stack = new Stack({ dir, only: SERVER_NAMES, say: () => {} });
  for (const server of stack.servers) {
    const runs = await server.attach();
    const state = runs ? ((await server.ready()) ? 'ready' : 'not ready') : 'not running';
    const where = runs ? Object.values(server.endpoints())[0] : '';
    console.log(`${server.name.padEnd(11)}${state.padEnd(13)}${where}`);
  }
}

function serverName(text: string): ServerName {
  const name = SERVER_NAMES.find((one) => one === text.trim());
  if (name === undefined) throw new Error(`no server is called ${text}\n${USAGE}`);
  return name;
}
