import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { nodeFiles } from '@scoreline/files';
import { fullFiles, tempFolder } from '@scoreline/files/testing';
import { sampleRange } from '@scoreline/landing/testing';
import { ConfigError, PermanentError, RetryableError } from '@scoreline/service';

import { mortalFiles } from './testing/mortal-files.ts';
import {
  avroFiles,
  landOnce,
  manifestOf,
  NAMES,
  RANGE,
  ROWS,
  SIGNAL,
  testSink,
} from './testing/world.ts';

const FIRST = { number: 1, replay: false };
const AGAIN = { number: 2, replay: false };

const refusing = (code: string) => async (): Promise<never> => {
  throw Object.assign(new Error(code), { code, syscall: 'link' });
};

test('bytes are on the disk before the name, and the name before the range counts as landed', async (t) => {
  const root = await tempFolder(t);
  const files = mortalFiles({ step: Infinity, die: () => assert.fail() });
  await landOnce(root, { files });
  const steps = files.steps.map((step) => step.replace(root, '').replace(/\/work\/.*\//, '/work/'));
  const from = steps.findIndex((step) => /^sync .*work/.test(step));
  const [day] = NAMES.map((name) => path.dirname(name));
  assert.deepEqual(steps.slice(from, from + 10), [
    'sync /.scoreline/work/1-2024-10-04.avro',
    `mkdir /${day}`,
    `link /${NAMES[0]}`,
    `sync /${day}`,
    'sync /log_scores-v1',
    'sync ',
    'appendFile /log_scores-v1/_manifest.jsonl',
    'sync /log_scores-v1/_manifest.jsonl',
    'sync /log_scores-v1',
    'rm /.scoreline/work/1-2024-10-04.avro',
  ]);
});

test('a folder is the same for every process, and another one when it is made anew', async (t) => {
  const root = await tempFolder(t);
  const first = await testSink(root).start(SIGNAL);
  assert.equal(first.holdsRows, false);
  assert.match(first.fingerprint, /^[0-9a-f-]{36}$/);
  await landOnce(root);
  const again = await Promise.all([testSink(root).start(SIGNAL), testSink(root).start(SIGNAL)]);
  const holding = { ...first, holdsRows: true, topics: ['log_scores-v1'] };
  for (const one of again) assert.deepEqual(one, holding);
  await rm(root, { recursive: true });
  await mkdir(root);
  const anew = await testSink(root).start(SIGNAL);
  assert.notEqual(anew.fingerprint, first.fingerprint);
  assert.equal(anew.holdsRows, false);
});

test('of processes that start at a time in a new folder, all see one mark', async (t) => {
  const root = await tempFolder(t);
  const started = await Promise.all(Array.from({ length: 10 }, () => testSink(root).start(SIGNAL)));
  assert.equal(new Set(started.map(({ fingerprint }) => fingerprint)).size, 1);
});

test('files of another topic, and the archiver’s, are no rows of this one', async (t) => {
  const root = await tempFolder(t);
  await writeFile(path.join(root, '1763000000-17.avro'), 'x');
  await mkdir(path.join(root, 'log_scores-v11', 'dt=2026-01-01'), { recursive: true });
  await writeFile(path.join(root, 'log_scores-v11', 'dt=2026-01-01', 'p0.avro'), 'x');
  assert.equal((await testSink(root).start(SIGNAL)).holdsRows, false);
});

test('a folder that is not there is not made', async (t) => {
  const root = path.join(await tempFolder(t), 'unmounted');
  await assert.rejects(testSink(root).start(SIGNAL), (error: Error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /avro_path: there is no folder .*unmounted/);
    return true;
  });
  await writeFile(root, 'a file');
  await assert.rejects(testSink(root).start(SIGNAL), { code: 'avro-path-missing' });
});

test('a file system without hard links is refused', async (t) => {
  const root = await tempFolder(t);
  const files = { ...nodeFiles, link: refusing('EPERM') };
  await assert.rejects(testSink(root, { files }).start(SIGNAL), { code: 'links-unsupported' });
});

test('another folder under a running sink stops it before anything is written', async (t) => {
  const root = await tempFolder(t);
  const sink = testSink(root);
  await sink.start(SIGNAL);
  const mark = path.join(root, '.scoreline', 'destination');
  await writeFile(mark, 'another\n');
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), { code: 'destination-changed' });
  await rm(mark);
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), (error: Error) => {
    assert.ok(error instanceof PermanentError);
    assert.match(error.message, /has gone instead of/);
    return true;
  });
  await assert.rejects(stat(path.join(root, 'log_scores-v1')), { code: 'ENOENT' });
});

