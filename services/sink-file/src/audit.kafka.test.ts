import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { FILE_FAULT_SETTINGS, tempFolder } from '@scoreline/files/testing';
import { auditCase } from '@scoreline/landing/testing';

import { avroFiles } from './testing/world.ts';

auditCase({
  sink: 'file',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  async open(t) {
    const avro_path = await tempFolder(t);
    return {
      env: { ...FILE_FAULT_SETTINGS.settings, avro_path },
      ids: async () =>
        [...(await avroFiles(avro_path)).values()].flatMap(({ rows }) => rows.map(({ id }) => id)),
      async lose() {
        const [name = ''] = (await avroFiles(avro_path)).keys();
        await rm(path.join(avro_path, name));
      },
    };
  },
});
