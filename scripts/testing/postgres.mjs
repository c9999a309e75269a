/** A PostgreSQL server of a test's own: on 127.0.0.1, as an unprivileged user, in a temporary folder. */
import { execFileSync, spawn } from "node:child_process";
import { accessSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.mjs";

const DEBIAN = "/usr/lib/postgresql";

/** @returns {string | undefined} the folder of the newest PostgreSQL's programs */
export function findPostgres() {
  const folders = [
    process.env.POSTGRES_BIN ?? "",
    ...debianFolders(),
    ...(process.env.PATH ?? "").split(":"),
  ];
  return folders.find((folder) => {
    try {
      accessSync(join(folder, "initdb"));
      return folder !== "";
    } catch {
      return false;
    }
  });
}

function debianFolders() {
  try {
    const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN, version, "bin"));
  } catch {
    return [];
  }
}

/** What is said where the tests on PostgreSQL are skipped. */
export const NO_POSTGRES =
  "Tests on PostgreSQL were skipped: it was not found. Install it (Debian: apt-get install postgresql), or " +
  "name the folder of its programs in POSTGRES_BIN.";

/**
 * Starts a server with an empty folder. Commits aren't flushed unless `durable`.
 *
 * @param {{ durable?: boolean }} [options]
 * @returns {Promise<{ url: (database: string) => string, process: import("node:child_process").ChildProcess,
 *   createDatabase: (name: string, template?: string) => void, dump: (database: string) => string,
 *   sql: (database: string, text: string, role?: string) => string, restart: () => Promise<void>,
 *   stop: () => Promise<void> }>}
 */
export async function startPostgres({ durable = false } = {}) {
  const programs = findPostgres();
  if (!programs) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(tmpdir(), "segany-postgres-"));
  const user = unprivilegedUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const options = { cwd: folder, ...user, env: { PATH: process.env.PATH, LC_ALL: "C" } };
  const data = join(folder, "data");
  const call = (program, ...args) =>
    execFileSync(join(programs, program), args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  call("initdb", "-D", data, "-U", "segany", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions");
  const port = await freePort();
  const address = ["-h", "127.0.0.1", "-p", String(port)];
  const settings = [
    `listen_addresses=127.0.0.1`,
    `port=${port}`,
    `unix_socket_directories=`,
    "max_connections=60",
  ];
  if (!durable) settings.push("fsync=off", "full_page_writes=off", "synchronous_commit=off");
  let child;
  const start = async () => {
    const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
    child = spawn(join(programs, "postgres"), args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
    await untilReady(child);
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT"); // "fast": open connections end
    await ended;
  };
  await start();
  return {
    url: (database) => `postgres://segany@127.0.0.1:${port}/${database}`,
    get process() {
      return child;
    },
    /** Runs SQL as the owner, or as another role. @returns what it prints */
    sql: (database, text, role = "segany") =>
      execFileSync(
        join(programs, "psql"),
        [...address, "-U", role, "-d", database, "-AtqX", "-v", "ON_ERROR_STOP=1"],
        {
          ...{ ...options, input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] },
        },
      ),
    /** All that is in a database, as text. */
    dump: (database) => call("pg_dump", ...address, "-U", "segany", database).toString(),
    createDatabase: (name, template = "template0") =>
      void call("createdb", ...address, "-U", "segany", "-T", template, name),
    restart: async () => {
      await stop();
      await start();
    },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root; Debian's package brings a user. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

/** Waits for the line of the log that tells of it. */
function untilReady(child) {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-10_000);
      if (log.includes("ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findPostgres();
  console.log(found ?? NO_POSTGRES);
  if (!found) process.exitCode = 1;
}
