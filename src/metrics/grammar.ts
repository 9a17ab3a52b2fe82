/** Placeholder: the grammar of SLOs and gates. */
export type Op = '<=' | '>=';
export interface RequestSlo { metric: string; op: Op; value: number; unit: string; text: string }
export interface Gate { metric: string; aggregation: string | null; op: Op; value: number; unit: string; text: string }
