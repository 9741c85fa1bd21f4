interface RecordSchema {
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
}

/**
 * The writer schema as the container's header has it: a map is said to be an array of pairs. In
 * Avro's encoding the two are the same bytes, so the rows stay as they are; in BigQuery the pairs are
 * what a map becomes at best (https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro).
 */
export function withPairs(schemaJson: string): string {
  const schema = JSON.parse(schemaJson) as RecordSchema;
  const maps = schema.fields?.filter(({ type }) => isMap(type)) ?? [];
  if (maps.length === 0) return schemaJson;
  const fields = schema.fields?.map((field) =>
    // Without its default, which is written as a map.
    isMap(field.type) ? { name: field.name, type: pairs(field.name, field.type) } : field,
  );
  return JSON.stringify({ ...schema, fields });
}

interface MapSchema {
  readonly type: 'map';
  readonly values: unknown;
}

function isMap(type: unknown): type is MapSchema {
  return typeof type === 'object' && type !== null && (type as Partial<MapSchema>).type === 'map';
}

function pairs(name: string, { values }: MapSchema): object {
  const fields = [
    { name: 'key', type: 'string' },
    { name: 'value', type: values },
  ];
  return { type: 'array', items: { type: 'record', name: `${name}_pair`, fields } };
}
