import type { ServedModel } from "../models/served-models.js";
import type { Services } from "../services.js";

/** What work needs besides the database. */
export interface WorkServices extends Pick<Services, "blobs" | "images" | "imageWorker" | "pool" | "limits"> {
  /** The models that projects are labelled with. */
  readonly models: { ofProject(project: string): Promise<ServedModel> };
  /** The data folder. */
  readonly directory: string;
}
