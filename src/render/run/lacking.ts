import { FACT_TEXT } from '../../analysis/imported-note.ts';
import type { Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import type { Page } from '../layout/style.ts';

/** Returns the sign for a missing figure with the facts that an imported run lacks for it; '' if it lacks none. */
export function lackingText(
  { imported }: Pick<Report, 'imported'>,
  name: string,
  { signs }: Pick<Page, 'signs'>,
): string {
  const needed = metricNamed(name)?.needsFacts ?? [];
  const lacking = needed.filter((fact) => imported?.lacks.includes(fact));
  if (lacking.length === 0) return '';
  return `${signs.none} the imported files do not hold ${lacking.map((fact) => FACT_TEXT[fact]).join(' or ')}`;
}
