import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * SHA-256 of bytes, lower-case hex. Browsers compute it themselves only for pages from https or this machine;
 * for others a library does, several times slower.
 *
 * @example
 * const hash = await sha256Hex(Uint8Array.of(1, 2, 3));
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  const digest = subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : sha256(bytes);
  return bytesToHex(digest);
}
