/** Runs programs as a user's shell would, with nothing of the settings of an npm or a test that runs this. */
import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { promisify } from "node:util";

const NOT_THE_USERS = /^(npm_|INIT_CWD$|NODE_|VITE|SEGANY_)/i;

/**
 * The environment of a user's shell, but nothing is left running in the background.
 *
 * @param {string} [node] the one that `node` and scripts run on
 */
export function userEnvironment(node = process.execPath) {
  const kept = Object.entries(process.env).filter(([name]) => !NOT_THE_USERS.test(name));
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH, SEGANY_PACK: "0" };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, node?: string, env?: Readonly<Record<string, string>> }} options
 * @returns {Promise<{ stdout: string, stderr: string }>} rejects, with what was printed, unless it ends with
 * status 0
 */
export async function run(command, args, { cwd, node, env = {} }) {
  try {
    return await promisify(execFile)(command, args, {
      cwd,
      env: { ...userEnvironment(node), ...env },
      maxBuffer: 2 ** 26,
      shell: process.platform === "win32",
    });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  }
}
