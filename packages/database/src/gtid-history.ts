import { mariadbGtids } from './mariadb-gtids.ts';
import { containsGtids, mysqlGtids } from './mysql-gtids.ts';
import type { Flavor } from './server-facts.ts';

/**
 * Whether a history, such as what was captured, has come as far as a server had when it told `wanted`.
 * Null: these GTIDs do not tell, and waiting does not help. It is never true in doubt.
 */
export function hasGtids(flavour: Flavor, history: string, wanted: string): boolean | null {
  return flavour === 'mysql'
    ? mysqlHistoryHas(history, wanted)
    : mariadbHistoryHas(history, wanted);
}

function mysqlHistoryHas(history: string, wanted: string): boolean | null {
  const whole = mysqlGtids(history);
  const part = mysqlGtids(wanted);
  // An empty set is in every other: but a server that names no group has not told where it is.
  if (whole === null || part === null || whole.size === 0 || part.size === 0) return null;
  return containsGtids(whole, part);
}

const POSITION = /^\d+-\d+-\d+(?:,\d+-\d+-\d+)*$/;

function mariadbHistoryHas(history: string, wanted: string): boolean | null {
  if (!POSITION.test(history) || !POSITION.test(wanted)) return null;
  const whole = mariadbGtids(history);
  let all = true;
  for (const { domain, server, number, text } of mariadbGtids(wanted).values()) {
    const last = whole.get(domain);
    if (last === undefined || last.number < number) all = false;
    // Another server has gone on in this domain, after this group or beside it: the numbers do not tell.
    else if (last.server !== server && last.text !== text) return null;
  }
  return all;
}
