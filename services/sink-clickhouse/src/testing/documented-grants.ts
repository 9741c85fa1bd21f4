import { readFileSync } from 'node:fs';

const PAGE = new URL('../../../../docs/sinks/clickhouse.md', import.meta.url);

/** What the page tells operators to grant: all of it, or what stands before the first comment. */
export function documentedGrants(which: 'always' | 'all' = 'all'): readonly string[] {
  const [, block = ''] = /## Grants\n+```sql\n(.*?)\n```/s.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const [always = ''] = block.split('\n--');
  return (which === 'all' ? block : always)
    .split('\n')
    .filter((line) => line.startsWith('GRANT '))
    .map((line) => line.replace(/ TO scoreline;$/, ''));
}
