/**
 * Pure code that results depend on, by the package whose tests must notice a change in it. Code that draws,
 * waits or talks to devices is tested in other ways.
 */
const PARTS = {
  masks: ["**"],
  sam: [
    "{check-embedding,prediction-form,predictor,prompt}",
    "model/{decoded-masks,prompt-batch}",
    "mask-generator/{point-grid,settings}",
    "proposals/{candidate,clean-masks,collect-candidates,crops,select-masks,selection}",
  ],
  dataset: [
    "formats/{annotation-json,id-issuer,new-annotation}",
    "formats/{coco/coco,yolo/yolo}",
    "masks/segmentation",
  ],
  evaluation: ["metrics/*"],
  training: ["prompts/*", "random/*"],
  server: ["jobs/*"],
};

const NO_CODE = ["!**/*.test.ts", "!**/testing/**", "!**/index.ts"];

/** @typedef {{ package: string, mutate: string[] }} Part `mutate`: Stryker's patterns */

/**
 * @param {readonly string[]} names packages, or files of them; every part if there are none
 * @returns {Part[]}
 */
export function selectParts(names) {
  const selected = names.length > 0 ? names : Object.keys(PARTS);
  return selected.map((name) => {
    const [, folder] = /^packages\/([^/]+)\/src\/.+\.ts$/.exec(name) ?? [];
    if (folder) return { package: folder, mutate: [name] };
    if (!Object.hasOwn(PARTS, name))
      throw new Error(`${name} is no part. Name one of ${Object.keys(PARTS).join(", ")}, or a file.`);
    return {
      package: name,
      mutate: [...PARTS[name].map((path) => `packages/${name}/src/${path}.ts`), ...NO_CODE],
    };
  });
}
