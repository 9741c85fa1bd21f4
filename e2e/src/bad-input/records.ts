import type { BadInput } from './bad-input.ts';
import type { World } from './world.ts';

const LANDED = { service: 'sink-clickhouse', given: 'landed', exitCode: 1 } as const;

/** A row as capture encodes it: id, server, no monitor, ts, score, step, ten fields that are null, and no extra columns. */
const DATUM = Buffer.concat([Buffer.from([2, 2, 0, 2]), Buffer.alloc(8 + 8 + 10 + 1)]);

async function header(world: World, subject = world.subject): Promise<Buffer> {
  const { id } = (await world.servers.registry(
    'GET',
    `/subjects/${subject}/versions/latest`,
    undefined,
  )) as { id: number };
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(id, 1);
  return bytes;
}

/** Records that somebody else put into the topic. */
export const RECORDS: readonly BadInput[] = [
  {
    ...LANDED,
    name: 'a record is JSON',
    wrong: (world) => world.produce(Buffer.from('{"id":1,"server_id":1}')),
    code: 'record-malformed',
    says: ['{topic}[0] offset ', '0x00 and a schema id', 'Find out who wrote it'],
  },
  {
    ...LANDED,
    name: 'a record has no value',
    wrong: (world) => world.produce(null),
    code: 'record-malformed',
    says: ['{topic}[0] offset ', 'it has no value', 'Find out who wrote it'],
  },
  {
    ...LANDED,
    name: 'a record is cut off',
    wrong: async (world) =>
      world.produce(Buffer.concat([await header(world), Buffer.from([0x02, 0x02, 0x00])])),
    code: 'record-malformed',
    says: ['{topic}[0] offset ', 'malformed', 'Find out who wrote it'],
  },
  {
    ...LANDED,
    name: 'a record names a schema that the registry does not know',
    wrong: (world) => world.produce(Buffer.concat([Buffer.from([0, 0, 0x0f, 0x42, 0x3f]), DATUM])),
    code: 'registry-refused',
    says: ['schema 999999', 'schema_registry_url'],
  },
  {
    ...LANDED,
    name: 'a record has the schema of something else',
    wrong: async (world) => {
      const subject = `${world.prefix}other-value`;
      await world.servers.registry('POST', `/subjects/${subject}/versions`, {
        schema: JSON.stringify({
          type: 'record',
          name: 'Other',
          fields: [{ name: 'a', type: 'long' }],
        }),
      });
      await world.produce(Buffer.concat([await header(world, subject), DATUM]));
    },
    code: 'schema-unknown',
    says: ['does not read', 'Upgrade the sinks before capture'],
  },
];
