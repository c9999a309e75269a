import type { Cluster } from "@segany/server";
import { type Command, Option } from "commander";
import { UsageError } from "./cli-error.js";

/** Options of commands that share their files and their work with other machines. */
export interface ClusterOptions {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly blobs?: string;
}

export function addBlobsOption(command: Command): Command {
  return command.option(
    "--blobs <address>",
    "s3://bucket/prefix for images and embeddings, shared with other machines",
  );
}

export function addRedisOption(command: Command): Command {
  return command.addOption(
    new Option("--redis-url <url>", "Redis that tells workers of work (default: they ask the database)").env(
      "REDIS_URL",
    ),
  );
}

/**
 * What the options say is shared; undefined on one machine.
 *
 * @param maxCopiesBytes size of the copies of files on this machine
 * @throws UsageError if options are missing, or the package that they need
 */
export async function openCluster(
  { databaseUrl, redisUrl, blobs }: ClusterOptions,
  maxCopiesBytes?: number,
): Promise<Cluster | undefined> {
  if (blobs === undefined) return undefined;
  if (databaseUrl === undefined)
    throw new UsageError("--blobs needs --database-url: machines that share files share a database too.");
  const { createCluster } = await importCluster("--blobs");
  return createCluster({ blobs, redisUrl, maxCopiesBytes });
}

/**
 * The package for many machines, which is optional.
 *
 * @param what needs it, for the message
 * @throws UsageError where it is not installed
 */
export async function importCluster(what: string): Promise<typeof import("@segany/cluster")> {
  return import("@segany/cluster").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new UsageError(`${what} needs a package that is not installed: npm install @segany/cluster`);
  });
}
