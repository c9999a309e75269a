import { S3Client } from "@aws-sdk/client-s3";

export interface S3Options {
  /** Address of a store that isn't Amazon's; default is `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string | undefined;
  /** Default is `AWS_REGION`, or else `us-east-1`. */
  readonly region?: string | undefined;
  /** Default is what the AWS tools use: the environment, `~/.aws`, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /**
   * Whether each request has a checksum beside its signature. Stores that aren't Amazon's may refuse that; by
   * default only requests that need one have it.
   */
  readonly checksums?: "when-required" | "when-supported" | undefined;
  /** Attempts of a request, with growing and random pauses of at most 20 seconds between them; default 10. */
  readonly maxAttempts?: number | undefined;
}

/** A client, with the bucket in the path of addresses for stores that aren't Amazon's. */
export function createS3Client(options: S3Options = {}): S3Client {
  // The version in use runs on Node 20; what the library warns of is its later versions.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION } = process.env;
  const { endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL, region = AWS_REGION ?? "us-east-1" } = options;
  const checksums = options.checksums === "when-supported" ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return new S3Client({
    region,
    maxAttempts: options.maxAttempts ?? 10,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(options.credentials && { credentials: options.credentials }),
  });
}
