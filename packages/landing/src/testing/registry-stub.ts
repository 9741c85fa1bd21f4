import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A registry that knows schemas by id and nothing else. Resolves with its URL. */
export async function registryStub(
  t: TestContext,
  schemas: Readonly<Record<number, string>>,
): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/schemas/types') {
      response.end('["AVRO"]');
      return;
    }
    const id = /^\/schemas\/ids\/(\d+)/.exec(request.url ?? '')?.[1];
    const schema = schemas[Number(id)];
    response.statusCode = schema === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(schema === undefined ? { error_code: 40403 } : { schema }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
