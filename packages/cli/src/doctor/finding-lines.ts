import type { Findings } from "./diagnose.js";

const LABEL_WIDTH = 18;

/** Formats the findings, one per line. */
export function findingLines(found: Findings): string[] {
  const { cache, checkpoints, damagedGraphs, physicalCores } = found;
  const names = Object.keys(checkpoints);
  const cores = physicalCores === undefined ? "" : `, ${physicalCores} cores`;
  return [
    line("segany", `${found.segany} on Node ${found.node}`),
    line("system", found.system),
    line("processor", `${found.processor}${cores}, ${found.threads} threads for models`),
    line("memory", `${(found.memoryBytes / 2 ** 30).toFixed(1)} GiB`),
    line("huge pages", `${found.hugePages.used ? "yes" : "no"}: ${found.hugePages.reason}`),
    line("packed copies", `${found.packedCopies.made ? "yes" : "no"}: ${found.packedCopies.reason}`),
    line("ONNX Runtime", found.onnxRuntime),
    ...found.devices.map(({ device, works, reason }) =>
      line(`  ${device}`, works ? "works" : `not available: ${reason}`),
    ),
    line("image formats", found.imageFormats.join(", ") || "none: sharp cannot be loaded"),
    line(
      "embedded weights",
      found.embeddedWeights ? `SHA-256 ${found.embeddedWeights.slice(0, 16)}…` : "missing",
    ),
    line("checkpoints", names.length > 0 ? names.join(", ") : "none downloaded (segany models)"),
    line(
      "cache",
      `${cache.folder}, ${(cache.bytes / 1e6).toFixed(0)} MB${cache.writable ? "" : ", not writable"}`,
    ),
    ...(damagedGraphs > 0
      ? [line("built models", `${damagedGraphs} damaged and removed; they will be rebuilt on demand`)]
      : []),
  ];
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}
