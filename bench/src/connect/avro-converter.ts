import type { Properties } from './properties.ts';

/**
 * Apicurio's converter for keys or values, set to Confluent's wire format.
 *
 * @param registryUrl as the services are told it: Confluent's API.
 */
export function avroConverter(side: 'key' | 'value', registryUrl: string): Properties {
  const converter = `${side}.converter`;
  return {
    [converter]: 'io.apicurio.registry.utils.converter.AvroConverter',
    // It speaks Apicurio's own interface, which is beside Confluent's.
    [`${converter}.apicurio.registry.url`]: registryUrl.replace('/ccompat/v7', '/registry/v2'),
    [`${converter}.apicurio.registry.auto-register`]: true,
    [`${converter}.apicurio.registry.find-latest`]: false,
    [`${converter}.apicurio.registry.headers.enabled`]: false,
    [`${converter}.apicurio.registry.as-confluent`]: true,
  };
}
