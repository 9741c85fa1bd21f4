import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be shut: its connections end, and nobody answers there until it is opened. */
export class Gate {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #url = '';

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => {
      const server = connect(Number(this.#target.port), this.#target.hostname);
      const end = (): void => {
        for (const socket of [client, server]) {
          socket.destroy();
          this.#sockets.delete(socket);
        }
      };
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', end).on('close', end);
      }
      client.pipe(server).pipe(client);
    });
  }

  static async create(target: string): Promise<Gate> {
    const gate = new Gate(target);
    gate.#server.listen(0, gate.#target.hostname);
    await once(gate.#server, 'listening');
    const { port } = gate.#server.address() as { port: number };
    gate.#url = Object.assign(new URL(target), { port: String(port) }).href;
    return gate;
  }

  /** The server's, through here. */
  get url(): string {
    return this.#url;
  }

  async open(): Promise<void> {
    this.#server.listen(Number(new URL(this.#url).port), this.#target.hostname);
    await once(this.#server, 'listening');
  }

  /** May be shut twice. */
  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
