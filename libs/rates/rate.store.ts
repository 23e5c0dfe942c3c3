import { type Queryable, statement } from '@wapas/database';
import { type Rate, type RateKey } from './rate';

const ALL = statement(
  'rates_all',
  `select channel, nullif(provider, '') as provider, nullif(category, '') as category, country, currency, valid_from::text as "from", price::float8 as price, source
   from rate order by channel, provider, category, country, valid_from`,
);
const PUT = statement(
  'rate_put',
  `insert into rate (channel, provider, category, country, currency, valid_from, price, source) values ($1, $2, $3, $4, $5, $6, $7, $8)
   on conflict (channel, provider, category, country, valid_from) do update set currency = excluded.currency, price = excluded.price, source = excluded.source`,
);

const REMOVE = statement(
  'rate_remove',
  `delete from rate where channel = $1 and provider = $2 and category = $3 and country = $4 and valid_from = $5 returning channel`,
);

/** The only place that knows `rate`: the prices of the deployment's own contracts. */
export const rateStore = {
  all: (db: Queryable) => db.query<Rate>(ALL),

  /** Sets what is charged from a day on. */
  put: (db: Queryable, { channel, provider, category, country, currency, from, price, source }: Rate) =>
    db.query(PUT, [channel, provider ?? '', category ?? '', country, currency, from, price, source]),

  /** False: there was none. */
  remove: async (db: Queryable, { channel, provider, category, country, from }: RateKey): Promise<boolean> =>
    (await db.query(REMOVE, [channel, provider ?? '', category ?? '', country, from])).length > 0,
};
