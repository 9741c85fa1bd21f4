import { parse } from 'yaml';

import type { MetricDescription } from './metrics-page.ts';

export interface AlertRule {
  readonly alert: string;
  /** PromQL. */
  readonly expr: string;
  readonly for: string;
}

/** The rules in the yaml of a page, as an operator copies them into Prometheus. */
export function alertRules(page: string): AlertRule[] {
  return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .map(([, text = '']) => parse(text) as { readonly groups?: readonly RuleGroup[] } | null)
    .flatMap((file) => file?.groups ?? [])
    .flatMap(({ rules }) => rules);
}

interface RuleGroup {
  readonly rules: readonly AlertRule[];
}

/**
 * Metrics and labels in a rule that nobody serves: it would never fire. Whether it is PromQL at all is not looked at;
 * grouping is understood as `sum by (label) (...)` alone, and anything else about labels is a problem.
 */
export function ruleProblems(
  { expr }: AlertRule,
  metrics: readonly MetricDescription[],
): readonly string[] {
  const problems = new Set<string>();
  // What is in quotes is no name.
  const text = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [, name = '', , selector = ''] of text.matchAll(SERIES)) {
    const served = servedAs(name, metrics);
    if (served === null) problems.add(`${name} is no metric`);
    const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    for (const label of labels) missing(label, name, served);
  }
  for (const match of text.matchAll(/\b(?:by|without)\s*\(([^)]*)\)\s*(\()?/g)) {
    const [whole, labels = '', inner] = match;
    if (inner === undefined) problems.add(`${whole.trim()} is not before what it groups`);
    const grouped = inside(text, match.index + whole.length);
    for (const [, name = ''] of grouped.matchAll(SERIES)) {
      for (const label of labels.split(',')) missing(label.trim(), name, servedAs(name, metrics));
    }
  }
  for (const [word] of text.matchAll(/\b(?:on|ignoring|group_left|group_right)\b/g)) {
    problems.add(`${word} is not looked into`);
  }
  return [...problems];

  function missing(label: string, name: string, served: readonly string[] | null): void {
    if (served !== null && !served.includes(label)) problems.add(`${name} has no label ${label}`);
  }
}

const SERIES = /\b(scoreline_\w+)(\s*\{([^}]*)\})?/g;

/** The labels of a series, with those that Prometheus adds; null when nobody serves it. */
function servedAs(name: string, metrics: readonly MetricDescription[]): readonly string[] | null {
  const target = ['job', 'instance'];
  for (const { name: own, type, labels } of metrics) {
    if (type !== 'histogram') {
      if (own === name) return [...target, ...labels];
    } else if (name === `${own}_bucket`) return [...target, ...labels, 'le'];
    else if (name === `${own}_sum` || name === `${own}_count`) return [...target, ...labels];
  }
  return null;
}

/** From behind a bracket to the one that closes it. */
function inside(text: string, from: number): string {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return text.slice(from, at);
  }
  return text.slice(from);
}
