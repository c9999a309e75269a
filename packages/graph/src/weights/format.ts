import type { ByteSource } from "./byte-source.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import { maxSafetensorsHeader } from "./safetensors.js";
import { legacyMagic } from "./torch-legacy.js";

/** The layouts of bytes that are read as checkpoints. */
export type CheckpointFormat = "torch-zip" | "torch-legacy" | "safetensors";

const headSize = 512;

/**
 * Tells a checkpoint's format by its first bytes; its name is not asked.
 *
 * @throws SamError `checkpoint-unsupported` for known formats that are not read, `checkpoint-invalid` for
 *   anything else
 */
export async function detectCheckpointFormat(source: ByteSource): Promise<CheckpointFormat> {
  if (source.size === 0) throw invalidCheckpoint("The file is empty: it was not downloaded.");
  const head = await source.read(0, Math.min(headSize, source.size));
  if (startsWith(head, [0x50, 0x4b, 3, 4])) return "torch-zip";
  if (startsWith(head, legacyMagic)) return "torch-legacy";
  if (isSafetensorsHead(head)) return "safetensors";
  throw describeOther(head);
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

/** A plausible header length, then the JSON object it belongs to. */
function isSafetensorsHead(head: Uint8Array): boolean {
  if (head.length < 10 || head[8] !== "{".charCodeAt(0)) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(maxSafetensorsHeader);
}

/** What a file that is no checkpoint seems to be; most of these are downloads that went wrong. */
function describeOther(head: Uint8Array): Error {
  const text = new TextDecoder("latin1").decode(head);
  if (text.slice(257, 262) === "ustar" || /^(sys_info|pickle|storages|tensors)\0/.test(text)) {
    return unsupportedCheckpoint(
      "This is a tar archive, the format of PyTorch 0.1. Load it with an old PyTorch and save it again with a current one.",
    );
  }
  if (/^\s*<(!doctype|html)/i.test(text)) {
    return invalidCheckpoint(
      "This is a web page, not a checkpoint: the download was answered with a page. Fetch it again.",
    );
  }
  if (text.startsWith("version https://git-lfs")) {
    return invalidCheckpoint(
      "This is a Git LFS pointer, not the checkpoint itself. Fetch the file with git lfs pull.",
    );
  }
  if (head[0] === 0x80) {
    return invalidCheckpoint(
      "This is a bare pickle, not a file written by torch.save. Save it with torch.save.",
    );
  }
  const hex = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return invalidCheckpoint(
    `The file begins with ${hex}, which is neither PyTorch's format (.pth, .pt) nor safetensors. Is it a checkpoint?`,
  );
}
