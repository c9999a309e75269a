import { expect, it } from "vitest";
import { fuzz } from "./fuzz.js";
import { createWorkplace } from "./server-process.js";

const workplace = createWorkplace();

it("a thousand requests that nearly fit never are a fault of the server", async () => {
  const server = await workplace.start(workplace.folder("data"));
  await fuzz(server, 1000);
  expect(server.output()).not.toMatch(
    /uncaught|unhandled|request failed|reply.sent|ALREADY_SENT|HEADERS_SENT/i,
  );
});
