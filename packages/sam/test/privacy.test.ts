import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("writes nothing into the user's folder but its own cache: no telemetry of ONNX Runtime", () => {
  const home = mkdtempSync(join(tmpdir(), "segany-home-"));
  const script = `
    import { loadSam, SamPredictor } from "@segany/sam";
    const sam = await loadSam(undefined, { runIn: "this-process" });
    const image = { width: 8, height: 8, data: new Uint8ClampedArray(256) };
    await new SamPredictor(sam).setImage(image);
    await sam.close();`;
  try {
    const { CI, ORT_DISABLE_TELEMETRY, SEGANY_CACHE, XDG_CACHE_HOME, ...environment } = process.env;
    execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      env: { ...environment, HOME: home },
    });
    const found = readdirSync(home, { recursive: true }) as string[];
    expect(found.filter((path) => /microsoft|onnxruntime|deviceid/i.test(path))).toEqual([]);
    expect(existsSync(join(home, ".cache", "segany"))).toBe(process.platform === "linux");
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
});
