/**
 * In SQL what `isDownFor` (incidents/rules/rail.ts) says: whether `down` (dimension, value, gateway; null: at every one) keeps a run
 * waiting. One that does not say which gateway it went over waits for any. The facts are those of a run from before they were sealed.
 */
export function isDownFor(run: string, down: string): string {
  const railOf = (dimension: string): string =>
    `coalesce(${run}.rails ->> ${dimension}, lower(${run}.facts #>> array['properties', ${dimension}]))`;
  return `${railOf(`${down}.dimension`)} = ${down}.value
          and (${down}.gateway is null or coalesce(${railOf(`'gateway'`)}, ${down}.gateway) = ${down}.gateway)`;
}
