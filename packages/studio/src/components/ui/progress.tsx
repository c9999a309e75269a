import { useId } from "react";

export interface ProgressProps {
  readonly label: string;
  /** 0 to 1; null when nobody knows. */
  readonly share: number | null;
  /** Numbers beside the label. */
  readonly detail?: string;
}

export function Progress({ label, share, detail }: ProgressProps) {
  const id = useId();
  return (
    <div className="progress">
      <label htmlFor={id}>{label}</label>
      {detail && <span className="progress-detail">{detail}</span>}
      <progress id={id} max={1} {...(share === null ? {} : { value: Math.min(1, share) })} />
    </div>
  );
}
