/** The last group of each domain, by domain. */
export type MariadbGtids = ReadonlyMap<number, MariadbGtid>;

export interface MariadbGtid {
  readonly text: string;
  readonly domain: number;
  readonly server: number;
  readonly number: bigint;
}

/** Of GTIDs as a server writes them; the last one of a domain counts. */
export function mariadbGtids(text: string): MariadbGtids {
  return new Map(
    (text.match(/\d+-\d+-\d+/g) ?? []).map((gtid) => {
      const parsed = mariadbGtid(gtid);
      return [parsed.domain, parsed];
    }),
  );
}

/** Whether a history has come as far as this group. A number belongs to one group of its domain. */
export function isWithin({ domain, number, text }: MariadbGtid, history: MariadbGtids): boolean {
  const last = history.get(domain);
  return last !== undefined && (last.number > number || last.text === text);
}

export function mariadbGtid(text: string): MariadbGtid {
  const [domain, server, number] = text.split('-');
  return { text, domain: Number(domain), server: Number(server), number: BigInt(number!) };
}
