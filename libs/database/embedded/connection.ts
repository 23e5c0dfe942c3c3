/** The database that is made on first start. */
export const DATABASE = 'wapas';

export interface EmbeddedPostgresConnection {
  /** The directory of the socket, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
}

/** As `pg` and libpq read it. */
export function urlOf({ host, port, user, database, password }: EmbeddedPostgresConnection): string {
  const login = password === undefined ? user : `${user}:${password}`;
  return `postgresql://${login}@${encodeURIComponent(host)}:${port}/${database}`;
}
