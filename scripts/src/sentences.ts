import { describeSettings } from '@scoreline/service';

import type { MetricsSource, ServiceSettings } from './catalog.ts';
import { describeMetrics } from './metrics-page.ts';

/** What the pages cannot be made of: settings and metrics without a sentence, or two with one name. */
export function sentenceProblems(
  services: readonly ServiceSettings[],
  sources: readonly MetricsSource[],
): string[] {
  const settings = services.flatMap(({ service, settings: shape }) =>
    describeSettings(shape).map(({ name, description }) => ({
      name: `${service}: ${name}`,
      sentence: description,
    })),
  );
  const actions = services.flatMap(({ service, actions: all = {} }) =>
    Object.entries(all).map(([name, { description }]) => ({
      name: `${service}: --${name}`,
      sentence: description,
    })),
  );
  const metrics = sources
    .flatMap(describeMetrics)
    .map(({ name, help }) => ({ name, sentence: help }));
  const twice = metrics.filter(
    ({ name }, at) => metrics.findIndex((other) => other.name === name) !== at,
  );
  return [
    ...[...settings, ...actions, ...metrics]
      .filter(({ sentence }) => !isSentence(sentence))
      .map(
        ({ name, sentence }) =>
          `${name} is not described by a sentence: ${JSON.stringify(sentence)}`,
      ),
    ...twice.map(({ name }) => `${name} is the name of two metrics`),
  ];
}

/** Begins with a capital, a digit or code, and ends with a full stop. */
function isSentence(text: string): boolean {
  return /^[A-Z0-9`].*\.$/s.test(text);
}
