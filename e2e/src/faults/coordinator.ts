import type { Judgement, KafkaRequest } from '@scoreline/testing';

/** By api key, the requests that a transaction's coordinator answers. */
const REQUESTS: Readonly<Record<number, string>> = {
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  26: 'EndTxn',
};

const ERRORS = {
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  CONCURRENT_TRANSACTIONS: 51,
} as const;

export type CoordinatorError = keyof typeof ERRORS;

/** A transaction coordinator that is away, or busy. The broker gets none of what it is asked. */
export class CoordinatorAway {
  readonly #says: CoordinatorError | null;
  readonly #only: string | null;
  readonly #met: string[] = [];

  /**
   * @param says what is answered; null for nothing at all.
   * @param only to requests of this name; null for all of them.
   */
  constructor(says: CoordinatorError | null, only: string | null = null) {
    this.#says = says;
    this.#only = only;
  }

  /** The requests that it met so far, by name. */
  get met(): readonly string[] {
    return this.#met;
  }

  /** What it did to which requests. */
  summary(): string {
    const names = [...new Set(this.#met)];
    const counts = names.map((name) => `${this.#met.filter((one) => one === name).length} ${name}`);
    return `${this.#says ?? 'no answer'} to ${counts.join(', ')}`;
  }

  judge(request: KafkaRequest): Judgement {
    const name = REQUESTS[request.apiKey];
    if (name === undefined || (this.#only !== null && name !== this.#only)) return 'pass';
    this.#met.push(name);
    return this.#says === null ? 'withhold' : { answer: refusal(request, ERRORS[this.#says]) };
  }
}

/** Versions 0 and 1 of each: every answer begins with the throttle time. */
function refusal({ apiKey, body }: KafkaRequest, code: number): Buffer {
  if (apiKey === 24) return Buffer.concat([int32(0), partitionErrors(body, code)]);
  if (apiKey === 26) return Buffer.concat([int32(0), int16(code)]);
  const noProducer = Buffer.alloc(10, 0xff);
  return Buffer.concat([int32(0), int16(code), noProducer]);
}

/** The topics of an AddPartitionsToTxn request, with the code behind each of their partitions. */
function partitionErrors(body: Buffer, code: number): Buffer {
  // The transactional id, the producer's id and epoch come before.
  let at = 2 + body.readInt16BE(0) + 8 + 2;
  const parts: Buffer[] = [];
  const copy = (bytes: number): void => {
    parts.push(body.subarray(at, at + bytes));
    at += bytes;
  };
  const copyCount = (): number => {
    copy(4);
    return body.readInt32BE(at - 4);
  };
  for (let topics = copyCount(); topics > 0; topics--) {
    copy(2 + body.readInt16BE(at));
    for (let partitions = copyCount(); partitions > 0; partitions--) {
      copy(4);
      parts.push(int16(code));
    }
  }
  return Buffer.concat(parts);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
