import type { Mutant } from './mutant.ts';

const GCS = 'services/sink-gcs/dist';
const S3 = 'services/sink-s3/dist';

/** Object stores and their clients without the guards against them. */
export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a rate that is exceeded passes for a missing right',
    pitfalls: ['G1'],
    module: `${GCS}/gcs-errors.js`,
    edits: [{ find: 'PASSING_REASONS.has(reason)', replace: 'false' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: too many requests, as 403',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'an answer is looked for in the error only',
    pitfalls: ['G2'],
    module: `${GCS}/error-facts.js`,
    edits: [{ find: 'depth > 5', replace: 'depth > 0' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: too many requests, at the opening of an upload',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'an upload that has ended stops the sink',
    pitfalls: ['G3'],
    module: `${GCS}/gcs-errors.js`,
    edits: [{ find: 'SESSION_OVER.test(said)', replace: 'false' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: an upload that is further than the client',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'a file that was changed on its disk is completed',
    pitfalls: [],
    module: 'packages/files/dist/object-bytes.js',
    edits: [{ find: 'crc !== expected', replace: 'false' }],
    shownBy: 'packages/files/dist/object-bytes.test.js',
    test: 'of a file that was changed the last piece is not given away',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'the client compares checksums, and deletes',
    pitfalls: ['G4'],
    module: `${GCS}/upload.js`,
    edits: [{ find: 'validation: false', replace: "validation: 'crc32c'" }],
    shownBy: `${GCS}/store.gcs.test.js`,
    test: 'a large object is damaged on its way',
    failure: /FILE_NO_UPLOAD/,
    needs: ['gcs'],
  },
  {
    name: 'a file in Cloud Storage may be replaced',
    pitfalls: [],
    module: `${GCS}/upload.js`,
    edits: [{ find: 'preconditionOpts: { ifGenerationMatch: 0 },', replace: '' }],
    shownBy: `${GCS}/store.gcs.test.js`,
    test: 'of twenty creations at a time one wins',
    failure: /20 !== 1/,
    needs: ['gcs'],
  },
  {
    name: 'a store that replaces is taken',
    pitfalls: ['S1'],
    module: `${S3}/destination.js`,
    edits: [
      {
        find: "await mustRefuse('PutObject', () => putMarker(place, marker.uuid, signal));",
        replace: '',
      },
    ],
    shownBy: `${S3}/store.s3.test.js`,
    test: 'passes over If-None-Match of PutObject',
    failure: /Missing expected rejection/,
    needs: ['s3'],
  },
  {
    name: 'a store that replaces what came in parts is taken',
    pitfalls: ['S1'],
    module: `${S3}/destination.js`,
    edits: [
      {
        find: "await mustRefuse('CompleteMultipartUpload', () => putMarkerInParts(place, marker.uuid, signal));",
        replace: '',
      },
    ],
    shownBy: `${S3}/store.s3.test.js`,
    test: 'passes over If-None-Match of CompleteMultipartUpload',
    failure: /Missing expected rejection/,
    needs: ['s3'],
  },
  {
    name: 'an answer without a checksum is the last word',
    pitfalls: ['S2'],
    module: `${S3}/multipart.js`,
    edits: [{ find: 'answer.ChecksumCRC32C === undefined', replace: 'false' }],
    shownBy: `${S3}/store.s3.test.js`,
    test: 'the answer to a large creation is lost',
    failure: /checksum of nothing/,
    needs: ['s3'],
  },
];
