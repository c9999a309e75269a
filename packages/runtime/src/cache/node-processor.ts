/** What the kernels that ONNX Runtime chooses depend on. */
import { readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";

/**
 * Lines of Linux's /proc/cpuinfo that name a processor and its instructions; others tell clocks and loads.
 */
const NAMING =
  /^(?:vendor_id|cpu family|model|model name|stepping|flags|CPU (?:implementer|architecture|variant|part)|Features)\s*:/;

/**
 * Text that differs between processors that may run different kernels. Other systems tell the model's name
 * only.
 */
export function describeProcessor(): string {
  return [platform(), arch(), linuxProcessor() ?? cpus()[0]?.model ?? ""].join("\n");
}

function linuxProcessor(): string | undefined {
  try {
    const [first = ""] = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    return first
      .split("\n")
      .filter((line) => NAMING.test(line))
      .join("\n");
  } catch {
    return undefined;
  }
}
