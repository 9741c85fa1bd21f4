import type { AvroFiles } from './avro-side.ts';

export interface GcsFilesOptions {
  /** `http://host:port` */
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  /** Names in one answer. */
  readonly pageNames?: number;
}

interface Listing {
  readonly items?: readonly { readonly name: string }[];
  readonly nextPageToken?: string;
}

/** Objects of a bucket, over the JSON interface and without Google's client, which the sink has. */
export function gcsFiles({
  endpoint,
  bucket,
  prefix,
  pageNames = 1_000,
}: GcsFilesOptions): AvroFiles {
  const objects = `${endpoint}/storage/v1/b/${bucket}/o`;
  const get = async (url: string): Promise<Response> => {
    const response = await fetch(url);
    if (response.ok) return response;
    throw new Error(`GCS refused ${url}: ${response.status} ${await response.text()}`);
  };
  return {
    async names() {
      const found: string[] = [];
      let pageToken: string | undefined;
      do {
        const query = new URLSearchParams({
          prefix,
          maxResults: String(pageNames),
          ...(pageToken ? { pageToken } : {}),
        });
        const page = (await (await get(`${objects}?${query.toString()}`)).json()) as Listing;
        found.push(...(page.items ?? []).map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken);
      return found.filter((name) => name.endsWith('.avro'));
    },
    async read(name) {
      const response = await get(`${objects}/${encodeURIComponent(name)}?alt=media`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
