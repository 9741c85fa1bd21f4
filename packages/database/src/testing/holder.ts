import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import {
  addedByEnvFiles,
  createLog,
  createMetrics,
  loadConfig,
  type Metrics,
  serviceSettings,
  withEnvFiles,
  withRule,
} from '@scoreline/service';
import { z } from 'zod';

import { reloadMetrics } from '../reload-metrics.ts';
import { databaseRule, databaseSettings } from '../settings.ts';
import { SourceHolder } from '../source-holder.ts';
import type { SourceTrial } from '../source-trial.ts';

const settings = withRule(z.object({ ...serviceSettings, ...databaseSettings }), databaseRule);

/** A folder with a database.yaml, and the ways in which it is replaced. */
export class YamlFolder {
  readonly path: string;
  readonly file: string;
  #versions = 0;

  constructor(t: TestContext) {
    this.path = mkdtempSync(join(tmpdir(), 'scoreline-yaml-'));
    this.file = join(this.path, 'database.yaml');
    t.after(() => rmSync(this.path, { recursive: true }));
  }

  /** In place, as an editor does that keeps the inode. */
  write(text: string): void {
    writeFileSync(this.file, text);
  }

  /** As Vault's agent does. */
  rename(text: string): void {
    writeFileSync(`${this.file}.tmp`, text);
    renameSync(`${this.file}.tmp`, this.file);
  }

  /** As Kubernetes mounts a secret: the file is a link through `..data`, which changes its target at once. */
  swap(text: string): void {
    const version = `..version-${this.#versions}`;
    mkdirSync(join(this.path, version));
    writeFileSync(join(this.path, version, 'database.yaml'), text);
    symlinkSync(version, join(this.path, '..data.tmp'));
    renameSync(join(this.path, '..data.tmp'), join(this.path, '..data'));
    if (this.#versions++ === 0) symlinkSync('..data/database.yaml', this.file);
  }

  /** Another file that Vault's agent may write. */
  env(text: string): void {
    writeFileSync(join(this.path, 'database.env'), text);
  }

  remove(): void {
    rmSync(this.file);
  }
}

export interface HolderBench {
  readonly holder: SourceHolder;
  /** What was logged, as it would be read. */
  readonly lines: string[];
  readonly metrics: Metrics;
  readonly count: (name: 'reloads' | 'reload_failures') => Promise<number>;
}

/** A holder of what is in a folder, with its log and its metrics. */
export function holderOf(
  folder: YamlFolder,
  env: Readonly<Record<string, string>> = {},
  trial?: SourceTrial,
): HolderBench {
  const config = loadConfig(settings, {
    secrets_path: folder.path,
    ...withEnvFiles(env, folder.path),
  });
  const lines: string[] = [];
  const metrics = createMetrics();
  const holder = SourceHolder.load(config, {
    log: createLog('test', config, { write: (line) => lines.push(line) }),
    metrics: reloadMetrics(metrics),
    secretFiles: () => addedByEnvFiles(env, folder.path),
    ...(trial ? { trial } : {}),
  });
  const count = async (name: string): Promise<number> => {
    const metric = metrics.registry.getSingleMetric(`scoreline_database_${name}_total`);
    return (await metric?.get())?.values[0]?.value ?? 0;
  };
  return { holder, lines, metrics, count };
}
