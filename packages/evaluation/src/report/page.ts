import { escapeHtml } from "./escape-html.js";

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2937; --soft: #6b7280; --paper: #ffffff; --line: #d9dee5; --shade: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --soft: #9ca3af; --paper: #14171c; --line: #343a44; --shade: #1d2129; }
}
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
.soft { color: var(--soft); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } tr.mean { font-weight: 600; background: var(--shade); }
td small { display: block; color: var(--soft); font-weight: 400; }
.plots, .cases { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); }
.plots svg { max-width: 100%; height: auto; }
.legend { margin: 0; } .key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin-right: .35rem; vertical-align: -.05rem; }
figure { margin: 0; padding: .6rem; background: var(--shade); border-radius: .5rem; }
.panels { display: flex; gap: .4rem; } .panels div { flex: 1; min-width: 0; } .panels img { display: block; width: 100%; } small { color: var(--soft); }
figcaption { font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;

/**
 * An HTML page that needs no other file and no script, in the reader's light or dark.
 *
 * @param title plain text
 * @param body HTML
 */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Names and values, plain text, as HTML. */
export function valueList(entries: readonly (readonly [name: string, value: string])[]): string {
  return `<dl>${entries.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;
}
