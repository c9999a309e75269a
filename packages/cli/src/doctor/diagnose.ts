import { mkdtemp, readdir, rmdir, stat } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "@segany/runtime/files";
import { type HugePages, hugePages } from "@segany/runtime/processes";
import {
  type DeviceFinding,
  findCheckpoint,
  findDevices,
  findPacking,
  graphCacheDirectory,
  makeFolder,
  modelVariants,
  openEmbeddedStateDict,
  type PackingFinding,
  readableImageFormats,
  removeDamagedGraphs,
  resolveDevice,
  runtimeVersion,
  thisMachine,
} from "@segany/sam";
import { version } from "../version.js";

/** The findings about this machine. */
export interface Findings {
  readonly segany: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly threads: number;
  readonly physicalCores: number | undefined;
  readonly memoryBytes: number;
  readonly hugePages: Omit<HugePages, "env">;
  /** Whether built models are packed for this processor. */
  readonly packedCopies: PackingFinding;
  readonly onnxRuntime: string;
  readonly devices: readonly DeviceFinding[];
  readonly cache: { readonly folder: string; readonly bytes: number; readonly writable: boolean };
  /** Number of damaged built models that were removed. */
  readonly damagedGraphs: number;
  /** SHA-256 of the embedded weights; undefined if missing. */
  readonly embeddedWeights: string | undefined;
  /** Paths of the downloaded checkpoints, by model. */
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly imageFormats: readonly string[];
  /** Missing requirements, as sentences. */
  readonly problems: readonly string[];
}

const OLDEST_NODE = [20, 19] as const;
const NEEDED_FORMATS = ["jpeg", "png"] as const;

/** Collects everything except the speed. */
export async function diagnose(): Promise<Findings> {
  const machine = thisMachine();
  const folder = cacheDirectory();
  const damaged = await removeDamagedGraphs(graphCacheDirectory(folder));
  const [devices, packedCopies, bytes, writable, embedded, checkpoints, imageFormats] = await Promise.all([
    findDevices(machine),
    findPacking(graphCacheDirectory(folder)),
    folderBytes(folder),
    canWrite(folder),
    embeddedWeights(),
    downloadedCheckpoints(),
    readableImageFormats().catch(() => []),
  ]);
  const found = {
    segany: version,
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    threads: resolveDevice({}, machine).threads,
    physicalCores: machine.physicalCores,
    memoryBytes: totalmem(),
    hugePages: withoutEnvironment(hugePages()),
    packedCopies,
    onnxRuntime: runtimeVersion,
    devices,
    cache: { folder, bytes, writable },
    damagedGraphs: damaged.length,
    embeddedWeights: embedded.sha256,
    checkpoints,
    imageFormats,
  };
  return { ...found, problems: problemsOf(found, embedded.reason) };
}

function problemsOf(found: Omit<Findings, "problems">, embeddedReason: string | undefined): string[] {
  const problems: string[] = [];
  const [major = 0, minor = 0] = found.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    problems.push(`Node ${found.node} is too old; install ${OLDEST_NODE.join(".")} or newer.`);
  const processor = found.devices.find(({ device }) => device === "cpu");
  if (!processor?.works) problems.push(`ONNX Runtime does not run on the CPU: ${processor?.reason}`);
  if (embeddedReason) problems.push(embeddedReason);
  if (!found.cache.writable)
    problems.push(
      `The cache folder ${found.cache.folder} is not writable; set SEGANY_CACHE to another folder.`,
    );
  const lacking = NEEDED_FORMATS.filter((format) => !found.imageFormats.includes(format));
  if (lacking.length > 0)
    problems.push(`sharp can't read ${lacking.join(" and ")} here; reinstall the dependencies.`);
  return problems;
}

function withoutEnvironment({ used, reason }: HugePages): Omit<HugePages, "env"> {
  return { used, reason };
}

async function embeddedWeights(): Promise<{ sha256?: string; reason?: string }> {
  try {
    const state = await openEmbeddedStateDict();
    await state.close();
    return { sha256: state.sha256 };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

async function downloadedCheckpoints(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const variant of modelVariants) {
    const path = variant.source.kind === "embedded" ? undefined : await findCheckpoint(variant);
    if (path) found[variant.name] = path;
  }
  return found;
}

/** Size of all files in a folder; files deleted in the meantime are not counted. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}

async function canWrite(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    await rmdir(await mkdtemp(join(folder, ".doctor-")));
    return true;
  } catch {
    return false;
  }
}
