/** The code blocks of the documents, as files of a project. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The first code block below a heading. */
export function codeBelow(markdown, heading) {
  const [, below] = markdown.split(`\n## ${heading}\n`);
  const code = /```(?:js|ts)\n([\s\S]*?)```/.exec(below ?? "")?.[1];
  if (code === undefined) throw new Error(`There is no code below "## ${heading}".`);
  return code;
}

/** Replaces what has to be there, once. */
function change(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`"${from}" isn't there once:\n${text}`);
  return text.replace(from, to);
}

/**
 * Writes the README's snippet as JavaScript and as TypeScript, and docs/browser.md's as a page. All they are
 * given is fewer points, to take seconds, and in the page the image and a way to see what was found.
 */
export function writeSnippets(root, app) {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const library = change(codeBelow(readme, "The library"), "pointsPerSide: 32", "pointsPerSide: 8");
  const disposed = /await sam\.close\(\); \/\/ in TypeScript: (.*)\n/.exec(library);
  const [, opening] = disposed ?? [];
  if (!opening?.startsWith("await using sam = ")) throw new Error("The README no longer names await using.");
  const typescript = library.replace(disposed[0], "").replace(/^const sam = .*?;/m, `${opening};`);
  writeFileSync(join(app, "library.js"), library);
  writeFileSync(join(app, "library-in-typescript.ts"), typescript);
  const browser = codeBelow(readFileSync(join(root, "docs/browser.md"), "utf8"), "Three ways to run");
  const page = readFileSync(join(app, "page/main.ts"), "utf8");
  writeFileSync(join(app, "page/main.ts"), change(page, "// The snippet of docs/browser.md.\n", browser));
}
