import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type JourneyDefinition } from '../rules/parse-definition';

export interface PublishedVersion {
  readonly key: string;
  readonly version: number;
  readonly definition: JourneyDefinition;
  readonly contentHash: string;
}

const ALL = statement(
  'journey_versions',
  `select key, version, definition, content_hash as "contentHash" from journey_version order by key, version`,
);
/** Two containers that publish the same file wait for each other here. */
const LOCK = statement('lock_journey', `select pg_advisory_xact_lock(hashtextextended('journey:' || $1, 0))`);
const LATEST = statement(
  'latest_journey_version',
  `select version, content_hash as "contentHash" from journey_version where key = $1 order by version desc limit 1`,
);
const PUBLISH = statement(
  'publish_journey',
  `insert into journey_version (key, version, definition, content_hash, published_at) values ($1, $2, $3, $4, business_now())`,
);

export const journeyStore = {
  all: (db: Queryable) => db.query<PublishedVersion>(ALL),

  /** Publishes a definition as the next version, unless the latest one says the same. Gives the version that holds now. */
  async publish(
    tx: Transaction,
    definition: JourneyDefinition,
    contentHash: string,
  ): Promise<{ version: number; isNew: boolean }> {
    await tx.query(LOCK, [definition.key]);
    const [latest] = await tx.query<{ version: number; contentHash: string }>(LATEST, [definition.key]);
    if (latest?.contentHash === contentHash) return { version: latest.version, isNew: false };
    const version = (latest?.version ?? 0) + 1;
    await tx.query(PUBLISH, [definition.key, version, JSON.stringify(definition), contentHash]);
    return { version, isNew: true };
  },
};
