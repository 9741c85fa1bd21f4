import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { FILE_FAULT_SETTINGS, tempFolder, withoutRows } from '@scoreline/files/testing';
import {
  type LandingFault,
  landingFaults,
  type Place,
  SpoiltDisk,
} from '@scoreline/landing/testing';

import { avroFiles } from './testing/world.ts';

interface FilePlace extends Place {
  readonly way: SpoiltDisk;
}

/** Where a file of a range is about to get its name: `2 held before: link <path>`. */
const TARGET = /: link (.*)$/;

const FULL: LandingFault<FilePlace> = {
  name: 'the disk of avro_path is full for a while',
  outcome: 'goes on',
  cause: async (scene) => {
    const { way } = scene.place;
    const before = way.fired.length;
    way.fill();
    await scene.produce();
    await scene.fires(before, 3);
    const { err } = await scene.hears('writing to file failed');
    if (err?.code !== 'disk-full') throw new Error(`${err?.code} was said`);
    way.open();
    return `${way.fired.length - before} files refused, ${err.code}`;
  },
};

let planted = '';

/** Of another range, which no rows come from. */
async function plant(root: string): Promise<void> {
  const [name = ''] = (await avroFiles(root)).keys();
  await writeFile(planted, withoutRows(await readFile(path.join(root, name))));
}

const OTHER: LandingFault<FilePlace> = {
  name: 'a file of the same name is there with other content',
  outcome: {
    stops: 'object-differs',
    mend: async () => {
      await rename(planted, `${planted}.moved-away`);
      return {};
    },
  },
  cause: async (scene) => {
    const { way } = scene.place;
    const before = way.fired.length;
    way.spoil('delayed');
    await scene.produce();
    const fired = await scene.fires(before);
    planted = TARGET.exec(fired)?.[1] ?? '';
    await plant(scene.place.env['avro_path'] ?? '');
    way.release();
    return `a file of others at ${planted.replace(/.*\/(?=dt=)/, '')}`;
  },
};

landingFaults<FilePlace>({
  sink: 'file',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  ...FILE_FAULT_SETTINGS,
  faults: [FULL, OTHER],
  async open(t) {
    const avro_path = await tempFolder(t);
    const way = new SpoiltDisk(t, '.avro');
    return {
      way,
      env: { avro_path, spool_dir: await tempFolder(t), ...way.env },
      rows: async () => [...(await avroFiles(avro_path)).values()].flatMap(({ rows }) => rows),
    };
  },
});
