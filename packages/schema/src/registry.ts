import { RegistryError, unavailable } from './registry-error.ts';
import { RegistryHttp, type RegistryOptions } from './registry-http.ts';

export interface WriterSchema {
  readonly id: number;
  /** As registered, JSON. */
  readonly json: string;
}

/** Levels that hold later schemas to what earlier readers need of them; the others promise more. */
const ENOUGH: readonly unknown[] = ['BACKWARD', 'BACKWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'];

/**
 * A schema registry with Confluent's REST interface. Ids never change their meaning, so what it said
 * once is kept: an outage after the start touches nobody who has seen all the schemas there are.
 */
export class SchemaRegistry {
  readonly #http: RegistryHttp;
  readonly #schemas = new Map<number, WriterSchema>();

  constructor(options: RegistryOptions) {
    this.#http = new RegistryHttp(options);
  }

  /**
   * Whether there is a registry, asked before anything depends on it.
   *
   * @throws RegistryError
   */
  async check(signal?: AbortSignal): Promise<void> {
    await this.#http.send({
      method: 'GET',
      path: '/schemas/types',
      what: 'a first question',
      signal,
    });
  }

  /**
   * Registers a schema unless the subject has it, sees to it that the subject takes only backward
   * compatible ones, and returns the schema's id.
   *
   * @throws RegistryError
   */
  async register(subject: string, json: string, signal?: AbortSignal): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    // Asked first, so that a registry in read-only mode does not stop who needs nothing new.
    const id =
      (await this.#post(path, json, `looking up the schema of ${subject}`, signal)) ??
      (await this.#post(`${path}/versions`, json, `registering ${subject}`, signal));
    if (id === null) throw unavailable(this.#http.url, `registering ${subject}`, '404');
    await this.#requireBackward(subject, signal);
    this.#schemas.set(id, { id, json });
    return id;
  }

  /** @throws RegistryError */
  async schemaById(id: number, signal?: AbortSignal): Promise<WriterSchema> {
    const known = this.#schemas.get(id);
    if (known !== undefined) return known;
    const what = `reading schema ${id}`;
    const path = `/schemas/ids/${id}`;
    const answer = await this.#http.send({ method: 'GET', path, what, signal });
    const { schema, schemaType = 'AVRO' } = (answer ?? {}) as Record<string, unknown>;
    if (typeof schema !== 'string' || schemaType !== 'AVRO') {
      throw new RegistryError(
        'refused',
        `the schema registry at ${this.#http.url} has no Avro schema ${id}, which a record names`,
        'Check that schema_registry_url is the registry that capture registers with, and who else writes into the topic.',
      );
    }
    const found = { id, json: schema };
    this.#schemas.set(id, found);
    return found;
  }

  async #post(
    path: string,
    schema: string,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<number | null> {
    const body = { schema };
    const answer = await this.#http.send({ method: 'POST', path, body, what, signal });
    if (answer === null) return null;
    const { id } = answer as { id?: unknown };
    if (typeof id === 'number' && Number.isInteger(id)) return id;
    throw unavailable(this.#http.url, what, 'its answer has no id');
  }

  async #requireBackward(subject: string, signal: AbortSignal | undefined): Promise<void> {
    if (ENOUGH.includes(await this.#compatibility(subject, signal))) return;
    await this.#http.send({
      method: 'PUT',
      path: `/config/${encodeURIComponent(subject)}`,
      body: { compatibility: 'BACKWARD' },
      what: `setting the compatibility of ${subject}`,
      signal,
    });
    const seen = await this.#compatibility(subject, signal);
    if (ENOUGH.includes(seen)) return;
    throw new RegistryError(
      'refused',
      `the schema registry at ${this.#http.url} keeps compatibility ${String(seen)} for ${subject}, needed is BACKWARD`,
      `Set the compatibility of ${subject} to BACKWARD in the registry.`,
    );
  }

  /** The subject's own level; null where the registry's default holds, which anybody may change. */
  async #compatibility(subject: string, signal: AbortSignal | undefined): Promise<unknown> {
    const answer = await this.#http.send({
      method: 'GET',
      path: `/config/${encodeURIComponent(subject)}`,
      what: `reading the compatibility of ${subject}`,
      signal,
    });
    return (answer as { compatibilityLevel?: unknown } | null)?.compatibilityLevel ?? null;
  }
}
