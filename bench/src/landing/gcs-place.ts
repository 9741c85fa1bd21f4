import type { Bench } from '../bench.ts';
import { type AvroBytes, avroIdentity } from './avro-identity.ts';
import { missingServer, type OpenPlace, type Place } from './place.ts';

/** A bucket of the emulator. */
export class GcsPlace implements Place {
  readonly #bench: Bench;
  readonly #name: string;

  constructor(bench: Bench, name: string) {
    this.#bench = bench;
    this.#name = name;
  }

  missing(): string | null {
    return missingServer(this.#bench.env, 'GCS_ENDPOINT');
  }

  async open(round: number): Promise<OpenPlace> {
    const endpoint = this.#bench.env['GCS_ENDPOINT'] ?? '';
    const bucket = `${this.#name}-${round}`;
    const buckets = `${endpoint}/storage/v1/b`;
    await answered(`${buckets}?project=bench`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: bucket }),
    });
    const objects = `${buckets}/${bucket}/o`;
    return {
      env: { gc_bucket: bucket, gc_api_endpoint: endpoint },
      identity: () => avroIdentity(this.#bench, filesOf(objects)),
      close: async () => {
        for (const name of await namesOf(objects))
          await answered(`${objects}/${encodeURIComponent(name)}`, { method: 'DELETE' });
        await answered(`${buckets}/${bucket}`, { method: 'DELETE' });
      },
    };
  }
}

async function* filesOf(objects: string): AsyncGenerator<AvroBytes> {
  for (const name of await namesOf(objects)) {
    if (!name.endsWith('.avro')) continue;
    const { body } = await answered(`${objects}/${encodeURIComponent(name)}?alt=media`);
    if (body === null) throw new Error(`${name} has no bytes`);
    yield body;
  }
}

async function namesOf(objects: string): Promise<string[]> {
  const { items = [], nextPageToken = '' } = (await (await answered(objects)).json()) as {
    readonly items?: readonly { readonly name: string }[];
    readonly nextPageToken?: string;
  };
  if (nextPageToken !== '') throw new Error('the bucket has more objects than one page tells');
  return items.map(({ name }) => name);
}

async function answered(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}
