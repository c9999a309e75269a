import { describe, expect, it } from "vitest";
import { refuseUnknown } from "./known-options.js";
import { resolveSettings } from "./mask-generator/settings.js";
import { loadSam } from "./processes/node-load-sam.js";

const known = { pointsPerSide: true, cropNLayers: true, signal: true } as const;
const check = (options: object) => refuseUnknown(options as { pointsPerSide: number }, known as never, "It");

describe("options", () => {
  it("that exist are taken, and those that are undefined", () => {
    check({});
    check({ pointsPerSide: 1, cropNLayers: undefined, signal: null });
    check({ points_per_side: undefined });
  });

  it.each([
    ["points_per_side", "use pointsPerSide."],
    ["crop_n_layers", "use cropNLayers."],
    ["pointsPerSid", "the options are pointsPerSide, cropNLayers, signal."],
    ["__proto__x", "the options are"],
    ["toString", "the options are"],
  ])("that don't exist are refused: %s", (name, advice) => {
    expect(() => check({ [name]: 1 })).toThrow(
      expect.objectContaining({ code: "option-invalid", message: expect.stringContaining(advice) }),
    );
  });

  it("are those of the mask generator and of loadSam", async () => {
    expect(() => resolveSettings({ points_per_side: 8 } as never)).toThrow(/use pointsPerSide/);
    await expect(loadSam("mobile_sam", { run_in: "this-process" } as never)).rejects.toThrow(/use runIn/);
  });
});
