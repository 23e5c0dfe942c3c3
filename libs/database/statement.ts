/**
 * One SQL text with a name. Postgres plans a named statement once per connection, which matters on the hot paths;
 * the name also says in `pg_stat_activity` and in errors which of our queries it is.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A named constant in a store: `statement('claim_due_runs', 'select …')`. Names are unique over the whole product. */
export function statement(name: string, text: string): Statement {
  return { name, text: `/* ${name} */ ${text.trim()}` };
}
