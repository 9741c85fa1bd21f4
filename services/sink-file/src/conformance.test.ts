import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { tempFolder } from '@scoreline/files/testing';
import { sinkConformance } from '@scoreline/landing/testing';

import { avroFiles, testSink } from './testing/world.ts';

sinkConformance({
  name: 'file',
  async open(t) {
    const root = await tempFolder(t);
    return {
      root,
      sink: () => testSink(root),
      rows: async () => [...(await avroFiles(root)).values()].flatMap(({ rows }) => rows),
      remove: async () => {
        await rm(root, { recursive: true });
        await mkdir(root);
      },
    };
  },
  otherLedger: 'refused',
  // One of the two files of a range of two days.
  async tear({ root }) {
    const [name = ''] = (await avroFiles(root)).keys();
    await rm(path.join(root, name));
  },
});
