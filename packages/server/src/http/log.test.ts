import Fastify from "fastify";
import { expect, it } from "vitest";
import { logStream } from "./log.js";

it("writes log lines as JSON that no terminal obeys, whatever a request or an error holds", async () => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: "info", stream: logStream((line) => lines.push(line)) } });
  const text = "\u001b[2J\u009b31m\u202e\u007f\u2028\n";
  app.get("/:name", (request) => {
    request.log.error(new Error(`broken: ${text}`), text);
    return {};
  });
  await app.inject({ url: `/${encodeURIComponent(text)}`, headers: { host: `a\u009bb` } });
  await app.close();
  const error = lines.map((line) => JSON.parse(line)).find(({ level }) => level === 50);
  expect(error).toMatchObject({ msg: text, err: { message: `broken: ${text}` } });
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

it("leaves the token in an address out", async () => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: "info", stream: logStream((line) => lines.push(line)) } });
  app.get("/", () => ({}));
  await app.inject({ url: "/?a=1&token=secret-1&b=2" });
  await app.close();
  const requests = lines.map((line) => JSON.parse(line).req?.url).filter((url) => url !== undefined);
  expect(requests).toEqual(["/?a=1&token=…&b=2"]);
});
