/** Gradients of graphs, as graphs. */
export { gradients } from "./gradients/gradients.js";
