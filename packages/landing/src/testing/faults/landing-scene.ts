import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { KafkaProxy, until } from '@scoreline/testing';

import { type Commits, type Pipeline, pipeline } from '../pipeline.ts';
import { encodeRow, FIRST_DAY_US, type SampleRow, sampleRow } from '../sample-rows.ts';
import { type SinkProcess, sinkProcess } from '../sink-process.ts';
import type { Archive, Place, SinkProgram } from './archive.ts';
import type { Settings } from './fault.ts';
import { type Landed, landed } from './landed.ts';
import { fatalIn, type LogLine, logLines } from './log-lines.ts';
import { type TopicRow, topicRows } from './topic-rows.ts';

export const PARTITIONS = 2;
const ROWS = 200;
const DAY_US = 86_400_000_000;
const DRAIN_MS = 120_000;

/** The least that brokers accept, so that what waits for it does not wait for long. */
export const SESSION_MS = 6_000;

const QUICK: Settings = {
  session_timeout: `${SESSION_MS}ms`,
  rebalance_timeout: `${SESSION_MS}ms`,
  kafka_request_timeout: '3s',
};

/** Of two days in turns, in each partition. */
const rowOf = (id: number): SampleRow =>
  sampleRow(id, { ts: FIRST_DAY_US + ((id >> 1) % 2) * DAY_US + id * 1000 });

/** Where faults happen: a topic, a group and a destination, and the processes of a sink in between. */
export class LandingScene<P extends Place = Place> {
  readonly t: TestContext;
  readonly p: Pipeline;
  readonly place: P;
  /** The way to the broker. */
  readonly broker: KafkaProxy;
  /** Another place, where none of the rows are. */
  readonly elsewhere: () => Promise<Place | null>;
  readonly program: SinkProgram;
  #rows: SampleRow[] = [];
  /** Of the rows, the first that the topic still has. */
  #firstInTopic = 0;
  #nextId = 1;
  #member: SinkProcess | null = null;
  #settings: Settings = {};
  #from = 0;

  private constructor(
    t: TestContext,
    program: SinkProgram,
    { p, place, broker, elsewhere }: Pick<LandingScene<P>, 'p' | 'place' | 'broker' | 'elsewhere'>,
  ) {
    this.t = t;
    this.program = program;
    this.p = p;
    this.place = place;
    this.broker = broker;
    this.elsewhere = elsewhere;
  }

  /** Null when a server is not there. */
  static async open<P extends Place>(
    t: TestContext,
    archive: Archive<P>,
    brokers: string,
  ): Promise<LandingScene<P> | null> {
    const place = await archive.open(t);
    if (place === null) return null;
    const p = await pipeline(t, brokers, { partitions: PARTITIONS });
    const broker = await KafkaProxy.create(brokers);
    t.after(() => broker.close());
    const elsewhere = () => archive.open(t);
    return new LandingScene(t, archive, { p, place, broker, elsewhere });
  }

  /** The process that faults happen to. */
  get member(): SinkProcess {
    if (this.#member === null) throw new Error('no process was started yet');
    return this.#member;
  }

  /** One more process, which is the scene's from now on. */
  start(settings: Settings = {}): SinkProcess {
    const { t, p, place, program, broker } = this;
    this.#member = sinkProcess(t, program.main, {
      ...p.env,
      kafka_brokers: broker.address,
      ...QUICK,
      ...program.settings,
      ...place.env,
      ...settings,
    });
    this.#from = 0;
    this.#settings = settings;
    return this.#member;
  }

  /** As a supervisor does when the process has ended. */
  startAgain(): SinkProcess {
    return this.start(this.#settings);
  }

  /** Ends it in order. */
  async stop(member = this.member): Promise<void> {
    assert.equal(await member.kill('SIGTERM'), 0, member.output());
  }

  /** What comes from here on is of the next fault. */
  mark(): void {
    this.#from = this.member.output().length;
  }

  /** What the process has logged since, of the lines that begin so. */
  said(begins: string): readonly LogLine[] {
    return logLines(this.member.output().slice(this.#from), begins);
  }

  /** The first line that begins so, as soon as it is there. */
  hears(begins: string): Promise<LogLine> {
    return this.until(() => this.said(begins)[0], `"${begins}"`);
  }

  /** Waits for a fact while the process lives. */
  async until<T>(check: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
    const { member } = this;
    const alive = async () => {
      const found = await check();
      if (!found && !member.isRunning()) throw new Error('the process has ended');
      return found;
    };
    return until(alive, { what, everyMs: 20, timeoutMs: DRAIN_MS }).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${member.output()}`, { cause });
    });
  }

  /** What has happened on the way, when so many more faults than before have. */
  async fires(before: number, times = 1): Promise<string> {
    const { way } = this.place;
    await this.until(() => way.fired.length >= before + times, `${times} faults`);
    return way.fired[before] ?? '';
  }

  /** Rows for every partition, which are to land. */
  async produce(count = ROWS): Promise<readonly SampleRow[]> {
    const rows = Array.from({ length: count }, () => rowOf(this.#nextId++));
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const own = rows.filter(({ id }) => id % PARTITIONS === partition);
      await this.p.produce(
        partition,
        own.map((row) => encodeRow(row)),
      );
    }
    this.#rows.push(...rows);
    return rows;
  }

  /** Rows that were put there in another way. */
  expect(rows: readonly SampleRow[]): void {
    this.#rows.push(...rows);
  }

  /** Deletes every record that is there, as retention does. These rows are never to land. */
  async trim(doomed: readonly SampleRow[]): Promise<void> {
    const { admin, topic } = this.p;
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
    this.#rows = this.#rows.filter((row) => !doomed.includes(row));
    this.#firstInTopic = this.#rows.length;
  }

  async drained(): Promise<void> {
    await this.until(async () => (await this.p.lag(this.program.sink)) === 0, 'lag 0');
  }

  /** The error with which the process ends by itself. */
  async fatal(): Promise<NonNullable<LogLine['err']>> {
    const { member } = this;
    await until(() => !member.isRunning(), { what: 'a stop', timeoutMs: DRAIN_MS }).catch(
      (cause: unknown) => {
        throw new Error(`${String(cause)}\n${member.output()}`, { cause });
      },
    );
    assert.equal(await member.exited, 1, member.output());
    const [fatal, ...more] = fatalIn(member.output());
    assert.equal(more.length, 0, member.output());
    assert.ok(fatal?.err, member.output());
    return fatal.err;
  }

  /** The destination against what was produced, row by row. */
  async landed(): Promise<Landed> {
    return landed(this.#rows, await this.place.rows());
  }

  /** Partition and offset of each record that is between two commits of the group, and nowhere else. */
  async passedOver(since: Commits, now: Commits): Promise<readonly string[]> {
    const ids = new Set((await this.place.rows()).map(({ id }) => id));
    const isPassed = ({ partition, offset }: TopicRow) =>
      // Without a commit there is nothing that it could go on from.
      offset >= (since.get(partition)?.offset ?? 0n) && offset < (now.get(partition)?.offset ?? 0n);
    return (await topicRows(this.p))
      .filter((one) => isPassed(one) && (one.row === null || !ids.has(one.row.id)))
      .map(({ partition, offset }) => `${partition}:${offset}`);
  }

  /** The topic against what was produced, row by row. */
  async inTopic(): Promise<Landed> {
    const rows = (await topicRows(this.p)).flatMap(({ row }) => (row === null ? [] : [row]));
    return landed(this.#rows.slice(this.#firstInTopic), rows);
  }
}
