export type Properties = Readonly<Record<string, string | number | boolean>>;

/** As a Java process reads them from a file. */
export function formatProperties(properties: Properties): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
