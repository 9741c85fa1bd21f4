/**
 * What went wrong with the registry: `refused` = it answered, and says no (a person must act);
 * `unavailable` = no answer, or one that may pass by itself.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly kind: 'refused' | 'unavailable';
  readonly remedy: string;

  constructor(kind: RegistryError['kind'], message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.remedy = remedy;
  }
}

/** The registry answered with a status that is no success. */
export function refusal(
  registry: string,
  what: string,
  status: number,
  message: string,
): RegistryError {
  // 408, 425 and 429 ask for patience, and a server's own trouble may pass.
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return unavailable(registry, what, `${status} ${message}`);
  }
  return new RegistryError(
    'refused',
    `the schema registry at ${registry} refuses ${what}: ${status} ${message}`,
    remedyFor(status),
  );
}

export function unavailable(
  registry: string,
  what: string,
  why: string,
  cause?: unknown,
): RegistryError {
  return new RegistryError(
    'unavailable',
    `the schema registry at ${registry} does not answer for ${what}: ${why}`,
    'Check that the registry runs, and that schema_registry_url reaches it.',
    cause,
  );
}

function remedyFor(status: number): string {
  if (status === 401 || status === 403) {
    return 'Check schema_registry_username and schema_registry_password, and what this account may do.';
  }
  if (status === 409 || status === 422) {
    return 'Look which schemas the subject holds, and who registered them: a schema that readers of the old one cannot read needs a topic, or a topic_prefix, of its own.';
  }
  return 'Check that schema_registry_url is the base of a registry with Confluent’s interface, such as http://registry:8081.';
}
