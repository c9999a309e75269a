/** Segment Anything on many machines: bytes in an S3 object store, work dispatched over Redis. */

export { type ClusterOptions, createCluster } from "./create-cluster.js";
export {
  createDispatchedQueue,
  type DispatchedQueue,
  type DispatchOptions,
} from "./dispatch/create-dispatched-queue.js";
export { ClusterError, type ClusterErrorCode } from "./errors.js";
export { openS3BlobStore, type S3BlobStore, type S3StoreOptions } from "./s3/open-s3-blob-store.js";
export { openS3Folder, type S3File, type S3Folder } from "./s3/open-s3-folder.js";
export type { S3Options } from "./s3/s3-client.js";
