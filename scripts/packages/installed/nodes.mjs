import { OTHER_NODES } from "../../nodes/other-nodes.mjs";

const own = { name: `Node ${process.versions.node}`, path: process.execPath };
const present = OTHER_NODES.filter((node) => node.present);

/**
 * The Nodes that the installed packages run on, oldest first: the oldest and the newest that are here, or
 * this one.
 */
export const nodes = present.length > 0 ? [present[0], present.at(-1)] : [own];
