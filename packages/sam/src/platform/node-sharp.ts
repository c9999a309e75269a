/** Opens sharp when a picture is first read or written: it takes a tenth of a second that prompts on an embedding spare. */
export async function loadSharp(): Promise<typeof import("sharp").default> {
  return (await import("sharp")).default;
}
