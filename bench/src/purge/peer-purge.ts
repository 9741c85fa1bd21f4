import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Backlog } from '../backlog.ts';
import { type Bench, sqlAddress } from '../bench.ts';
import type { Measured } from '../measurement.ts';
import { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { percentile } from '../summary.ts';
import { watchDeletes } from './delete-watch.ts';
import { archiverRate } from './peer-statements.ts';
import { PurgeScene } from './purge-scene.ts';
import { requireYoung } from './require-young.ts';

/** Who deletes by number or age, asking nobody what has landed. */
export type PurgePeer = 'archiver' | 'pt-archiver-style';

export class PeerPurge implements Contender {
  readonly system: PurgePeer;
  readonly #bench: Bench;
  readonly #backlog: () => Backlog;

  constructor(bench: Bench, system: PurgePeer, backlog: () => Backlog) {
    this.#bench = bench;
    this.system = system;
    this.#backlog = backlog;
  }

  prepare(): Promise<null> {
    return Promise.resolve(null);
  }

  async measure(round: number): Promise<Measured> {
    const { database: from, identity } = this.#backlog();
    const rows = identity.count;
    const scene = await PurgeScene.open(this.#bench, {
      from,
      rows,
      name: `${this.system}-${round}`,
    });
    try {
      // Where the archiver's own archives would be.
      await this.#bench.sql.query(
        `INSERT INTO ${scene.run.database}.log_scores_archive_status (archiver, log_score_id) VALUES ('clickhouse', ${scene.firstYoung})`,
      );
      const fresh = await scene.startFresh();
      const process = await this.#start(scene.run.database, round);
      let measured: Measured;
      let ages: number[];
      try {
        measured = await watchDeletes(this.#bench, process, rows);
      } finally {
        await process.stop();
        ages = await fresh.stop();
      }
      await requireYoung(scene, ages.length);
      if (this.system === 'archiver') await this.#sayRate(process);
      return { ...measured, freshP99Ms: percentile(ages, 0.99) };
    } finally {
      await scene.close();
    }
  }

  #start(database: string, round: number): Promise<MeasuredProcess> {
    const { host, port } = sqlAddress(this.#bench.env);
    const main = fileURLToPath(new URL('./peer-process.js', import.meta.url));
    return MeasuredProcess.start({
      name: this.system,
      command: process.execPath,
      args: [main, this.system, host, String(port), database],
      logFile: join(this.#bench.dir, 'purge', `${this.system}-${round}.log`),
    });
  }

  async #sayRate(process: MeasuredProcess): Promise<void> {
    const seconds = [...(await process.output()).matchAll(/^statement ([1-9]\d*) ([\d.]+)$/gm)].map(
      ([, , one]) => Number(one),
    );
    const longest = Math.max(...seconds);
    this.#bench.say(
      `  its statements took ${Math.min(...seconds).toFixed(2)} to ${longest.toFixed(2)} s; one each 4 minutes, as it makes them, are ${Math.round(archiverRate(longest))} rows/s`,
    );
  }
}
