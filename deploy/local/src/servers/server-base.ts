import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { cacheFolder } from '../cache.ts';
import { freePorts, isFree } from '../ports.ts';
import { type Needed, RUN_WITH } from '../prerequisites.ts';
import type { Installer, LocalServer, Say, ServerName, ServerOptions } from '../server.ts';
import { Supervised } from '../supervised.ts';

/** How long the ports of before may stay taken until others are chosen. */
const PORTS_MS = 5_000;

/** What all servers share: a folder, ports that are chosen once and kept there, one process. */
export abstract class ServerBase implements LocalServer {
  abstract readonly name: ServerName;
  abstract readonly installer: Installer;
  /** Names of the ports that the server listens on. */
  protected abstract readonly ports: readonly string[];
  protected readonly dir: string;
  protected readonly say: Say;
  readonly #chosen = new Map<string, number>();
  #process: Supervised | undefined;
  #pid: number | null = null;

  constructor({ dir, say }: ServerOptions) {
    this.dir = dir;
    this.say = say;
  }

  abstract install(): Promise<void>;
  abstract ready(): Promise<boolean>;
  abstract endpoints(): Readonly<Record<string, string>>;
  protected abstract launch(signal: AbortSignal | undefined): Promise<void>;

  /** What has to be on this machine already. */
  async needs(): Promise<readonly Needed[]> {
    return RUN_WITH[this.name];
  }

  get pid(): number | null {
    return this.#pid;
  }

  /** Finds ports and a process that an earlier start left in the folder. */
  async attach(): Promise<boolean> {
    for (const [name, port] of Object.entries(await this.#readPorts()))
      this.#chosen.set(name, port);
    this.#pid = await this.process.pid();
    return this.#pid !== null;
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (await this.attach()) {
      if (await this.ready()) return;
      // Still starting, on its way down, or stuck: none of these can be told from the others.
      await this.stop();
    }
    const started = Date.now();
    try {
      await this.install();
      await mkdir(this.dir, { recursive: true });
      await this.#choosePorts();
      await this.launch(signal);
    } catch (cause) {
      signal?.throwIfAborted();
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(
        `${this.name} did not start: ${message}\nIf its program is damaged, delete ${cacheFolder()} to install anew.`,
        { cause },
      );
    }
    this.#pid = await this.process.pid();
    this.say(`${this.name} ready in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }

  async stop(): Promise<void> {
    this.#pid = null;
    await this.process.end('SIGTERM', this.graceMs);
  }

  async kill(): Promise<void> {
    this.#pid = null;
    await this.process.end('SIGKILL');
  }

  logTail(): Promise<string> {
    return this.process.tail();
  }

  async failure(): Promise<string | null> {
    const pid = this.#pid;
    if (pid === null || (await this.process.pid()) === pid) return null;
    // Ended by stop or kill while this was asking.
    if (this.#pid !== pid) return null;
    return `${this.name} (pid ${pid}) ended by itself. The end of ${this.process.logFile}:\n${await this.logTail()}`;
  }

  /** How long an orderly end may take. */
  protected get graceMs(): number {
    return 7_000;
  }

  protected get process(): Supervised {
    this.#process ??= new Supervised(this.name, this.dir);
    return this.#process;
  }

  protected port(name: string): number {
    const port = this.#chosen.get(name);
    if (port === undefined) throw new Error(`${this.name} has no port ${name} before its start`);
    return port;
  }

  /** Those of the last start, so that a restart is found where it was; others if one is taken by now. */
  async #choosePorts(): Promise<void> {
    if (this.#chosen.size > 0 && (await this.#areFree())) return;
    const ports = await freePorts(this.ports.length);
    for (const [index, name] of this.ports.entries()) this.#chosen.set(name, ports[index] ?? 0);
    await writeFile(join(this.dir, 'ports.json'), JSON.stringify(Object.fromEntries(this.#chosen)));
  }

  /** A killed process's last threads may hold its ports a little longer than its pid. */
  async #areFree(): Promise<boolean> {
    const giveUpAt = Date.now() + PORTS_MS;
    for (;;) {
      const free = await Promise.all([...this.#chosen.values()].map(isFree));
      if (free.every(Boolean)) return true;
      if (Date.now() > giveUpAt) return false;
      await delay(50);
    }
  }

  async #readPorts(): Promise<Record<string, number>> {
    const text = await readFile(join(this.dir, 'ports.json'), 'utf8').catch(() => '{}');
    return JSON.parse(text) as Record<string, number>;
  }
}
