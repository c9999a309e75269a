/** The command as users have it: all masks of an image, and the studio with its server. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { run, userEnvironment } from "../../testing/run-as-user.mjs";
import { nodes } from "./nodes.mjs";

const { app } = inject("installed");
const SEGANY_CACHE = join(app, "cache");
const stillLife = join(app, "examples/still-life.jpg");

/** `npx segany serve`, ended with the test as Ctrl-C ends it; resolves with its address. */
function serve(node, folder) {
  const args = ["segany", "serve", folder, "--port", "0", "--workers", "1"];
  const env = { ...userEnvironment(node), SEGANY_CACHE };
  const server = spawn("npx", args, { cwd: app, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise((resolve) => server.once("close", resolve));
  onTestFinished(async () => {
    if (server.exitCode === null) process.kill(-server.pid, "SIGINT");
    await closed;
  });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (chunk) => {
      said += chunk;
      const address = /http:\/\/\S+/.exec(said)?.[0];
      if (address) resolve(address);
    });
    closed.then(() => reject(new Error(`The server ended:\n${said}`)));
  });
}

/** The answer's text; fails unless all is well. */
async function get(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  expect(response.ok, `${url}: ${response.status} ${text.slice(0, 200)}`).toBe(true);
  return text;
}

describe.each(nodes)("on $name, npx segany", ({ name, path }) => {
  it("segments an image", async () => {
    const args = ["segany", "segment", "examples/still-life.jpg", "--points-per-side", "8", "--output", name];
    await run("npx", args, { cwd: app, node: path, env: { SEGANY_CACHE } });
    const { annotations } = JSON.parse(readFileSync(join(app, name, "still-life.json"), "utf8"));
    expect(annotations.length).toBeGreaterThan(5);
  });

  it("answers a click on a saved embedding", async () => {
    const env = { SEGANY_CACHE };
    const embedding = join(app, `${name}.safetensors`);
    const at = { cwd: app, node: path, env };
    await run("npx", ["segany", "embed", "examples/still-life.jpg", "--output", embedding], at);
    const prompt = ["--point", "610,430", "--embedding", embedding, "--output", `click on ${name}`];
    await run("npx", ["segany", "predict", "examples/still-life.jpg", ...prompt], at);
    const { masks } = JSON.parse(
      readFileSync(join(app, `click on ${name}`, "still-life.predict.json"), "utf8"),
    );
    expect(masks).toHaveLength(3);
  });

  it("serves the studio, and answers a click", async () => {
    const url = await serve(path, `data of ${name}`);
    const page = await get(url);
    const files = [...page.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.filter((file) => file.endsWith(".js"))).not.toHaveLength(0);
    for (const file of files) await get(new URL(file, url));
    const form = new FormData();
    form.append("file", new Blob([readFileSync(stillLife)]), "still-life.jpg");
    const image = JSON.parse(await get(new URL("v1/images", url), { method: "POST", body: form }));
    const answer = await get(new URL(`v1/images/${image.id}/predict`, url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ pointCoords: [[610, 430]], pointLabels: [1] }),
    });
    expect(JSON.parse(answer).masks.length).toBeGreaterThan(0);
  });
});
