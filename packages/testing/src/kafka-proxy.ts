import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import {
  correlationIdOf,
  KafkaFrames,
  type KafkaRequest,
  parseRequest,
  responseFrame,
} from './kafka-frames.ts';

/** What becomes of a request: the broker gets it, nobody does, nobody hears the answer, or it is answered right here. */
export type Judgement = 'pass' | 'withhold' | 'lose-answer' | { readonly answer: Buffer };

/** The answers in which a broker says where brokers are: Metadata, FindCoordinator. */
const WITH_ADDRESSES = new Set([3, 10]);

interface Pair {
  readonly client: Socket;
  readonly broker: Socket;
  isFrozen: boolean;
  /** By correlation id, the requests whose answers are to be changed, and those whose answers are dropped. */
  readonly moved: Set<number>;
  readonly lost: Set<number>;
}

/**
 * A network between a service and a single broker. It hands on whole requests, so that some of them can be
 * answered otherwise or not at all, and lets the broker say that it is where the proxy is.
 */
export class KafkaProxy {
  /** Asked for every request. */
  judge: (request: KafkaRequest) => Judgement = () => 'pass';
  readonly #host: string;
  readonly #port: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #swallowed = 0;
  #isSevered = false;
  #refused = 0;

  private constructor(broker: string) {
    const [host = '', port = ''] = broker.split(':');
    this.#host = host;
    this.#port = Number(port);
    this.#server = createServer((client) => this.#serve(client));
  }

  static async create(broker: string): Promise<KafkaProxy> {
    const proxy = new KafkaProxy(broker);
    proxy.#server.listen(0, proxy.#host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** For `kafka_brokers`. */
  get address(): string {
    return `${this.#host}:${this.#ownPort}`;
  }

  /** Bytes of requests that went into connections which carry nothing any more. */
  get swallowed(): number {
    return this.#swallowed;
  }

  /**
   * The connections that are open now stay open and carry nothing any more, as when a router between has
   * forgotten them. Others can be made. Returns how many they are.
   */
  freeze(): number {
    for (const pair of this.#pairs) pair.isFrozen = true;
    return this.#pairs.size;
  }

  /** Connections that were begun while there was nobody to connect to. */
  get refused(): number {
    return this.#refused;
  }

  /** Ends every connection, and each that is begun until `restore`, as when the broker is gone. Returns how many there were. */
  sever(): number {
    this.#isSevered = true;
    const severed = this.#pairs.size;
    this.#endAll();
    return severed;
  }

  restore(): void {
    this.#isSevered = false;
  }

  async close(): Promise<void> {
    this.#endAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  get #ownPort(): number {
    return (this.#server.address() as { port: number }).port;
  }

  #endAll(): void {
    for (const { client, broker } of this.#pairs) {
      client.destroy();
      broker.destroy();
    }
  }

  #serve(client: Socket): void {
    if (this.#isSevered) {
      this.#refused++;
      client.destroy();
      return;
    }
    const broker = connect(this.#port, this.#host);
    const pair: Pair = { client, broker, isFrozen: false, moved: new Set(), lost: new Set() };
    this.#pairs.add(pair);
    const requests = new KafkaFrames();
    const responses = new KafkaFrames();
    client.on('data', (chunk: Buffer) => {
      if (pair.isFrozen) this.#swallowed += chunk.length;
      else for (const frame of requests.take(chunk)) this.#request(pair, frame);
    });
    broker.on('data', (chunk: Buffer) => {
      if (pair.isFrozen) return;
      for (const frame of responses.take(chunk)) {
        const id = correlationIdOf(frame);
        if (pair.lost.delete(id)) continue;
        client.write(pair.moved.delete(id) ? this.#moved(frame) : frame);
      }
    });
    const end = (): void => {
      client.destroy();
      broker.destroy();
      this.#pairs.delete(pair);
    };
    client.on('error', end).on('close', end);
    const ended = (): void => {
      if (!pair.isFrozen) end();
    };
    broker.on('error', ended).on('close', ended);
  }

  #request({ client, broker, moved, lost }: Pair, frame: Buffer): void {
    const request = parseRequest(frame);
    const judgement = this.judge(request);
    if (judgement === 'withhold') return;
    if (typeof judgement === 'object') {
      client.write(responseFrame(request.correlationId, judgement.answer));
      return;
    }
    if (judgement === 'lose-answer') lost.add(request.correlationId);
    if (WITH_ADDRESSES.has(request.apiKey)) moved.add(request.correlationId);
    broker.write(frame);
  }

  /** The broker's address in an answer is the proxy's. */
  #moved(frame: Buffer): Buffer {
    const theirs = address(this.#host, this.#port);
    const ours = address(this.#host, this.#ownPort);
    const moved = Buffer.from(frame);
    for (let at = moved.indexOf(theirs); at >= 0; at = moved.indexOf(theirs, at + 1)) {
      ours.copy(moved, at);
    }
    return moved;
  }
}

/** As the protocol writes it: a string and an INT32. */
function address(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  bytes.write(host, 2, 'latin1');
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}
