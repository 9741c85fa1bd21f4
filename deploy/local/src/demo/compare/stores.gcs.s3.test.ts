import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';

import { s3Request } from '../../s3-request.ts';
import { type AvroFiles, readAvroSide } from './avro-side.ts';
import { gcsFiles } from './gcs-files.ts';
import { s3Files } from './s3-files.ts';
import { container, range } from './testing/container.ts';

const ENV = process.env as Readonly<Record<string, string>>;

interface Store {
  readonly put: (name: string, bytes: Buffer) => Promise<Response>;
  /** Pages of two names, so that there are several. */
  readonly files: (prefix: string) => AvroFiles;
}

function gcs(endpoint: string): Store {
  const bucket = ENV['GCS_BUCKET'] ?? '';
  const upload = `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media`;
  return {
    put: (name, body) =>
      fetch(`${upload}&name=${encodeURIComponent(name)}`, { method: 'POST', body }),
    files: (prefix) => gcsFiles({ endpoint, bucket, prefix, pageNames: 2 }),
  };
}

function s3(): Store {
  const bucket = ENV['S3_BUCKET'] ?? '';
  return {
    put: (name, body) => {
      const path = `/${bucket}/${name.replaceAll('=', '%3D')}`;
      return s3Request(ENV, { method: 'PUT', path, body });
    },
    files: (prefix) => s3Files({ env: ENV, bucket, prefix, pageNames: 2 }),
  };
}

for (const [server, store] of [
  ['gcs', gcs],
  ['s3', s3],
] as const) {
  test(`every row of every object in ${server} is read, over all pages of names`, async (t) => {
    const endpoint = needServer(t, server);
    if (endpoint === '') return;
    const [topic, other] = [uniqueName('topic'), uniqueName('other')];
    const { put, files } = store(endpoint);
    for (let at = 0; at < 5; at++) {
      const name = `${topic}/dt=2026-01-3${at}/p0000-${at}.avro`;
      const answer = await put(name, await container(range(at * 10, at * 10 + 10)));
      assert.ok(answer.ok, await answer.text());
    }
    await put(`${topic}/notes.txt`, Buffer.from('no Avro'));
    await put(`${other}/a.avro`, await container([999]));
    const side = await readAvroSide(server, files(`${topic}/`));
    const { ids } = side.rows.sorted();
    assert.deepEqual([...ids], range(0, 50));
  });
}
