/** A Redis server of a test's own: on 127.0.0.1, in memory, without a file. */
import { execFileSync, spawn } from "node:child_process";
import { accessSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.mjs";

/** What is said where the tests on Redis are skipped. */
export const NO_REDIS =
  "Tests on Redis were skipped: it was not found. Install it (Debian: apt-get install redis-server), or name " +
  "redis-server in REDIS_SERVER.";

/** @returns {string | undefined} the path of Redis's server */
export function findRedis() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = [process.env.REDIS_SERVER ?? "", ...folders.map((folder) => join(folder, "redis-server"))];
  return paths.find((path) => {
    try {
      accessSync(path);
      return path !== "";
    } catch {
      return false;
    }
  });
}

/**
 * Started again, it is empty.
 *
 * @param {{ password?: string }} [options]
 * @returns {Promise<{ url: string, stop: () => Promise<void>, start: () => Promise<void>,
 *   dump: () => string }>}
 */
export async function startRedis({ password } = {}) {
  const program = findRedis();
  if (!program) throw new Error(NO_REDIS);
  const port = await freePort();
  const settings = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  if (password !== undefined) settings.push("--requirepass", password);
  const url = `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`;
  let child;
  const start = async () => {
    child = spawn(program, settings, { cwd: tmpdir(), stdio: ["ignore", "pipe", "ignore"] });
    await untilReady(child);
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  /** All keys, and the fields of those that are hashes, as the jobs of BullMQ; needs redis-cli. */
  const dump = () => {
    const ask = (...words) =>
      execFileSync("redis-cli", ["-p", String(port), ...words], {
        ...{ encoding: "utf8", env: { ...process.env, REDISCLI_AUTH: password ?? "" } },
      });
    const keys = ask("--scan")
      .split("\n")
      .filter((key) => key !== "");
    const hashes = keys.filter((key) => ask("type", key).trim() === "hash");
    return [...keys, ...hashes.map((key) => ask("hgetall", key))].join("\n");
  };
  await start();
  return { url, stop, start, dump };
}

function untilReady(child) {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-10_000);
      if (log.includes("Ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Redis did not start:\n${log}`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findRedis();
  console.log(found ?? NO_REDIS);
  if (!found) process.exitCode = 1;
}
