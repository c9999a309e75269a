import { Redis } from "ioredis";
import { ClusterError } from "../errors.js";

/** The connection to Redis, which comes and goes: what needs it fails at once while it is gone. */
export interface RedisLink {
  /** @throws ClusterError `redis-unusable` while there is no connection; another one is tried meanwhile */
  client(): Promise<Redis>;
  close(): void;
}

/** Longest wait for an answer: BullMQ may wait for ever for a connection that was lost at a bad moment. */
const ANSWER_MS = 15_000;
const CONNECT_MS = 3000;
const COMMAND_MS = 5000;
const MOST_PAUSE_MS = 3000;

/** @throws ClusterError `redis-unusable` if an answer takes too long */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ClusterError("redis-unusable", `Redis has not answered for ${ANSWER_MS / 1000} s`);
    timer = setTimeout(() => reject(error), ANSWER_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** @throws ClusterError `address-invalid` */
export function checkRedisUrl(url: string): void {
  if (!/^rediss?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new ClusterError(
      "address-invalid",
      "The address of Redis must be redis://[user:password@]host[:port][/database], or rediss:// for TLS.",
    );
}

/** @param url `redis://…` or `rediss://…` @throws ClusterError `address-invalid` */
export function openRedisLink(url: string): RedisLink {
  checkRedisUrl(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, MOST_PAUSE_MS) * (0.5 + Math.random() / 2),
  });
  let reason = "the connection is not open yet";
  redis.on("error", (error: Error) => {
    reason = error.message || (error as NodeJS.ErrnoException).code || error.name;
  });
  redis.on("end", () => {
    reason = "the connection was closed";
  });
  const { host } = new URL(url);
  return {
    async client() {
      if (redis.status === "wait") await redis.connect().catch(() => undefined); // `reason` has the error
      if (redis.status !== "ready")
        throw new ClusterError("redis-unusable", `Redis at ${host} can't be used: ${reason}`);
      return redis;
    },
    close: () => redis.disconnect(),
  };
}
