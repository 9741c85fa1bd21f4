import type { Drill, HeldCase, PurgeCase } from '../purge-case.ts';

const misnamed = (name: string, sinks: string, told: readonly string[]): HeldCase => ({
  name,
  told,
  settings: () => ({ sinks }),
  cause: async (scene) => {
    const ids = await scene.insertLanded(20);
    return `${ids.length} rows, sinks=${sinks}`;
  },
  mend: async () => {},
});

/** Who counts is what the ledger says; a setting can only agree. */
export const ROSTER: readonly PurgeCase[] = [
  misnamed('a sink is left out of sinks=', 'clickhouse', ['sink-omitted']),
  misnamed('a sink is renamed in sinks=', 'clickhouse,files', ['sink-omitted', 'sink-unknown']),
  misnamed('a sink is misspelt beside the right ones', 'clickhouse,file,flie', ['sink-unknown']),
  {
    name: 'sinks= is not set',
    run: async (scene) => {
      const ids = await scene.insertLanded(20);
      const before = await scene.table.ids();
      const once = await scene.once({ sinks: '' });
      if (once.code === 0 || !once.output.includes('sinks')) throw new Error(once.output);
      const after = await scene.table.ids();
      if (after.length !== before.length) throw new Error('rows are gone');
      await scene.goes();
      return `${ids.length} rows, exit ${once.code}`;
    },
  },
];

/** A sink is landing beside the others and was not promoted yet; then it is. */
export const PROMOTION: readonly Drill[] = [
  {
    name: 'a sink that was not promoted is not waited for, and a promoted one is',
    run: async (scene) => {
      const early = await scene.table.insert(30);
      await scene.landed(['file']);
      await scene.goes();

      await scene.sinkAgain('clickhouse');
      await scene.landed();
      await scene.promote('clickhouse');
      await scene.sinks.get('clickhouse')!.stop();
      const late = await scene.insertLanded(30);
      const before = await scene.table.ids();
      const { codes, output } = await scene.explain();
      const once = await scene.once();
      if (once.code !== 1 || !codes.includes('behind')) throw new Error(output + once.output);
      if ((await scene.table.ids()).length !== before.length) throw new Error('rows are gone');

      await scene.sinkAgain('clickhouse');
      await scene.landed(['clickhouse']);
      await scene.goes();
      return `${early.length} rows went without it, ${late.length} waited for it`;
    },
  },
];
