import { sinkConformance } from '@scoreline/landing/testing';
import { faultProxy, needServer, type ProxiedRequest, until } from '@scoreline/testing';

import { TestTable } from './testing/table.ts';

const isWrite = ({ path }: ProxiedRequest) => path.startsWith('/write');

sinkConformance({
  name: 'QuestDB',
  async open(t) {
    const url = needServer(t, 'questdb');
    if (!url) return null;
    const proxy = await faultProxy(t, url);
    const table = new TestTable(t, proxy.url, url);
    return {
      proxy,
      table,
      sink: () => table.sink(),
      rows: () => table.rows(),
      remove: async () => void (await table.exec(`DROP TABLE "${table.name}"`)),
    };
  },
  loseAnswer: ({ proxy }) => proxy.next(isWrite, { kind: 'lose-answer' }),
  stall({ proxy }) {
    proxy.next(isWrite, { kind: 'hold', afterBytes: 1000 });
    return {
      reached: until(() => proxy.fired.length > 0, { what: 'a write that hangs' }).then(
        () => undefined,
      ),
      // Its connection ended with the write; the next one is let through.
      release: () => {},
    };
  },
  async tear({ table }, { minTs }) {
    const day = new Date(minTs / 1000).toISOString().slice(0, 10);
    await table.exec(`ALTER TABLE "${table.name}" DROP PARTITION LIST '${day}'`);
    await table.settled();
  },
});
