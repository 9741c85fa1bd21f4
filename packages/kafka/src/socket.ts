import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { ISocketFactoryArgs } from 'kafkajs';

import { Frames } from './frames.ts';

/** As kafkajs's own sockets have it. */
const KEEP_ALIVE_MS = 60_000;
const READ_BYTES = 256 * 1024;

/**
 * A connection to a broker, which hands kafkajs whole answers. Node would give every 64 kB that arrive
 * memory of their own, and kafkajs put them together in another piece, so that for each 30 MB of rows
 * the garbage collector looks at everything. TLS has no such way to read.
 */
export function brokerSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const socket = ssl
    ? connectTls({ host, port, ...(!isIP(host) && { servername: host }), ...ssl }, onConnect)
    : connectPlain({ host, port, onConnect });
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

function connectPlain({
  host,
  port,
  onConnect,
}: Pick<ISocketFactoryArgs, 'host' | 'port' | 'onConnect'>): Socket {
  const frames = new Frames((frame) => socket.emit('data', frame));
  const callback = (length: number, bytes: Uint8Array): boolean => {
    try {
      frames.take(bytes.subarray(0, length));
    } catch (error) {
      socket.destroy(error as Error);
    }
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback };
  const socket = connect({ host, port, onread }, onConnect);
  return socket;
}
