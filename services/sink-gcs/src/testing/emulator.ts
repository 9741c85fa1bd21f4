import assert from 'node:assert/strict';

/** The emulator as its administrator sees it. */
export async function makeBucket(endpoint: string, name: string): Promise<void> {
  const response = await fetch(`${endpoint}/storage/v1/b?project=p`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  assert.equal(response.status, 200);
}

export async function objectsOf(
  endpoint: string,
  bucket: string,
  prefix: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const all = `${endpoint}/storage/v1/b/${bucket}/o`;
  const listed = (await (await fetch(`${all}?prefix=${encodeURIComponent(prefix)}`)).json()) as {
    readonly items?: readonly { readonly name: string }[];
    readonly nextPageToken?: string;
  };
  assert.equal(listed.nextPageToken ?? '', '');
  const objects = new Map<string, Buffer>();
  for (const { name } of listed.items ?? []) {
    const response = await fetch(`${all}/${encodeURIComponent(name)}?alt=media`);
    assert.equal(response.status, 200);
    objects.set(name, Buffer.from(await response.arrayBuffer()));
  }
  return objects;
}

/** Those whose name begins so; all that there are, unless told. */
export async function deleteObjects(endpoint: string, bucket: string, prefix = ''): Promise<void> {
  for (const name of (await objectsOf(endpoint, bucket, prefix)).keys()) {
    const url = `${endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
    const response = await fetch(url, { method: 'DELETE' });
    assert.ok(response.ok, `${response.status} for ${name}`);
  }
}

export async function putObject(
  endpoint: string,
  bucket: string,
  { name, bytes }: { readonly name: string; readonly bytes: Buffer },
): Promise<void> {
  const query = new URLSearchParams({ uploadType: 'media', name }).toString();
  const response = await fetch(`${endpoint}/upload/storage/v1/b/${bucket}/o?${query}`, {
    method: 'POST',
    body: Uint8Array.from(bytes),
  });
  assert.equal(response.status, 200);
}
