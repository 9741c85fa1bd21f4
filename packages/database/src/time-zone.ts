import type { Problem } from './preflight.ts';
import type { ServerFacts } from './server-facts.ts';

const UTC = new Set(['UTC', 'GMT', 'ETC/UTC', 'ETC/GMT', 'ZULU', '+00:00', '-00:00']);

/** The zone that sessions get by default: what a writer that does not care means by its ts. */
export function serverTimeZone({ variables }: Pick<ServerFacts, 'variables'>): string {
  const zone = variables.get('time_zone') ?? 'SYSTEM';
  return zone.toUpperCase() === 'SYSTEM' ? (variables.get('system_time_zone') ?? 'SYSTEM') : zone;
}

export function isUtc(zone: string): boolean {
  return UTC.has(zone.toUpperCase());
}

/** Minutes that a zone is ahead of UTC; null when that depends on the date. */
export function utcOffsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'UTC') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Nobody said what ts means, and the server's own zone says something else than our default. */
export function timeZoneProblems(
  server: ServerFacts,
  sourceTimeZone: string | undefined,
): Problem[] {
  const zone = serverTimeZone(server);
  if (sourceTimeZone !== undefined || isUtc(zone)) return [];
  return [
    {
      severity: 'error',
      subject: 'source_time_zone',
      message: `the server's time zone is ${zone}, and source_time_zone is not set: ts could mean either`,
      remedy: `source_time_zone=UTC, if the writers store UTC in ts, else the zone that they store`,
    },
  ];
}
