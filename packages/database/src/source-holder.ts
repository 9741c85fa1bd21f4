import {
  type Environment,
  type Logger,
  type Part,
  RetryableError,
  ScorelineError,
} from '@scoreline/service';

import type { ReloadMetrics } from './reload-metrics.ts';
import { RotatingDsn } from './rotating-dsn.ts';
import { type SourceChange, sourceChange } from './source-change.ts';
import { type SourceCheck, type SourceTrial, trySource } from './source-trial.ts';
import {
  type FoundSource,
  foundSource,
  hidePassword,
  resolveSource,
  sourceLabel,
  type Source,
  type SourceSettings,
} from './source.ts';

export interface HolderSettings extends SourceSettings {
  readonly database_reload_interval: number;
}

export interface HolderOptions {
  readonly log: Logger;
  readonly metrics?: ReloadMetrics;
  /** What `*.env` files give now: a database_dsn in them is followed like a database.yaml. */
  readonly secretFiles?: () => Environment;
  readonly trial?: SourceTrial;
  readonly now?: () => number;
}

/** What is wrong for long is told at its beginning, then this often. */
const REMIND_MS = 60_000;

/**
 * The source as it is now. A database.yaml that is replaced, as Vault and Kubernetes do to rotate a
 * password, is read again, and so is a database_dsn in an `*.env` file; the new value is tried on the
 * server first, and takes the old one's place only when it works. One that is wrong is reported, and
 * tried again: it may be there before its grant.
 *
 * The files are read again at each look, and what they say is compared. Times and inodes would tell
 * less: a symlink swap, a rename, an edit in place and a write in two steps all end in their content.
 */
export class SourceHolder implements Part {
  readonly name = 'database';
  readonly #settings: HolderSettings;
  readonly #options: Required<Omit<HolderOptions, 'metrics' | 'secretFiles'>>;
  readonly #dsn: RotatingDsn<HolderSettings>;
  readonly #metrics: ReloadMetrics | undefined;
  readonly #checks: SourceCheck[] = [];
  readonly #listeners = new Set<(source: Source) => void>();
  readonly #stopping = new AbortController();
  #held: FoundSource;
  #superseded = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #problem: string | null = null;
  #toldAt = 0;

  private constructor(
    settings: HolderSettings,
    held: FoundSource,
    dsn: RotatingDsn<HolderSettings>,
    { metrics, secretFiles: _secretFiles, ...options }: HolderOptions,
  ) {
    this.#settings = settings;
    this.#dsn = dsn;
    this.#held = held;
    this.#metrics = metrics;
    this.#options = { trial: trySource, now: () => performance.now(), ...options };
  }

  /** @throws ConfigError when the settings name no source. */
  static load(settings: HolderSettings, options: HolderOptions): SourceHolder {
    const dsn = new RotatingDsn(settings, options.secretFiles ?? (() => ({})));
    const { source, file } = foundSource(dsn.now());
    hidePassword(settings, source);
    return new SourceHolder(settings, { source, file }, dsn, options);
  }

  get current(): Source {
    return this.#held.source;
  }

  /** Aborted when `current` has become another: what is connected to this one should end in good order. */
  get superseded(): AbortSignal {
    return this.#superseded.signal;
  }

  /** Whether what the server refuses now may be replaced while we run. */
  get isReloading(): boolean {
    const isInFile = this.#held.file !== null || this.#dsn.isInFile;
    return this.#settings.database_reload_interval > 0 && isInFile;
  }

  /** From now on a source has to pass this too before it is taken. */
  addCheck(check: SourceCheck): void {
    this.#checks.push(check);
  }

  /** Tells of each new source, from the next one on. Returns what ends that. */
  onChange(listener: (source: Source) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  status() {
    return {
      source: sourceLabel(this.current),
      from: this.#held.file ?? this.current.origin,
      problem: this.#problem,
    };
  }

  /** Looks at the files now. Resolves when what they say is taken, refused, or the same. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  #schedule(): void {
    const intervalMs = this.#settings.database_reload_interval;
    if (intervalMs === 0 || this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void this.look().then(() => this.#schedule());
    }, intervalMs).unref();
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const change = this.#read();
      if (change.kind === 'wrong') throw change.error;
      if (change.kind === 'other') await this.#try(change.found);
      else this.#recovered();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #read(): SourceChange {
    return sourceChange(this.#held, resolveSource(this.#dsn.now()));
  }

  async #try(found: FoundSource): Promise<void> {
    const { signal } = this.#stopping;
    const { log, trial } = this.#options;
    // Before anything can fail with it in its message.
    hidePassword(this.#settings, found.source);
    await trial(found.source, this.#checks, signal);
    signal.throwIfAborted();
    const before = sourceLabel(this.current);
    this.#held = found;
    this.#problem = null;
    this.#metrics?.reloads.inc();
    log.info(
      {
        source: sourceLabel(found.source),
        before,
        from: found.source.origin,
        tls: found.source.tls,
      },
      'the source has changed: the new one works, and is in use from now on',
    );
    const superseded = this.#superseded;
    this.#superseded = new AbortController();
    superseded.abort(
      new RetryableError('another source is in use now', { code: 'source-reloaded' }),
    );
    for (const listener of this.#listeners) listener(found.source);
  }

  #failed(error: unknown): void {
    const { log, now } = this.#options;
    this.#metrics?.reloadFailures.inc();
    const problem = error instanceof ScorelineError ? error.message : String(error);
    if (problem === this.#problem && now() - this.#toldAt < REMIND_MS) return;
    this.#problem = problem;
    this.#toldAt = now();
    log.error(
      { err: error, kept: sourceLabel(this.current) },
      `the source has changed and is not taken, the one before stays in use: ${problem}`,
    );
  }

  #recovered(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#options.log.info(
      { source: sourceLabel(this.current) },
      'the files describe the source in use again',
    );
  }
}
