import { until } from '@scoreline/testing';

import { told } from '../bad-input/told.ts';
import type { Service } from '../harness/service.ts';

/** The message of the error that ends a service. */
export async function fatalError(service: Service): Promise<string> {
  return until(
    () => {
      const { code, text } = told(service.output);
      return code === null ? null : text.split('\n')[0];
    },
    { what: `the error that ends ${service.label}`, timeoutMs: 60_000 },
  );
}
