import { DatasetError } from "../errors.js";

const decoder = new TextDecoder();

/**
 * Parses bytes as JSON.
 *
 * @param where what to call them in an error message
 * @throws DatasetError `json-invalid`
 */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new DatasetError("json-invalid", `${where} is not valid JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
