import { FIRST_OF_MANY, produceMany } from '../many-rows.ts';
import { sampleRow } from '../sample-rows.ts';
import type { LandingFault } from './fault.ts';
import { SpoiltDisk } from './spoilt-disk.ts';

/** More than is left of the least `buffer_bytes`, so that most of them go into the spool. */
const ROWS = 12_000;

/** Of sinks whose ranges may be larger than memory. */
export const SPOOL_FAULTS: readonly LandingFault[] = [
  {
    name: 'the disk of spool_dir is full for a while',
    outcome: 'goes on',
    isApart: true,
    cause: async (scene) => {
      const disk = new SpoiltDisk(scene.t, '.spool');
      scene.start({ ...scene.program.spooling, buffer_bytes: '1MB', ...disk.env });
      await scene.produce();
      await scene.drained();
      disk.fill();
      const mould = sampleRow(FIRST_OF_MANY);
      await produceMany(scene.p, 0, { rows: ROWS });
      scene.expect(Array.from({ length: ROWS }, (_, i) => ({ ...mould, id: mould.id + i })));
      const { msg } = await scene.hears('the disk is full');
      const [fired = ''] = disk.fired;
      disk.open();
      await scene.drained();
      return `${fired.replace(/\S+\//, '')}: ${msg}`;
    },
  },
];