test('a full disk is waited for, at whichever file it is found', async (t) => {
  const root = await tempFolder(t);
  let isFull = false;
  const full = fullFiles(() => isFull);
  const files = {
    ...full,
    // Of the manifest.
    link: async (...args: Parameters<typeof nodeFiles.link>) => {
      await nodeFiles.link(...args);
      isFull = args[1].toString().endsWith('.avro');
    },
  };
  const sink = testSink(root, { files });
  await sink.start(SIGNAL);
  for (const attempt of [FIRST, AGAIN]) {
    await assert.rejects(sink.write(RANGE, attempt, SIGNAL), (error: Error) => {
      assert.ok(error instanceof RetryableError);
      assert.equal(error.code, 'disk-full');
      assert.match(error.message, /ENOSPC/);
      return true;
    });
    isFull = false;
  }
  await sink.write(RANGE, AGAIN, SIGNAL);
  assert.deepEqual(
    (await manifestOf(root)).map(({ name }) => name),
    NAMES,
  );
  assert.deepEqual([...(await avroFiles(root)).keys()], NAMES);
});

for (const code of ['EACCES', 'EROFS', 'EIO']) {
  test(`${code} stops the sink`, async (t) => {
    const root = await tempFolder(t);
    let link = nodeFiles.link;
    const files = { ...nodeFiles, link: (...args: Parameters<typeof link>) => link(...args) };
    const sink = testSink(root, { files });
    await sink.start(SIGNAL);
    link = refusing(code);
    await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), (error: Error) => {
      assert.ok(error instanceof PermanentError);
      assert.match(error.message, new RegExp(`^storing ${NAMES[0]}: ${code} of link`));
      return true;
    });
  });
}

test('a folder that must not be written to is refused at start', async (t) => {
  const root = await tempFolder(t);
  const files = { ...nodeFiles, mkdir: refusing('EACCES') };
  await assert.rejects(testSink(root, { files }).start(SIGNAL), { code: 'folder-not-writable' });
});

test('bytes that are not what was written are not given a name', async (t) => {
  const root = await tempFolder(t);
  const open: typeof nodeFiles.open = async (file, flags, mode) => {
    if (flags === 'r' && file.toString().endsWith('.avro')) {
      const bytes = await readFile(file);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(file, bytes);
    }
    return nodeFiles.open(file, flags, mode);
  };
  const sink = testSink(root, { files: { ...nodeFiles, open } });
  await sink.start(SIGNAL);
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), { code: 'file-damaged' });
  assert.equal((await avroFiles(root)).size, 0);
});

test('a file under the name that is another’s, or was cut off, stops the sink', async (t) => {
  const root = await tempFolder(t);
  await landOnce(root);
  const kept = path.join(root, NAMES[1]!);
  const before = await readFile(kept);
  await truncate(kept, before.length - 1);
  await assert.rejects(landOnce(root, { replay: true }), /has \d+ bytes, and was made with \d+/);
  await writeFile(kept, 'something else');
  await assert.rejects(landOnce(root, { replay: true }), { code: 'object-differs' });
  assert.equal(await readFile(kept, 'utf8'), 'something else');
  await writeFile(kept, before);
  await landOnce(root, { replay: true });
  assert.equal((await manifestOf(root)).length, 2);

  const sink = testSink(root);
  await sink.start(SIGNAL);
  const other = sampleRange(ROWS.slice(0, -1).concat({ ...ROWS.at(-1)!, score: -1 }), {
    first: 17n,
    partition: 3,
  });
  await assert.rejects(sink.write(other, FIRST, SIGNAL), { code: 'object-differs' });
});

test('a line of the manifest that was cut off is followed by the whole one', async (t) => {
  const root = await tempFolder(t);
  await landOnce(root);
  const manifest = path.join(root, 'log_scores-v1', '_manifest.jsonl');
  const whole = await readFile(manifest, 'utf8');
  const [first = '', second = ''] = whole.split('\n');
  await writeFile(manifest, `${first}\n${second.slice(0, 300)}`);
  await landOnce(root, { replay: true });
  assert.equal(await readFile(manifest, 'utf8'), `${first}\n${second.slice(0, 300)}\n${second}\n`);
  await appendFile(manifest, 'not JSON, and no newline');
  await landOnce(root, { replay: true });
  assert.equal((await manifestOf(root)).length, 2);
});
