/** The CRC-32 of zip archives (ISO 3309, polynomial 0xedb88320 with its bits reversed), byte by byte. */
export function crc32(bytes: Uint8Array): number {
  const steps = crcSteps();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = steps[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

let table: Int32Array | undefined;

/** What each byte does to the remainder. */
function crcSteps(): Int32Array {
  if (table) return table;
  table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}
