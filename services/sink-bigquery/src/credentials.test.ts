import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { BigQueryApi } from './api.ts';
import { googleCredentials } from './credentials.ts';
import { inOurTerms } from './reasons.ts';
import { SIGNAL, testSink } from './testing/test-sink.ts';

/** A token service, and the file that leads to it, as workload identity federation has them. */
async function federation(
  t: TestContext,
  answer: (respond: (body: string, status?: number) => void) => void,
) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      answer((body, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const subject = join(folder, 'subject');
  await writeFile(subject, 'who-we-are');
  const file = join(folder, 'key.json');
  const external = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    credential_source: { file: subject },
  };
  await writeFile(file, JSON.stringify(external));
  return file;
}

const TOKEN = JSON.stringify({
  access_token: 'the-token',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
});

test('a token is asked for with what the file says, and kept', async (t) => {
  let asked = 0;
  const file = await federation(t, (respond) => {
    asked++;
    respond(TOKEN);
  });
  const credentials = googleCredentials('p', file);
  for (let n = 0; n < 2; n++) {
    assert.equal((await credentials())['authorization'], 'Bearer the-token');
  }
  assert.equal(asked, 1);
});

test('a token that does not come ends with the request’s signal', async (t) => {
  const stop = new AbortController();
  const file = await federation(t, () => stop.abort(new Error('not ours any more')));
  const api = new BigQueryApi({ project: 'p', endpoint: 'https://127.0.0.1:1', keyFile: file });
  await assert.rejects(api.send({ path: 'jobs/j', signal: stop.signal }), /not ours any more/);
});

test('a key that is not accepted any more stops, and one that nobody can check now does not', async (t) => {
  const answers: readonly [status: number, body: object, action: string, code: string][] = [
    [
      400,
      { error: 'invalid_grant', error_description: 'gone' },
      'stop',
      'bigquery-unauthenticated',
    ],
    [401, { error: 'invalid_client' }, 'stop', 'bigquery-unauthenticated'],
    [404, { error: 'not_found' }, 'retry', 'bigquery-unreachable'],
  ];
  for (const [status, body, action, code] of answers) {
    const file = await federation(t, (respond) => respond(JSON.stringify(body), status));
    const api = new BigQueryApi({ project: 'p', endpoint: 'https://127.0.0.1:1', keyFile: file });
    const sent = api.send({ path: 'jobs/j', signal: SIGNAL }).catch((error: unknown) => {
      throw inOurTerms(error, 'asking');
    });
    await assert.rejects(sent, { action, code });
  }
});

test('a file that is not there is the setting’s', async () => {
  const { sink } = testSink({
    bq_dataset: 'ntp',
    bq_api_endpoint: 'https://127.0.0.1:1',
    google_application_credentials: '/nowhere/key.json',
  });
  await assert.rejects(sink.start(SIGNAL), {
    action: 'configure',
    message: /google_application_credentials: .*\/nowhere\/key\.json/,
  });
});
