import { RegistryError, type SchemaRegistry, type TopicVersion } from '@scoreline/schema';
import { ConfigError, type ErrorDetails, PermanentError, RetryableError } from '@scoreline/service';

/**
 * The writer schema of a range, by the id in its records, asked for once. Records are walked as those of
 * their topic's version, so that is what the registry must hold under the id.
 */
export class WriterSchemas {
  readonly #registry: Pick<SchemaRegistry, 'check' | 'schemaById'>;
  readonly #known = new Map<string, string>();

  constructor(registry: Pick<SchemaRegistry, 'check' | 'schemaById'>) {
    this.#registry = registry;
  }

  /**
   * Whether the registry answers, asked before anything depends on it.
   *
   * @throws RetryableError `registry-unavailable`, ConfigError `registry-refused`
   */
  async check(signal: AbortSignal): Promise<void> {
    await this.#registry.check(signal).catch((error: unknown) => {
      if (!(error instanceof RegistryError)) throw error;
      const message = `schema_registry_url: ${error.message}`;
      throw error.kind === 'unavailable'
        ? new RetryableError(message, detailsOf(error))
        : new ConfigError(message, detailsOf(error));
    });
  }

  /** JSON as registered. */
  async schema(id: number, version: TopicVersion): Promise<string> {
    const key = `${version.number} ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const json = await this.#ask(id, version);
    this.#known.set(key, json);
    return json;
  }

  async #ask(id: number, version: TopicVersion): Promise<string> {
    const { json } = await this.#registry.schemaById(id).catch(inOurWords);
    if (normal(json) === normal(version.json)) return json;
    throw new PermanentError(`records carry schema ${id}, which this version does not read`, {
      code: 'schema-unknown',
      remedy: 'Upgrade the sinks before capture when the schema changes. Nothing was landed of it.',
    });
  }
}

function inOurWords(error: unknown): never {
  if (!(error instanceof RegistryError)) throw error;
  throw error.kind === 'unavailable'
    ? new RetryableError(error.message, detailsOf(error))
    : new PermanentError(error.message, detailsOf(error));
}

function detailsOf(error: RegistryError): ErrorDetails {
  const { kind, remedy } = error;
  return { code: `registry-${kind}`, remedy, cause: error };
}

/** Without the whitespace and the order of keys, in which registries differ. */
function normal(schema: string): string {
  return JSON.stringify(JSON.parse(schema), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
