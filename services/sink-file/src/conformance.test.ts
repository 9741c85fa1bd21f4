import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { tempFolder } from '@scoreline/files/testing';
import { sinkConformance } from '@scoreline/landing/testing';

import { farFiles } from './testing/far-files.ts';
import { avroFiles, testSink } from './testing/world.ts';

sinkConformance({
  name: 'file',
  audited: true,
  async open(t) {
    const root = await tempFolder(t);
    const far = farFiles();
    return {
      root,
      far,
      sink: () => testSink(root, { files: far.files }),
      rows: async () => [...(await avroFiles(root)).values()].flatMap(({ rows }) => rows),
      remove: async () => {
        await rm(root, { recursive: true });
        await mkdir(root);
      },
    };
  },
  otherLedger: 'refused',
  loseAnswer: ({ far }) => far.loseAnswer(),
  stall: ({ far }) => far.stall(),
  // One of the two files of a range of two days.
  async tear({ root }) {
    const [name = ''] = (await avroFiles(root)).keys();
    await rm(path.join(root, name));
  },
});
