import type { Sight } from "../files/sight.js";

/** Files and folders that are named one by one. */
const maxNamed = 8;

/** What was seen at a path, in words: "folders images (12 .jpg), labels (12 .txt); files data.yaml". */
export function describeSight(sight: Sight): string {
  if (sight.isFile) return `a file ${sight.path.slice(Math.max(0, sight.path.lastIndexOf(".")))}`;
  const top = sight.folders.filter((name) => !name.includes("/"));
  const folders = top.slice(0, maxNamed).map((name) => {
    const inside = kindsOf(sight.files.filter((file) => file.startsWith(`${name}/`)));
    return inside === "" ? name : `${name} (${inside})`;
  });
  const own = sight.files.filter((name) => !name.includes("/"));
  const parts = [
    ...(folders.length > 0 ? [`folders ${folders.join(", ")}${top.length > maxNamed ? ", …" : ""}`] : []),
    ...(own.length > 0 ? [own.length > maxNamed ? `files ${kindsOf(own)}` : `files ${own.join(", ")}`] : []),
  ];
  return parts.length === 0 ? "nothing" : parts.join("; ");
}

function kindsOf(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of files) {
    const kind = /\.[^./]+$/.exec(name)?.[0].toLowerCase() ?? "without an ending";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}
