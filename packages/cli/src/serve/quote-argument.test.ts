import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { quoteArgument } from "./quote-argument.js";

it
  .skipIf(process.platform === "win32")
  .each([
    ...["photos", "/a/b-c.d", "my photos", "it's", "$(echo ran)", "`echo ran`", "$HOME", 'a"b', "a\\b c"],
    ...["a\\b", "~", "*", "a;b", "a\nb", "", "-n", "#x"],
  ])("a shell takes %j as it is", (argument) => {
  const printed = execFileSync("sh", ["-c", `printf '%s' ${quoteArgument(argument, "linux")}`]);
  expect(printed.toString()).toBe(argument);
});

it("leaves plain paths bare, and quotes on Windows as its shells do", () => {
  expect(quoteArgument("C:\\photos", "win32")).toBe("C:\\photos");
  expect(quoteArgument("my photos", "win32")).toBe('"my photos"');
});
