/**
 * Object stores of a test's own, on 127.0.0.1: s3rver, which npm installs and which ignores conditions of a
 * write, and moto, which honours them.
 */
import { spawn } from "node:child_process";
import { accessSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.mjs";

/** What is said where the tests on moto are skipped. */
export const NO_MOTO =
  "Tests on an object store that honours conditional writes were skipped: moto was not found. Install it " +
  '(pip install "moto[server]==5.2.5"), or name moto_server in MOTO_SERVER.';

/** @returns {string | undefined} the path of moto's server */
export function findMoto() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = [process.env.MOTO_SERVER ?? "", ...folders.map((folder) => join(folder, "moto_server"))];
  return paths.find((path) => {
    try {
      accessSync(path);
      return path !== "";
    } catch {
      return false;
    }
  });
}

const BUCKET = "segany-test";

/**
 * @typedef {{ endpoint: string, bucket: string, stop: () => Promise<void>,
 *   credentials: { accessKeyId: string, secretAccessKey: string } }} TestStore
 * @returns {Promise<TestStore>}
 */
export async function startS3rver() {
  const { default: S3rver } = await import("s3rver");
  const directory = mkdtempSync(join(tmpdir(), "segany-s3rver-"));
  const options = { address: "127.0.0.1", port: 0, silent: true, directory };
  const server = new S3rver({ ...options, configureBuckets: [{ name: BUCKET }] });
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** @returns {Promise<TestStore>} */
export async function startMoto() {
  const program = findMoto();
  if (!program) throw new Error(NO_MOTO);
  const port = await freePort();
  const child = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const create = () => fetch(`${endpoint}/${BUCKET}`, { method: "PUT" }).catch(() => undefined);
  while (!(await create())?.ok) {
    if (child.exitCode !== null) throw new Error(`moto ended with status ${child.exitCode}.`);
    await setTimeout(100);
  }
  return {
    endpoint,
    bucket: BUCKET,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findMoto();
  console.log(found ?? NO_MOTO);
  if (!found) process.exitCode = 1;
}
