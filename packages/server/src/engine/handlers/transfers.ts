import { rm } from "node:fs/promises";
import type { ExportResult } from "@segany/data-engine";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { transferRoutes } from "../../contract/engine/transfers.js";
import { zipKey } from "../../engine-work/work-folder.js";
import { ServerError } from "../../errors.js";
import { readFilePart } from "../../http/read-file-part.js";
import type { UploadSlots } from "../../http/upload-slots.js";
import { tooLarge, writeHashed } from "../../images/receive-upload.js";
import type { Services } from "../../services.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";

/** Bytes of a form beside its file. */
const FORM_BYTES = 65_536;

/** Everything mode, exports and imports. */
export function createTransferHandlers(
  services: Pick<Services, "blobs" | "limits">,
  slots: UploadSlots,
): EngineHandlers<typeof transferRoutes> {
  return {
    segmentTask: ({ parts: { machineWork }, caller, params: { task }, body: { className, ...settings } }) =>
      machineWork.segment(caller.person.id, { task, className, settings: defined(settings) }),
    async listExportFormats() {
      const { datasetFormats } = await import("@segany/dataset"); // many readers and writers
      return datasetFormats.map(({ name, title }) => ({ name, title }));
    },
    exportProject: ({ parts: { machineWork }, caller, params: { project }, body }) =>
      machineWork.export(caller.person.id, { project, ...body }),
    async downloadExport({ parts: { workQueue }, params, reply }) {
      const { kind, state, result } = await workQueue.get(params.work);
      if (kind !== "export") throw new ServerError("not-found", "This work is no export; it has no file.");
      if (state !== "done")
        throw new ServerError("conflict", `The export is ${state}; its file is there when it is done.`);
      return openExport(services, (result as ExportResult).file, reply);
    },
    async importSet({ parts: { machineWork }, caller, params: { project }, query, request }) {
      const { newId } = await import("@segany/data-engine"); // a server without data engine loads none
      const id = newId();
      const file = await receiveSet(request, services, slots, zipKey("imports", id));
      try {
        return await machineWork.import({ ...defined(query), project, person: caller.person.id, file }, id);
      } catch (error) {
        await services.blobs.delete(file);
        throw error;
      }
    },
  };
}

/** @throws ServerError `gone` */
async function openExport({ blobs }: Pick<Services, "blobs">, key: string, reply: FastifyReply) {
  const stat = await blobs.stat(key);
  const stream = stat && (await blobs.read(key));
  if (!stream) throw new ServerError("gone", "The file of this export is no longer kept; export again.");
  void reply
    .header("content-length", stat.bytes)
    .header("content-disposition", `attachment; filename="${key.split("/").at(-1)}"`);
  return stream as unknown as ReadableStream<Uint8Array>; // which fastify sends as well
}

/** Stores an uploaded set. @returns the key @throws ServerError `payload-too-large`, `bad-request` */
async function receiveSet(
  request: FastifyRequest,
  { blobs, limits: { maxSetBytes } }: Pick<Services, "blobs" | "limits">,
  slots: UploadSlots,
  key: string,
): Promise<string> {
  const release = slots.take(request);
  const path = blobs.temporaryPath();
  try {
    if (Number(request.headers["content-length"]) > maxSetBytes + FORM_BYTES) throw tooLarge(maxSetBytes);
    const part = await readFilePart(request, "the set, packed as a zip file,", maxSetBytes);
    const { bytes } = await writeHashed(part.file, path, maxSetBytes);
    if (bytes === 0) throw new ServerError("bad-request", "The file is empty; send a zip file.");
    await blobs.putFile(key, path);
    return key;
  } finally {
    await rm(path, { force: true });
    release();
  }
}
