/** Metrics in the JSON encoding of OTLP (opentelemetry-proto, ExportMetricsServiceRequest). 64-bit whole numbers are texts. */
export interface OtlpDocument {
  resourceMetrics: {
    resource: { attributes: Attribute[] };
    scopeMetrics: { scope: { name: string; version: string }; metrics: OtlpMetric[] }[];
  }[];
}

export interface Attribute {
  key: string;
  value: { stringValue: string } | { boolValue: boolean } | { intValue: string };
}

interface Point {
  attributes: Attribute[];
  startTimeUnixNano: string;
  timeUnixNano: string;
}

export interface NumberPoint extends Point {
  asDouble: number;
}

export interface SummaryPoint extends Point {
  count: string;
  sum: number;
  quantileValues: { quantile: number; value: number }[];
}

export interface HistogramPoint extends Point {
  count: string;
  sum: number;
  min?: number;
  max?: number;
  explicitBounds: readonly number[];
  bucketCounts: string[];
}

export interface OtlpMetric {
  name: string;
  description: string;
  unit: string;
  gauge?: { dataPoints: NumberPoint[] };
  summary?: { dataPoints: SummaryPoint[] };
  histogram?: { aggregationTemporality: typeof CUMULATIVE; dataPoints: HistogramPoint[] };
}

/** A run is one point of a stream that starts with its window. */
export const CUMULATIVE = 2;

/** The values of attributes by key; one that is `null` is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Returns attributes in OTLP's form. Numbers must be whole. */
export const attributesOf = (attributes: Attributes): Attribute[] =>
  Object.entries(attributes).flatMap(([key, value]): Attribute[] => {
    if (value === null) return [];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    return [
      {
        key,
        value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
      },
    ];
  });
