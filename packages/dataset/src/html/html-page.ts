/** Parts of a page. */
export interface HtmlPageParts {
  /** Plain text. */
  readonly title: string;
  /** CSS beyond what all pages share. */
  readonly style: string;
  /** HTML; what comes from data sets must have been through `escapeHtml`. */
  readonly body: string;
  /** JavaScript that runs once the page is there. */
  readonly script?: string;
}

/** A self-contained page that asks for nothing else, in colours for light and dark. */
export function htmlPage({ title, style, body, script }: HtmlPageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${sharedStyle}${style}
</style>
</head>
<body>
${body}
${script === undefined ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

const replacements: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes text safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => replacements[character]!);
}

const sharedStyle = `
:root {
  --page: #f6f7f9; --card: #ffffff; --text: #1b1f24; --muted: #5b6470; --line: #dfe3e8; --accent: #2563eb;
}
@media (prefers-color-scheme: dark) {
  :root { --page: #0f1216; --card: #181c22; --text: #e6e9ed; --muted: #9aa4b0; --line: #2b313a; --accent: #6ea8fe; }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; padding-bottom: 16px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0; }
header p { margin: 4px 0 0; color: var(--muted); }
footer { padding-top: 20px; padding-bottom: 32px; color: var(--muted); font-size: 13px; }`;
