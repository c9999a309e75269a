/** Two real servers that share a database, Redis and a bucket, behind one address. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startPostgres } from "../../../scripts/testing/postgres.mjs";
import { startRedis } from "../../../scripts/testing/redis.mjs";
import { startS3rver } from "../../../scripts/testing/s3.mjs";
import { addressOf, openSite, type StudioSite, stillLife } from "./studio-site.js";

const command = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));

export interface SharedServers {
  readonly site: StudioSite;
  /** Addresses of the servers themselves. */
  urls(): readonly string[];
  /** Kills the server that the proxy sends to, without any warning. */
  kill(): Promise<void>;
  /** Starts another one in the killed one's place. */
  startAgain(): Promise<void>;
  /** Runs `segany engine …` on the database. */
  segany(args: readonly string[], input?: string): Promise<string>;
}

/** With a project "photos" of one image, the still life. */
export async function openSharedServers(): Promise<SharedServers> {
  const folder = await mkdtemp(join(tmpdir(), "segany-shared-"));
  const [postgres, redis, store] = [await startPostgres(), await startRedis(), await startS3rver()];
  postgres.createDatabase("segany");
  const env = {
    ...process.env,
    SEGANY_CACHE: join(folder, "cache"),
    DATABASE_URL: postgres.url("segany"),
    REDIS_URL: redis.url,
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
  };
  const blobs = ["--blobs", `s3://${store.bucket}/data`];
  /** Not synchronous: the store is in this process. */
  const segany = async (args: readonly string[], input = "") => {
    const running = promisify(execFile)(process.execPath, [command, "engine", ...args], { cwd: folder, env });
    running.child.stdin!.end(input);
    return (await running).stdout;
  };
  await mkdir(join(folder, "photos"));
  await copyFile(stillLife, join(folder, "photos", "still-life.jpg"));
  await segany(["init", "photos", "--class", "pear", "apple", ...blobs]);

  /** Both have the default folder. */
  const startServer = async () => {
    const child = spawn(process.execPath, [command, "serve", "--port", "0", "--workers", "1", ...blobs], {
      ...{ cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] },
    });
    return { child, port: Number(new URL(await addressOf(child)).port) };
  };
  const servers = [await startServer(), await startServer()];
  const proxy = await startProxy(() => servers.map(({ port }) => port));
  const site = await openSite(proxy.url, async () => {
    proxy.server.close();
    for (const { child } of servers) await end(child, "SIGTERM");
    await store.stop();
    await redis.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    site,
    segany,
    urls: () => servers.map(({ port }) => `http://127.0.0.1:${port}/`),
    kill: () => end(servers[0]!.child, "SIGKILL"),
    async startAgain() {
      servers.shift();
      servers.push(await startServer());
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill(signal);
  await ended;
}

/** Sends each connection to the first server that takes it. */
async function startProxy(ports: () => readonly number[]): Promise<{ server: Server; url: string }> {
  const server = createServer((client) => {
    client.on("error", () => undefined);
    const tryNext = ([port, ...others]: readonly number[]) => {
      if (port === undefined) return client.destroy();
      const upstream = connect(port, "127.0.0.1");
      upstream.once("connect", () => {
        client.pipe(upstream).pipe(client);
        upstream.on("close", () => client.destroy());
        client.on("close", () => upstream.destroy());
      });
      upstream.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNREFUSED") tryNext(others);
        else client.destroy();
      });
    };
    tryNext(ports());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
