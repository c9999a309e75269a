/**
 * Brings the Nodes of this folder's lock file, unless they are here. They are no dependencies of the project:
 * npm would link one of them as `node` for every script.
 */
import { run } from "../testing/run-as-user.mjs";
import { missingNodes, OTHER_NODES } from "./other-nodes.mjs";

if (missingNodes() === undefined) console.log(OTHER_NODES.map(({ name }) => name).join(", "));
else {
  try {
    await run("npm", ["ci", "--prefer-offline"], { cwd: import.meta.dirname });
  } catch (error) {
    console.error(`npm can't fetch the other Nodes (${error.message}). The checks go on without them.`);
  }
}
