import { BigQuery } from '@google-cloud/bigquery';

/** Headers that say who asks. */
export type Credentials = () => Promise<Readonly<Record<string, string>>>;

/**
 * Google's own ways to credentials: a file, the machine's, a Kubernetes service account's. Tokens are
 * kept and renewed in there.
 */
export function googleCredentials(project: string, keyFile: string | undefined): Credentials {
  const { authClient } = new BigQuery({
    projectId: project,
    ...(keyFile === undefined ? {} : { keyFilename: keyFile }),
  });
  return async () => Object.fromEntries(await authClient.getRequestHeaders());
}

/** What goes over plain http may be read by anybody: there is no token in it. */
export const noCredentials: Credentials = async () => ({});
