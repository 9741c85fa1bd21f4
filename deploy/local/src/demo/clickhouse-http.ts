export interface ClickhouseAddress {
  /** `http://host:port` */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * One statement over ClickHouse's HTTP interface. The server answers when it is done, so an error
 * has its own status and never hides behind half a result.
 */
export async function askClickhouse(
  { url, user, password }: ClickhouseAddress,
  sql: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const query = new URLSearchParams({ wait_end_of_query: '1', ...settings });
  const response = await fetch(`${url}/?${query.toString()}`, {
    method: 'POST',
    body: sql,
    headers: {
      // Next door: packing costs both ends more than the bytes do.
      'accept-encoding': 'identity',
      ...(user === undefined ? {} : { 'x-clickhouse-user': user }),
      ...(password === undefined ? {} : { 'x-clickhouse-key': password }),
    },
  });
  if (!response.ok)
    throw new Error(`ClickHouse refused: ${(await response.text()).trim()}\n${sql}`);
  return response;
}
