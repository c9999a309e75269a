import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files whose waits are those of tests. */
const TEST_FILE = /(\.test\.(ts|mjs)|\.soak\.ts|[\\/](test|testing)[\\/].*\.(ts|mjs))$/;
const NOT_OURS = /(^|[\\/])(node_modules|dist|dist-types)([\\/]|$)/;

/** What makes a test depend on how fast the machine is, and what to write instead. */
const REFUSED = [
  [/\btimeout: *\d/, "a limit of its own: those of scripts/testing/limits.mjs hold everywhere"],
  [/imeoutMs: *\d[\d_]{2,}/, "may be passed on a slow machine: LIMITS.eventMs is not"],
  [/^ *\}, [1-9][\d_]{2,}\);/m, "a limit of its own: those of scripts/testing/limits.mjs hold everywhere"],
  [/\bvi\.waitFor\(|\bvi\.waitUntil\(/, "gives up after a second: use expect.poll"],
  [/\bwaitForTimeout\(/, "sleeps: wait for what is to happen"],
  [/\bsetTimeout\([^;]*, [1-9][\d_]*\)/, "sleeps: wait for what is to happen"],
  [/\bAbortSignal\.timeout\(/, "a limit of its own: abort when something has happened"],
];

/**
 * What is refused in a text, as "line: reason". Lines that say so are left out: a limit of the product is
 * their subject.
 */
function findLimits(source) {
  const text = source.replace(/^.*the time itself is tested$/gm, "");
  return REFUSED.flatMap(([pattern, reason]) =>
    [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      ({ index, 0: found }) => `${text.slice(0, index).split("\n").length}: ${found.trim()} (${reason})`,
    ),
  );
}

it("no test depends on the speed of the machine: none has a time limit of its own, and none sleeps", () => {
  const own = fileURLToPath(import.meta.url);
  const files = ["packages", "scripts", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(root, folder, name),
    ),
  );
  const tests = files.filter(
    (path) => TEST_FILE.test(path) && !NOT_OURS.test(relative(root, path)) && path !== own,
  );
  expect(tests.length).toBeGreaterThan(200);
  const found = tests.flatMap((path) =>
    findLimits(readFileSync(path, "utf8")).map((limit) => `${relative(root, path)}:${limit}`),
  );
  expect(found).toEqual([]);
});

it.each([
  ["await page.getByText('x').waitFor({ timeout: 1000 });"],
  ["  it('x', async () => {\n  }, 60_000);"],
  ["await vi.waitFor(() => expect(1).toBe(1));"],
  ["await page.waitForTimeout(600);"],
  ["await new Promise((resolve) => setTimeout(resolve, 20));"],
  ["setTimeout(() => controller.abort(), 20);"],
  ["const open = () => loadSam({ webGpuTimeoutMs: 5000 });"],
  ["const signal = AbortSignal.timeout(LIMIT);"],
])("refuses %s", (text) => {
  expect(findLimits(text)).toHaveLength(1);
});

it.each([
  ["await new Promise((resolve) => setTimeout(resolve, 0));"],
  ["const slow = setUp({ timeoutMs: 20 });"],
  ["await expect.poll(() => count).toBe(1);"],
])("allows %s", (text) => {
  expect(findLimits(text)).toEqual([]);
});
