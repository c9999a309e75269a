/** The modules that a TypeScript file names, found in its text. */

/**
 * Strings, templates and comments, whichever begins first: only so is `"https://x"` no comment and `// "` no
 * string.
 */
const TOKENS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/**
 * `import … from "x"`, `export … from "x"` and `import "x"`; at the start of a statement, with names, braces
 * and commas between.
 */
const STATEMENT = /(?:^|;)[ \t]*(?:import|export)\b(\s+type\b)?\s*(?:[\w$*{},\s]+?\bfrom\s*)?"([^"\n]+)"/gm;

/** `import("x")`, as a value or as a type. */
const CALL = /\bimport\(\s*"([^"\n]+)"/g;

/**
 * @typedef {{ specifier: string, line: number, typeOnly: boolean }} Import
 * @param {string} text a file's text
 * @returns {Import[]} its imports and re-exports, in order of kind; `typeOnly` ones leave no trace in the
 * JavaScript
 */
export function readImports(text) {
  const code = text.replace(TOKENS, (token) => (/^["']/.test(token) ? token : token.replace(/[^\n]/g, " ")));
  const lineAt = (index) => code.slice(0, index).split("\n").length;
  const statements = [...code.matchAll(STATEMENT)].map((match) => ({
    specifier: match[2],
    line: lineAt(match.index + match[0].length),
    typeOnly: match[1] !== undefined,
  }));
  const calls = [...code.matchAll(CALL)].map((match) => ({
    specifier: match[1],
    line: lineAt(match.index),
    typeOnly: false,
  }));
  return [...statements, ...calls];
}
