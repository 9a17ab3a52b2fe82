/** The finding about each of six quality marks of a data set; `not measured` if nothing was. */
export interface Quality {
  relevance: string;
  fitness: string;
  consistency: string;
  form: string;
  uniqueness: string;
  compliance: string;
}

const NOT_MEASURED = 'not measured';

/** Returns the marks that an inspection measures. The others need a judge or rules. */
export function qualityOf({
  records,
  skipped,
  sessions,
  turns,
  empty,
  duplicates,
  conflicting,
}: {
  records: number;
  skipped: number;
  sessions: number;
  turns: number;
  /** Turns without text and images. */
  empty: number;
  duplicates: { exact: number; near: number } | null;
  /** Exact duplicates whose answer differs. */
  conflicting: number;
}): Quality {
  return {
    relevance: NOT_MEASURED,
    fitness: NOT_MEASURED,
    consistency:
      duplicates === null
        ? NOT_MEASURED
        : `${conflicting} of ${duplicates.exact} exact duplicates have another answer than the record they repeat`,
    form: `${records - skipped} of ${records} records have a user or tool message or a length; ${empty} of ${turns} turns are empty`,
    uniqueness:
      duplicates === null
        ? NOT_MEASURED
        : `${sessions - duplicates.exact - duplicates.near} of ${sessions} are unique: ${duplicates.exact} exact and ${duplicates.near} near duplicates`,
    compliance: NOT_MEASURED,
  };
}
