/** Addresses of the page that mean work: they can be shared, and loaded again. */

/** What the page is opened for. */
export type WorkAddress =
  /** The next image or job of a project's queue. */
  | { readonly kind: "queue"; readonly project: string; readonly activity: "label" | "review" }
  | { readonly kind: "job"; readonly job: string; readonly image: string | null };

/** @param search of the address: "?project=…", "?project=…&review", "?job=…&image=…" */
export function readWorkAddress(search: string): WorkAddress | null {
  const query = new URLSearchParams(search);
  const [project, job] = [query.get("project"), query.get("job")];
  if (job) return { kind: "job", job, image: query.get("image") };
  if (!project) return null;
  return { kind: "queue", project, activity: query.has("review") ? "review" : "label" };
}

/** The query of an address, with its question mark. */
export function writeWorkAddress(address: WorkAddress): string {
  if (address.kind === "job")
    return `?${new URLSearchParams({ job: address.job, ...(address.image && { image: address.image }) })}`;
  const { project, activity } = address;
  return `?${new URLSearchParams({ project, ...(activity === "review" && { review: "" }) })}`;
}
