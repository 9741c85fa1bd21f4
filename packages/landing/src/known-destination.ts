import type { Destination } from './sink.ts';

/** The destination as a sink found it at its start, and what has landed there since: it may have been empty then. */
export class KnownDestination {
  #found: Destination | null = null;
  readonly #landed = new Set<string>();

  found(destination: Destination): void {
    this.#found = destination;
  }

  /** Rows of this topic are durable there. */
  landed(topic: string): void {
    this.#landed.add(topic);
  }

  /** @throws Error before it was found. */
  get now(): Destination {
    if (this.#found === null) throw new Error('the destination has not been started');
    if (this.#landed.size === 0) return this.#found;
    const { topics, ...rest } = this.#found;
    const holding = topics && { topics: [...new Set([...topics, ...this.#landed])] };
    return { ...rest, ...holding, holdsRows: true };
  }
}
