import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { brokerSocket } from './socket.ts';

/** A connection to a server that does this with its side of it. */
async function connected(t: TestContext, serve: (socket: Socket) => void): Promise<Socket> {
  const server = createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const socket = brokerSocket({
    host: '127.0.0.1',
    port,
    ssl: undefined as never,
    onConnect: () => {},
  });
  t.after(() => socket.destroy());
  return socket;
}

function answer(length: number, byte: number): Buffer {
  const frame = Buffer.alloc(4 + length, byte);
  frame.writeInt32BE(length);
  return frame;
}

test('answers of any size arrive whole, and what is said is heard', async (t) => {
  const answers = [answer(1, 1), answer(3_000_000, 2), answer(70_000, 3)];
  const socket = await connected(t, (peer) => {
    peer.once('data', (heard) => {
      assert.equal(heard.toString(), 'request');
      peer.end(Buffer.concat(answers));
    });
  });
  const came: Buffer[] = [];
  socket.on('data', (frame: Buffer) => came.push(frame));
  socket.write('request');
  await once(socket, 'end');
  assert.deepEqual(
    came.map(({ length }) => length),
    answers.map(({ length }) => length),
  );
  assert.ok(came.every((frame, i) => frame.equals(answers[i]!)));
});

test('a server that is no broker ends the connection with an error', async (t) => {
  const socket = await connected(t, (peer) => {
    peer.on('error', () => {});
    peer.write(Buffer.alloc(8, 0xff));
  });
  socket.on('data', () => assert.fail('that was no answer'));
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /an answer of -1 bytes is no broker's/);
  if (!socket.closed) await once(socket, 'close');
});

test('a server that goes away in the middle of an answer gives no part of it', async (t) => {
  const socket = await connected(t, (peer) => peer.end(answer(1000, 1).subarray(0, 500)));
  socket.on('data', () => assert.fail('it was not whole'));
  await once(socket, 'end');
});
