/** A program that is asked for one thing at a time, and answers with lines. */
export interface Verbs {
  run(...args: string[]): Promise<readonly string[]>;
}

export interface PurgeVerbs {
  readonly purge: Verbs;
  /** As the roster will name them. */
  readonly sinks: readonly string[];
  readonly say: (text: string) => void;
}

const WHY = 'the demo';

/** What an operator types on the first day of a purge, and what comes back: docs/13-operating-the-purge.md. */
export async function purgeAsAnOperator({ purge, sinks, say }: PurgeVerbs): Promise<void> {
  for (const sink of sinks) {
    const plan = ['--promote', '--sink', sink, '--why', WHY];
    const apply = [...plan, '--plan-digest', digestIn(await purge.run(...plan))];
    const answer = await purge.run(...apply);
    show(say, apply, answer.slice(-1));
  }
  for (const verb of ['--explain', '--once']) show(say, [verb], await purge.run(verb));
}

function show(say: PurgeVerbs['say'], args: readonly string[], answer: readonly string[]): void {
  say(`$ purge ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
  for (const line of answer) if (line !== '') say(`  ${line}`);
}

function digestIn(plan: readonly string[]): string {
  const [, digest] = /--plan-digest (\w+)/.exec(plan.join('\n')) ?? [];
  if (digest !== undefined) return digest;
  throw new Error(`purge --promote has printed no digest of its plan:\n${plan.join('\n')}`);
}
