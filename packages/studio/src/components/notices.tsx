import { CircleAlert, Info, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import type { Notice } from "../state/types.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { IconButton } from "./ui/icon-button.js";

/** What only informs goes by itself; what went wrong stays until it is dismissed. */
const INFO_SHOWN_MS = 6000;

const ICONS = { info: Info, warning: TriangleAlert, error: CircleAlert } as const;

/** What the user is told, in a region that is read out. */
export function Notices() {
  const notices = useStudioState((state) => state.notices);
  return (
    <section className="notices" aria-label="Notices" aria-live="polite">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeCard({ notice: { id, kind, text } }: { readonly notice: Notice }) {
  const studio = useStudio();
  const Icon = ICONS[kind];
  useEffect(() => {
    if (kind !== "info") return;
    const timer = setTimeout(() => studio.dismiss(id), INFO_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [studio, id, kind]);
  return (
    <div className={`notice notice-${kind}`}>
      <Icon aria-hidden="true" />
      <p>{text}</p>
      <IconButton icon={X} label="Dismiss" onClick={() => studio.dismiss(id)} />
    </div>
  );
}
