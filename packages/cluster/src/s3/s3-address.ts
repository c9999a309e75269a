import { ClusterError } from "../errors.js";

/** A place in an object store. */
export interface S3Address {
  readonly bucket: string;
  /** Empty, or ends with "/". */
  readonly prefix: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[A-Za-z0-9][\w.-]*\/)*$/;

/** @param text `s3://bucket` or `s3://bucket/prefix` @throws ClusterError `address-invalid` */
export function parseS3Address(text: string): S3Address {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/]*)\/?(.*)$/.exec(text) ?? [];
  const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
  if (!BUCKET.test(bucket) || !PREFIX.test(prefix) || prefix.includes(".."))
    throw new ClusterError(
      "address-invalid",
      `"${text}" is no address of a bucket: write s3://bucket or s3://bucket/prefix. The name of a bucket ` +
        "has 3 to 63 of a-z, 0-9, dots and hyphens; parts of the prefix begin with a letter or a digit.",
    );
  return { bucket, prefix };
}
