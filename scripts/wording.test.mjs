import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_COLUMNS = 110;

const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "");

/** Lines of prose as [number, text]: without code blocks, tables, images and lines that can't be wrapped. */
function proseOf(source) {
  let isCode = false;
  return source.split("\n").flatMap((line, i) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isCode = !isCode;
    const isProse = !isCode && !isFence && !/^\s*(\||!\[|<)/.test(line) && line.trim().includes(" ");
    return isProse ? [[i + 1, line]] : [];
  });
}

/** What is wrong with a page, as "line: text". Code spans are exempt from the choice of words. */
function findFaults(source) {
  return proseOf(source)
    .filter(
      ([, line]) => [...line].length > MAX_COLUMNS || /\bpictures?\b/i.test(line.replace(/`[^`]*`/g, "")),
    )
    .map(([number, line]) => `${number}: ${line}`);
}

it.each(pages)("%s says image, not picture, in lines of at most 110 columns", (path) => {
  expect(findFaults(readFileSync(`${root}/${path}`, "utf8"))).toEqual([]);
});

it("finds the word and long lines in prose only", () => {
  const long = "word ".repeat(30);
  expect(findFaults(`A picture.\n${long}`)).toHaveLength(2);
  expect(findFaults(`\`/picture\`\n| a picture | ${long} |\n\`\`\`\n${long} picture\n\`\`\``)).toEqual([]);
});

const code = execFileSync("git", ["ls-files", "packages", "scripts", "benchmarks"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => /\.(?:tsx?|m?js)$/.test(path));

/** Comments that are too long, as "path:line". Directives of tools must stay on one line. */
function findLongComments(path, source) {
  return source
    .split("\n")
    .flatMap((line, i) =>
      /^\s*(?:\*|\/\*\*|\/\/(?! biome-ignore))/.test(line) && [...line].length > MAX_COLUMNS
        ? [`${path}:${i + 1}`]
        : [],
    );
}

it("has comments of at most 110 columns", () => {
  expect(code.flatMap((path) => findLongComments(path, readFileSync(`${root}/${path}`, "utf8")))).toEqual([]);
  expect(findLongComments("a.ts", `  /** ${"word ".repeat(30)}*/\n// short`)).toEqual(["a.ts:1"]);
});
