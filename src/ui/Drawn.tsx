/** The report's own drawings on a page. */

import type { Html } from '../report/html.ts';

/** A chart of `report/charts`, whose markup only `report/html.ts` can make. */
export function Drawn({ chart }: { readonly chart: Html }) {
  return <div dangerouslySetInnerHTML={{ __html: chart.toString() }} />;
}
