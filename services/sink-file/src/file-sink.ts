import path from 'node:path';

import {
  configuredSink,
  type FileSystem,
  nodeFiles,
  type ObjectSink,
  type ServiceParts,
} from '@scoreline/files';

import type { Settings } from './config.ts';
import { FileStore, OWN_FOLDER } from './file-store.ts';

export interface FileSinkOptions extends ServiceParts {
  readonly files?: FileSystem;
}

/** The sink as it is configured. Files are made beside where they are kept, so that they can be linked. */
export function fileSink(
  config: Settings,
  { files = nodeFiles, ...parts }: FileSinkOptions,
): ObjectSink {
  const root = path.resolve(config.avro_path);
  return configuredSink(config, {
    ...parts,
    name: 'file',
    store: new FileStore(root, files),
    workFolder: path.join(root, OWN_FOLDER, 'work'),
    files,
  });
}
