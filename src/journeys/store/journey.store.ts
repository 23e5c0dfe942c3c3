import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type JourneyDefinition } from '../rules/journey-definition';

/** How far a published version is let out. */
export interface Release {
  /** In shadow everything is decided and nothing is sent. */
  readonly mode: 'live' | 'shadow';
  /** Percent of people, by hash. The others enter the version before it. */
  readonly share: number;
}

/** What is left out stays as it is. */
export interface ReleaseChange {
  readonly mode?: Release['mode'] | null;
  readonly share?: number | null;
}

export type Standing = 'published' | 'paused' | 'archived';

export interface PublishedVersion extends Release {
  readonly key: string;
  readonly version: number;
  readonly definition: JourneyDefinition;
  readonly contentHash: string;
  readonly publishedAt: Date;
}

const COLUMNS = `v.key, v.version, v.definition, v.content_hash as "contentHash", v.published_at as "publishedAt",
  coalesce(r.mode, 'live') as mode, coalesce(r.share, 100)::float8 as share`;
const ALL = statement(
  'journey_versions',
  `select ${COLUMNS} from journey_version v left join journey_release r using (key, version) order by key, version`,
);
const STANDINGS = statement('journey_standings', `select key, standing from journey_standing`);
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
/** What is null stays as it is: a share that is raised in shadow must not send, nor what goes live reach everybody. */
const RELEASE = statement(
  'release_journey',
  `insert into journey_release as r (key, version, mode, share, changed_at)
   values ($1, $2, coalesce($3::text, 'live'), coalesce($4::numeric, 100), business_now())
   on conflict (key, version) do update
     set mode = coalesce($3::text, r.mode), share = coalesce($4::numeric, r.share), changed_at = excluded.changed_at
   returning mode, share::float8 as share`,
);
const SET_STANDING = statement(
  'set_journey_standing',
  `insert into journey_standing (key, standing, changed_at) values ($1, $2, business_now())
   on conflict (key) do update set standing = excluded.standing, changed_at = excluded.changed_at`,
);

export const journeyStore = {
  all: (db: Queryable) => db.query<PublishedVersion>(ALL),

  /** Journeys that are not simply published, by key. */
  async standings(db: Queryable): Promise<Map<string, Standing>> {
    const rows = await db.query<{ key: string; standing: Standing }>(STANDINGS);
    return new Map(rows.map(({ key, standing }) => [key, standing]));
  },

  /** One change of a journey at a time. Held until the transaction ends. */
  lock: (tx: Transaction, key: string) => tx.query(LOCK, [key]),

  /** Publishes a definition as the next version, unless the latest one says the same. Gives the version that holds now. */
  async publish(
    tx: Transaction,
    definition: JourneyDefinition,
    contentHash: string,
    release: Release,
  ): Promise<{ version: number; isNew: boolean }> {
    await this.lock(tx, definition.key);
    const [latest] = await tx.query<{ version: number; contentHash: string }>(LATEST, [definition.key]);
    if (latest?.contentHash === contentHash) return { version: latest.version, isNew: false };
    const version = (latest?.version ?? 0) + 1;
    await tx.query(PUBLISH, [definition.key, version, JSON.stringify(definition), contentHash]);
    await this.release(tx, definition.key, version, release);
    return { version, isNew: true };
  },

  /** Gives how far it is out afterwards. */
  async release(tx: Transaction, key: string, version: number, { mode = null, share = null }: ReleaseChange): Promise<Release> {
    const [release] = await tx.query<Release & Record<string, unknown>>(RELEASE, [key, version, mode, share]);
    if (!release) throw new Error(`Version ${version} of ${key} has no release.`);
    return release;
  },

  setStanding: (tx: Transaction, key: string, standing: Standing) => tx.query(SET_STANDING, [key, standing]),
};
