import { expect, it } from "vitest";
import { createLifetime } from "./lifetime.js";

it("tells its first end once, in the order of listening, and at once to who listens later", () => {
  const lifetime = createLifetime();
  const heard: string[] = [];
  lifetime.onEnd((how) => heard.push(`first ${how}`));
  lifetime.onEnd((how) => heard.push(`second ${how}`));
  expect(lifetime.ended).toBeUndefined();
  lifetime.end("signal SIGKILL");
  lifetime.end("exit status 1");
  lifetime.onEnd((how) => heard.push(`late ${how}`));
  expect(heard).toEqual(["first signal SIGKILL", "second signal SIGKILL", "late signal SIGKILL"]);
  expect(lifetime.ended).toBe("signal SIGKILL");
});

it("has ended before its listeners hear of it", () => {
  const lifetime = createLifetime();
  let seen: string | undefined;
  lifetime.onEnd(() => {
    seen = lifetime.ended;
    lifetime.end("again");
  });
  lifetime.end("exit status 1");
  expect(seen).toBe("exit status 1");
});
