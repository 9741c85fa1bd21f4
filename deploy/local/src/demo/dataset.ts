import { DATABASE } from './names.ts';

/** The sink creates its table, and not the dataset: its location is somebody's decision. */
export async function createDataset(endpoint: string, project: string): Promise<void> {
  const datasetReference = { projectId: project, datasetId: DATABASE };
  const response = await fetch(`${endpoint}/bigquery/v2/projects/${project}/datasets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ datasetReference }),
  });
  const text = await response.text();
  // 409: it is there.
  if (!response.ok && response.status !== 409)
    throw new Error(`creating the dataset ${DATABASE} was answered with ${text}`);
}
