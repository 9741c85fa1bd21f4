import { ConfigError, type Environment, loadConfig, secretsOf } from '@scoreline/service';
import { z } from 'zod';

import { databaseSettings } from './settings.ts';
import type { SourceSettings } from './source.ts';

const only = z.object({ database_dsn: databaseSettings.database_dsn });

/** The settings of a source, whose `database_dsn` may come from an `*.env` file and be rotated there. */
export class RotatingDsn<S extends SourceSettings> {
  readonly #settings: S;
  readonly #secretFiles: () => Environment;
  /** Whether a file gave it when it was read last. */
  isInFile = false;

  constructor(settings: S, secretFiles: () => Environment) {
    this.#settings = settings;
    this.#secretFiles = secretFiles;
  }

  /** @throws ConfigError when the files cannot be read, or do not give any more what they gave. */
  now(): S {
    const { database_dsn: dsn } = loadConfig(only, this.#secretFiles());
    if (dsn !== undefined) {
      secretsOf(this.#settings).add(dsn);
      this.isInFile = true;
      return { ...this.#settings, database_dsn: dsn };
    }
    if (!this.isInFile) return this.#settings;
    throw new ConfigError('database_dsn is gone from the *.env files of secrets_path', {
      code: 'source-reload',
      remedy: 'Put it back; until then the source as it was stays in use.',
    });
  }
}
