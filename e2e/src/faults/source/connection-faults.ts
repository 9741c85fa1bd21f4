import { until } from '@scoreline/testing';

import { dumps } from '../../harness/dumps.ts';
import type { Meddling } from '../../harness/packet-rules.ts';
import { withholdAll, withholdEvents } from '../../harness/packet-rules.ts';
import { publishedPosition } from '../../harness/published-position.ts';
import type { Fault } from '../fault.ts';
import { throughProxy } from './through-proxy.ts';

const OUR_ID = '4711';

/** What happens to the connection that brings the binlog, and to the server at its other end. */
export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    name: 'the dump thread is killed',
    outcome: 'goes on',
    cause: async (scene) => {
      const [id] = await dumps(scene.adminDsn);
      await scene.sql(`KILL ${id}`);
      await scene.sessionEnds('source-connection');
      const other = await until(
        async () => (await dumps(scene.adminDsn)).find((one) => one !== id),
        { what: 'another dump thread' },
      );
      return `dump thread ${id} killed, ${other} took its place`;
    },
  },
  {
    name: 'the connection is half open',
    outcome: 'goes on',
    settings: { fence_timeout: '0s' },
    ...meddled(withholdAll, 'source-silent'),
  },
  {
    name: 'the dump thread sends heartbeats only',
    outcome: 'goes on',
    settings: { source_timeout: '60s' },
    ...meddled(withholdEvents, 'source-stalled'),
  },
  {
    name: 'the server is killed and starts again, with other binlog files',
    outcome: 'goes on',
    cause: async (scene) => {
      const { mariadb } = scene.pipeline.stack;
      const before = mariadb.pid;
      const position = await publishedPosition(scene.capture);
      await scene.sql('FLUSH BINARY LOGS');
      await scene.rowsCommitted(100);
      await mariadb.kill();
      await scene.load.broken();
      await mariadb.start();
      await scene.sql('FLUSH BINARY LOGS');
      scene.load.begin();
      await scene.pipeline.caughtUp(scene.capture);
      const now = await publishedPosition(scene.capture);
      return `MariaDB had pid ${before}, has ${mariadb.pid}; capture was at ${position}, is at ${now}`;
    },
  },
  {
    // The server throws out whom it knew first. Coming back would throw out the other one in turn, for ever.
    name: 'another replica takes our server id',
    outcome: { stops: 'server-id-taken', again: null },
    settings: { replica_server_id: OUR_ID },
    cause: async (scene) => {
      const twin = scene.another('twin', `twin-${scene.prefix}`, { replica_server_id: OUR_ID });
      await twin.start();
      await twin.ready();
      return `a second capture streams with replica_server_id ${OUR_ID}`;
    },
  },
];

/** Streams that were begun suffer from it, and those that take their place do not. */
function meddled(meddle: () => Meddling, code: string): Pick<Fault, 'stage' | 'cause'> {
  return throughProxy(async (scene, proxy) => {
    const meddling = meddle();
    proxy.apply(meddling.rule);
    const message = await scene.sessionEnds(code);
    if (meddling.times === 0) throw new Error('the proxy has withheld nothing');
    return `${meddling.times} packets withheld; ${message}`;
  });
}
