/**
 * The examples of the documentation as programs: code blocks of READMEs, and `@example`s of what the entries
 * export.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A line that says what it prints: `console.log(rleArea(rle)); // 4`. */
const PRINTED = /console\.log\((.*)\);\s*\/\/ (.*)$/gm;
const README_CODE = /```ts\n([\s\S]*?)```/g;

/** `expectPrinted` of run-examples.mjs, for TypeScript. */
const DECLARED = "declare function expectPrinted(expected: string, ...values: readonly unknown[]): void;\n";

/**
 * What examples may name without saying where it is from: each is exported by
 * project/examples/given/<name>.ts.
 */
const GIVEN = ["dataset", "image", "mask", "predictor", "sam"];

/**
 * @typedef {{ name: string, code: string, runs: boolean }} Example `runs`: on Node
 * @param {string} app the project that the packages are installed in
 * @param {readonly { manifest: Record<string, any> }[]} packed
 * @param {readonly import("../entries.mjs").Entry[]} entries
 * @returns {Example[]}
 */
export function collectExamples(app, packed, entries) {
  // Nobody asked for the optional ones.
  const installed = packed.filter(({ manifest: { name } }) => existsSync(join(app, "node_modules", name)));
  const readmes = installed.flatMap(({ manifest: { name } }) => {
    const text = readFileSync(join(app, "node_modules", name, "README.md"), "utf8");
    return [...text.matchAll(README_CODE)].map(([, code]) => ({
      name: `README of ${name}`,
      code,
      runs: true,
    }));
  });
  const seen = new Set();
  const documented = entries.flatMap((entry) =>
    entry.exports.flatMap(({ name, examples }) =>
      examples
        .filter((text) => !seen.has(text) && seen.add(text))
        .map((text) => ({
          name: `${entry.name} ${name}`,
          code: withImports(text, entry),
          runs: !entry.name.endsWith("/browser"),
        })),
    ),
  );
  return [...readmes, ...documented];
}

/** An example with an import of what it names of the entry that it documents, and with what it is given. */
function withImports(text, { name, exports }) {
  const code = withGiven(text.replace(/^```\w*\n([\s\S]*?)\n```$/, "$1"));
  const words = new Set(code.replace(/^import .*$/gm, "").match(/[\w$]+/g));
  const named = exports.filter((each) => words.has(each.name));
  const imports = named.map((each) => (each.kind === "type" ? `type ${each.name}` : each.name));
  return `import { ${imports.join(", ")} } from "${name}";\n${code}\n`;
}

function withGiven(code) {
  const isGiven = (name) =>
    new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`\\b(const|using) ${name}\\b`).test(code);
  const imports = GIVEN.filter(isGiven).map((name) => `import { ${name} } from "../given/${name}.js";\n`);
  return imports.join("") + code;
}

/** Writes each example as a module that fails where it prints something else than its comments say. */
export function writeExamples(folder, examples) {
  mkdirSync(folder, { recursive: true });
  return examples.map(({ name, code, runs }, i) => {
    const checked = code.replace(
      PRINTED,
      (_, values, comment) => `expectPrinted(${JSON.stringify(comment)}, ${values});`,
    );
    const file = `${String(i).padStart(3, "0")}-${name.replace(/[^\w]+/g, "-")}`;
    writeFileSync(join(folder, `${file}.ts`), `${DECLARED}${checked}\nexport {};\n`);
    return { name, runs, file };
  });
}
