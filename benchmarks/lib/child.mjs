/** Processes of a measurement: their results come as the last line of standard output. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a script of this folder in a process of its own.
 *
 * @param {string} script path from this folder, such as "../parts/vit.mjs"
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env on top of this process's
 * @returns {Promise<any>} the JSON of its last line
 */
export async function runChild(script, args, env = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with status ${status}.`);
  return JSON.parse(output.trim().split("\n").at(-1));
}

/** The most memory that this process has held so far, MB. */
export const peakMb = () => Math.round(process.resourceUsage().maxRSS / 1024);
