import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

import type { Mishap, Way } from './archive.ts';
import type { Settings } from './fault.ts';

/** Where a process finds its orders, and says what it did. */
export const SPOILT_DISK = 'SPOILT_DISK';
export const ORDERS = 'orders';
export const FIRED = 'fired';

/** What a process does at calls of its file system, until another order is given. */
export interface Order {
  readonly number: number;
  readonly name: string;
  readonly call: 'link' | 'open' | 'write';
  /** Of paths that end so. */
  readonly suffix: string;
  /** Whether the call, or half of what it writes, is done before. */
  readonly isDone: boolean;
  /** It never returns; it waits for the next order; the disk is full; or it fails with this error. */
  readonly outcome: 'hang' | 'wait' | 'full' | 'ENOSPC' | 'ESTALE' | 'ETIMEDOUT';
  /** Null: as long as the order stands. */
  readonly times: number | null;
}

type Spoiling = Pick<Order, 'call' | 'isDone' | 'outcome'>;

const MISHAPS: Readonly<Record<Mishap, Spoiling>> = {
  'held before': { call: 'link', isDone: false, outcome: 'hang' },
  'held half way': { call: 'write', isDone: true, outcome: 'hang' },
  'held after': { call: 'link', isDone: true, outcome: 'hang' },
  delayed: { call: 'link', isDone: false, outcome: 'wait' },
  'cut off half way': { call: 'write', isDone: true, outcome: 'ENOSPC' },
  'answer lost': { call: 'link', isDone: true, outcome: 'ETIMEDOUT' },
};

/** A disk under a sink's processes that does what it is told: `env` goes into their settings. */
export class SpoiltDisk implements Way {
  readonly env: Settings;
  readonly #folder: string;
  readonly #suffix: string;
  #orders = 0;

  /** @param suffix of the files that are a range once they are linked. */
  constructor(t: TestContext, suffix: string) {
    this.#folder = mkdtempSync(path.join(tmpdir(), 'spoilt-disk-'));
    t.after(() => rmSync(this.#folder, { recursive: true, force: true }));
    this.#suffix = suffix;
    const program = new URL('./spoil-disk.js', import.meta.url).href;
    this.env = { NODE_OPTIONS: `--import ${program}`, [SPOILT_DISK]: this.#folder };
    writeFileSync(path.join(this.#folder, FIRED), '');
    this.#give(null);
  }

  get fired(): readonly string[] {
    const lines = readFileSync(path.join(this.#folder, FIRED), 'utf8').split('\n');
    return lines.slice(0, -1);
  }

  spoil(mishap: Mishap): void {
    this.#order(mishap, { ...MISHAPS[mishap], times: 1 });
  }

  release(): void {
    this.#give(null);
  }

  /** As a network file system that its server has left. */
  shut(): void {
    this.#order('away', { call: 'link', isDone: false, outcome: 'ESTALE', times: null });
  }

  /** The kernel's own errors, for every file that is made. */
  fill(): void {
    this.#order('full', { call: 'open', isDone: false, outcome: 'full', times: null });
  }

  open(): void {
    this.#give(null);
  }

  #order(name: string, order: Spoiling & Pick<Order, 'times'>): void {
    this.#give({ number: ++this.#orders, name, suffix: this.#suffix, ...order });
  }

  #give(order: Order | null): void {
    writeFileSync(path.join(this.#folder, ORDERS), JSON.stringify(order));
  }
}
