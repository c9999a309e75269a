/** `npx vite build` in this folder; `dist/` then runs from any static server, at any path. */
export default { base: "./" };
