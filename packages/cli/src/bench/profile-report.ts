import { join } from "node:path";
import { writeFileInside } from "@segany/runtime/files";
import { type GraphProfile, sumByOperator } from "@segany/sam";
import { printLine, printText } from "../terminal/print.js";
import { alignColumns } from "./align-columns.js";
import { profilePicture } from "./profile-picture.js";

/** Rows to print; the remaining operators and nodes take little time. */
const OPERATOR_ROWS = 12;
const NODE_ROWS = 12;

/** Writes an SVG chart for each graph and returns the paths. */
export async function writeProfilePictures(
  folder: string,
  profiles: readonly GraphProfile[],
): Promise<string[]> {
  const paths: string[] = [];
  for (const profile of profiles) {
    const name = `profile-${profile.name}.svg`;
    await writeFileInside(folder, name, profilePicture(profile));
    paths.push(join(folder, name));
  }
  return paths;
}

/** Prints the slowest operators and nodes of each graph. */
export function printProfiles(profiles: readonly GraphProfile[], pictures: readonly string[]): void {
  for (const [i, { name, nodes, totalMs }] of profiles.entries()) {
    const operators = sumByOperator(nodes).slice(0, OPERATOR_ROWS);
    const longest = nodes.toSorted((a, b) => b.ms - a.ms).slice(0, NODE_ROWS);
    const share = (ms: number) => `${((100 * ms) / totalMs).toFixed(1)} %`;
    for (const line of ["", `${name}: ${nodes.length} nodes, ${totalMs.toFixed(1)} ms → ${pictures[i]}`, ""])
      printLine(line);
    printText(
      alignColumns([
        ["operator", "nodes", "ms", "share"],
        ...operators.map((row) => [row.opType, `${row.nodes}`, row.ms.toFixed(2), share(row.ms)]),
      ]),
    );
    printText(
      `\n${alignColumns([["node", "ms", "share"], ...longest.map((node) => [`${node.name} (${node.opType})`, node.ms.toFixed(2), share(node.ms)])])}`,
    );
  }
}
