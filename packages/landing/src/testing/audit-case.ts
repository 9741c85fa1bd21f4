import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { BUCKET_IDS } from '@scoreline/ledger';
import { needServer, until } from '@scoreline/testing';

import { pipeline } from './pipeline.ts';
import { auditsOf, recordIds } from './recorded.ts';
import { sinkProcess } from './sink-process.ts';

/** A destination of one test's own. */
export interface AuditedPlace {
  /** Settings of a sink that lands there, soon. */
  readonly env: Readonly<Record<string, string>>;
  /** Every id that is there, read past the sink. */
  ids(): Promise<readonly number[]>;
  /** Takes away some of its rows, not all. */
  lose(): Promise<unknown>;
}

export interface AuditCase {
  readonly sink: string;
  /** The service's program. */
  readonly main: string;
  /** Null when its server is not there. */
  open(t: TestContext): Promise<AuditedPlace | null>;
}

interface Report {
  readonly clean: boolean;
  readonly ids: number;
  readonly differences: Readonly<
    Record<string, { readonly count: number; readonly ids: string[] }>
  >;
}

const idsFrom = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** What an operator sees of a sink's audit, beside the sink that runs. */
export function auditCase(of: AuditCase): void {
  const { sink, main } = of;
  test(`--audit of sink-${sink} names what is unknown, doubled and missing, and records what is clean`, async (t) => {
    const brokers = needServer(t, 'kafka');
    const place = await of.open(t);
    if (!brokers || place === null) return;
    const p = await pipeline(t, brokers, { partitions: 2 });
    const env = { ...p.env, ...place.env, session_timeout: '6s' };
    const audit = (more: Readonly<Record<string, string>> = {}) =>
      runAudit(t, main, { ...env, ...more });
    const report = async (...codes: number[]) => {
      const { code, output, errors } = await audit({ format: 'json' });
      assert.ok(codes.includes(code ?? -1), `exit ${code}: ${output}${errors}`);
      return JSON.parse(output) as Report;
    };

    const known = [...idsFrom(1, 300), ...idsFrom(BUCKET_IDS, 100)];
    const late = BUCKET_IDS + 100;
    await p.produceIds(1, 301);
    await p.produceIds(BUCKET_IDS, late + 1);
    await recordIds(p, known);
    const service = sinkProcess(t, main, env);
    const landed = () =>
      until(async () => (await p.lag(sink)) === 0, {
        what: `lag 0\n${service.output()}`,
        timeoutMs: 60_000,
      });
    await landed();

    const before = await report(1);
    assert.deepEqual(found(before), { missing: [], doubled: [], unknown: [`${late}`] });
    assert.deepEqual([...(await auditsOf(p, sink)).counts], [[0, 300]]);

    await recordIds(p, [...known, late]);
    const clean = await report(0);
    assert.equal(clean.ids, 401);
    assert.deepEqual(found(clean), { missing: [], doubled: [], unknown: [] });
    const { counts, audits } = await auditsOf(p, sink);
    assert.deepEqual(
      [...counts],
      [
        [0, 300],
        [1, 101],
      ],
    );
    assert.deepEqual(audits[0]?.since, { [p.topic]: [0, 0] });

    await p.produceIds(5, 7);
    await landed();
    const { code, output } = await audit({ audit_ids: '3-9' });
    assert.equal(code, 1);
    assert.match(output, /ids in the destination more than once: 2\n {2}5-6\nDIFFERENT\n$/);
    assert.deepEqual([...(await auditsOf(p, sink)).counts], [[1, 101]]);

    await place.lose();
    const left = new Set(await place.ids());
    const gone = [...known, late].filter((id) => !left.has(id));
    assert.ok(gone.length > 0, 'rows were lost');
    const lost = await report(1);
    assert.deepEqual(lost.differences['missing']?.ids.flatMap(expand), gone);
    await service.kill('SIGTERM');
  });
}

function found({ differences }: Report): unknown {
  return Object.fromEntries(Object.entries(differences).map(([kind, { ids }]) => [kind, ids]));
}

/** `7-9` */
function expand(range: string): number[] {
  const [first = 0, last = first] = range.split('-').map(Number);
  return idsFrom(first, last - first + 1);
}

async function runAudit(
  t: TestContext,
  main: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  const child = spawn(process.execPath, [main, '--audit'], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}
