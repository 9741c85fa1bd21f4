import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { ledgerTopic } from '@scoreline/ledger';
import { until } from '@scoreline/testing';

import type { Servers } from '../bad-input/servers.ts';
import type { Settings } from '../faults/fault.ts';
import { caughtUp } from '../harness/caught-up.ts';
import { inDatabase } from '../harness/own-table.ts';
import type { Service } from '../harness/service.ts';
import { applyPlan, explained } from './answers.ts';
import { type Archive, type ArchiveName, ARCHIVES } from './archive.ts';
import { HeldRow } from './held-row.ts';
import { Judge } from './judge.ts';
import { Programs } from './programs.ts';
import type { InsertOptions } from './source-rows.ts';
import { SourceTable } from './source-table.ts';

export interface SceneOptions {
  readonly name: string;
  readonly archives: readonly ArchiveName[];
  /** Of capture. */
  readonly capture?: Settings;
  /** Of the sinks. */
  readonly sinks?: Settings;
}

/**
 * A table, a topic, capture, sinks and their archives, of which the purge is to delete what is old; and who
 * remembers every row that was ever there, to say what a purge has done wrong.
 */
export class PurgeScene {
  readonly servers: Servers;
  readonly table: SourceTable;
  readonly programs: Programs;
  readonly prefix: string;
  readonly database: string;
  readonly archives = new Map<ArchiveName, Archive>();
  readonly sinks = new Map<ArchiveName, Service>();
  /** Sinks that are active: what leaves MySQL has to be in their archives. */
  readonly active: ArchiveName[] = [];
  readonly judge: Judge;
  readonly #options: SceneOptions;
  readonly #locked: HeldRow[] = [];
  #capture: Service;

  constructor(servers: Servers, options: SceneOptions) {
    this.servers = servers;
    this.#options = options;
    this.prefix = `${options.name}.`;
    this.database = `purge_${options.name.replaceAll('-', '_')}`;
    this.table = new SourceTable(inDatabase(servers.dsn('admin'), this.database));
    this.judge = new Judge(servers.kafka, this.table);
    this.programs = new Programs(servers, this.prefix, this.database);
    this.#capture = this.programs.capture(options.capture);
  }

  get topic(): string {
    return `${this.prefix}log_scores-v1`;
  }

  /** The topic of the release that `nextRelease` is of. */
  get nextTopic(): string {
    return `${this.prefix}log_scores-v2`;
  }

  get ledger(): string {
    return ledgerTopic('log_scores', this.prefix);
  }

  get folder(): string {
    return path.join(this.servers.stack.dir, this.database);
  }

  /** While it is there, nothing is deleted. */
  get pauseFile(): string {
    return path.join(this.folder, 'pause');
  }

  get capture(): Service {
    return this.#capture;
  }

  groupOf(archive: ArchiveName, topic = this.topic): string {
    return `sink-${archive}.${topic}`;
  }

  /** The table and the archives; nothing runs yet. */
  async create(): Promise<void> {
    await this.table.create();
    const { folder, servers, topic, database } = this;
    for (const name of this.#options.archives) {
      this.archives.set(name, await ARCHIVES[name]({ folder, servers, topic, database }));
      this.sinks.set(name, this.sink(name));
    }
  }

  /** Capture and these sinks, each of which is promoted when it has rows. */
  async begin(archives: readonly ArchiveName[] = this.#options.archives): Promise<void> {
    await this.capture.start();
    await this.capture.ready();
    for (const name of archives) await this.sinks.get(name)!.start();
    for (const name of archives) await this.sinks.get(name)!.ready();
    await this.insertLanded(10);
    for (const name of archives) await this.promote(name);
  }

  async lockRow(id: number): Promise<HeldRow> {
    const row = await HeldRow.lock(this.table.adminDsn, id);
    this.#locked.push(row);
    return row;
  }

