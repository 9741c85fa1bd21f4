import { ConfigError, PermanentError, RetryableError } from '@scoreline/service';

import type { Settings } from './config.ts';

/** QuestDB over HTTP. What it answers, or does not, becomes a row or an error that says what to do. */
export class QuestDb {
  readonly #config: Settings;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(config: Settings) {
    const { questdb_username: user, questdb_password: password = '' } = config;
    this.#config = config;
    this.#headers =
      user === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }

  async query(sql: string, signal: AbortSignal): Promise<readonly (readonly unknown[])[]> {
    const answer = await this.#ask(`exec?query=${encodeURIComponent(sql)}`, {}, signal);
    return (JSON.parse(answer) as { dataset?: unknown[][] }).dataset ?? [];
  }

  /** Resolves when the lines are committed: all of one request, or none. */
  async append(lines: string, signal: AbortSignal): Promise<void> {
    await this.#ask('write?precision=u', { method: 'POST', body: lines }, signal);
  }

  async #ask(path: string, init: RequestInit, signal: AbortSignal): Promise<string> {
    const { questdb_url: url, questdb_timeout: timeoutMs } = this.#config;
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let said: string;
    let status: number;
    try {
      const request = { ...init, headers: this.#headers, signal: either };
      const response = await fetch(new URL(path, url), request);
      ({ status } = response);
      said = await response.text();
    } catch (cause) {
      signal.throwIfAborted();
      const remedy = 'Check questdb_url, and QuestDB itself.';
      throw new RetryableError('no answer from QuestDB', {
        code: 'questdb-unreachable',
        remedy,
        cause,
      });
    }
    if (status >= 200 && status < 300) return said;
    const message = `QuestDB says (${status}) ${said.slice(0, 500)}`;
    if (status >= 500 || status === 429) {
      throw new RetryableError(message, { code: 'questdb-unavailable' });
    }
    if (status === 401 || status === 403) {
      throw new ConfigError(`questdb_username: ${message}`, { code: 'questdb-unauthenticated' });
    }
    const remedy = 'Correct what the message names; nothing was committed.';
    throw new PermanentError(message, { code: 'questdb-refused', remedy });
  }
}
