/** What a request says of itself before its body. */
export interface KafkaRequest {
  readonly apiKey: number;
  readonly correlationId: number;
  /** As the api and its version lay it out. */
  readonly body: Buffer;
}

const SIZE_BYTES = 4;

/** Cuts what one side of a connection sends into its messages: each begins with its length. */
export class KafkaFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Those that are complete, their length included. */
  take(chunk: Buffer): Buffer[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (rest.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + rest.readInt32BE(0);
      if (rest.length < end) break;
      frames.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}

/** Of the versions without tagged fields, the only ones that kafkajs speaks. */
export function parseRequest(frame: Buffer): KafkaRequest {
  const clientIdBytes = Math.max(0, frame.readInt16BE(12));
  return {
    apiKey: frame.readInt16BE(4),
    correlationId: frame.readInt32BE(8),
    body: frame.subarray(14 + clientIdBytes),
  };
}

export function correlationIdOf(response: Buffer): number {
  return response.readInt32BE(SIZE_BYTES);
}

export function responseFrame(correlationId: number, body: Buffer): Buffer {
  const head = Buffer.alloc(SIZE_BYTES + 4);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(correlationId, SIZE_BYTES);
  return Buffer.concat([head, body]);
}