  /** What a case that has failed would leave to the next one. */
  async letGo(): Promise<void> {
    for (const row of this.#locked.splice(0)) await row.release();
    await rm(this.pauseFile, { force: true });
  }

  end(): Promise<void> {
    return this.programs.end();
  }

  /** Another capture in the place of the one that has ended. */
  async captureAgain(settings: Settings = {}): Promise<void> {
    this.#capture = this.programs.capture({ ...this.#options.capture, ...settings });
    await this.capture.start();
    await this.capture.ready();
  }

  /** Starts the sink of an archive again. */
  async sinkAgain(name: ArchiveName): Promise<void> {
    const sink = this.sinks.get(name)!;
    await sink.start();
    await sink.ready();
  }

  /** A program of a release that knows one version of the topic more, in the place of the one that has ended. */
  async nextRelease(name: 'capture' | 'sink-file'): Promise<void> {
    const program = new URL(`../next-version/${name}.js`, import.meta.url);
    const service =
      name === 'capture'
        ? this.programs.capture(this.#options.capture, program)
        : this.sink('file', {}, program);
    if (name === 'capture') this.#capture = service;
    else this.sinks.set('file', service);
    await service.start();
    await service.ready();
  }

  /** A sink's program with other settings; not started. */
  sink(name: ArchiveName, settings: Settings = {}, program?: URL): Service {
    const { settings: own } = this.archives.get(name)!;
    return this.programs.sink(name, { ...own, ...this.#options.sinks, ...settings }, program);
  }

  /** The purge's program; not started. */
  purge(settings: Settings = {}): Service {
    const own = { sinks: this.active.join(','), purge_pause_file: this.pauseFile };
    return this.programs.purge({ ...own, ...settings });
  }

  /** Rows in a bucket that has no others, in every archive whose sink runs. Resolves to their ids. */
  async insertLanded(count: number, options: InsertOptions = {}): Promise<number[]> {
    const from = await this.table.nextBucket();
    const ids = await this.table.insert(count, { from, ...options });
    await this.landed();
    return ids;
  }

  async captured(): Promise<void> {
    await caughtUp(this.table.adminDsn, this.capture);
  }

  /** Waits until everything is captured, and in these archives: those whose sinks run unless named. */
  async landed(archives?: readonly ArchiveName[]): Promise<void> {
    await this.captured();
    const running = [...this.sinks].flatMap(([name, { running: isUp }]) => (isUp ? [name] : []));
    const topics = await this.servers.admin.listTopics();
    for (const topic of [this.topic, this.nextTopic].filter((one) => topics.includes(one))) {
      for (const name of archives ?? running) {
        await until(async () => (await this.servers.lag(this.groupOf(name, topic), topic)) === 0, {
          what: `lag 0 of ${name} in ${topic}`,
        }).catch((cause: unknown) => {
          throw new Error(`${String(cause)}\n${this.sinks.get(name)?.output}`, { cause });
        });
      }
    }
  }

  async promote(name: ArchiveName): Promise<void> {
    const args = ['--promote', '--sink', name, '--why', 'the test'];
    await applyPlan(this.purge({ sinks: [...new Set([...this.active, name])].join(',') }), args);
    if (!this.active.includes(name)) this.active.push(name);
  }

  explain(settings: Settings = {}) {
    return explained(this.purge(settings));
  }

  once(settings: Settings = {}) {
    return this.purge(settings).run(['--once']);
  }

  /** Purges all that may go: no old row is left but what is kept, and no other row is gone. */
  async goes(settings: Settings = {}): Promise<string> {
    const deletable = new Set(await this.table.deletable());
    const spared = (await this.table.ids()).filter((id) => !deletable.has(id));
    const { code, output } = await this.once(settings);
    assert.deepEqual(await this.table.deletable(), [], `not deleted:\n${output}`);
    const left = new Set(await this.table.ids());
    const gone = spared.filter((id) => !left.has(id));
    assert.deepEqual(gone, [], `deleted:\n${output}`);
    assert.equal(code, 0, output);
    await this.check();
    return output;
  }

  /** Whatever has happened: where every row that has left MySQL is now. */
  async check(): Promise<void> {
    const active = this.active.map((name) => [name, this.archives.get(name)!] as const);
    await this.judge.check(this.topic, new Map(active));
  }
}
