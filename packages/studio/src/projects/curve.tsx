/** A figure over time, as a line. */

const WIDTH = 320;
const HEIGHT = 120;
/** Room for the largest value above, and for the dates below. */
const TOP = 18;
const BOTTOM = 20;
const SIDE = 8;

export interface CurveProps {
  readonly title: string;
  /** In the order of time; null where there is no value. */
  readonly points: readonly { readonly label: string; readonly value: number | null }[];
  readonly format: (value: number) => string;
}

export function Curve({ title, points, format }: CurveProps) {
  const known = points.flatMap(({ label, value }, index) =>
    value === null ? [] : [{ label, value, index }],
  );
  const largest = Math.max(0, ...known.map(({ value }) => value));
  const x = (index: number) => SIDE + (index / Math.max(1, points.length - 1)) * (WIDTH - 2 * SIDE);
  const y = (value: number) =>
    HEIGHT - BOTTOM - (largest === 0 ? 0 : value / largest) * (HEIGHT - TOP - BOTTOM);
  const described = known.map(({ label, value }) => `${label}: ${format(value)}`).join(", ");
  return (
    <figure className="curve">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title}. ${described || "No values yet."}`}
      >
        <line className="curve-ground" x1={SIDE} x2={WIDTH - SIDE} y1={y(0)} y2={y(0)} />
        <polyline className="curve-line" points={known.map((p) => `${x(p.index)},${y(p.value)}`).join(" ")} />
        {known.map(({ label, value, index }) => (
          <circle key={label} className="curve-point" cx={x(index)} cy={y(value)} r="3.5">
            <title>{`${label}: ${format(value)}`}</title>
          </circle>
        ))}
        {known.length > 0 && (
          <>
            <text x={SIDE} y={TOP - 6}>
              {format(largest)}
            </text>
            <text x={SIDE} y={HEIGHT - 5}>
              {points[0]!.label}
            </text>
            {points.length > 1 && (
              <text x={WIDTH - SIDE} y={HEIGHT - 5} textAnchor="end">
                {points.at(-1)!.label}
              </text>
            )}
          </>
        )}
      </svg>
    </figure>
  );
}
