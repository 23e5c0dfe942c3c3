import { type Queryable, statement } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Matter } from '../rules/standing';

export interface GatewayLink {
  readonly key: EntityKey;
  readonly gateway: string;
  readonly linkId: string;
  /** What it was made for: by which events, about which keys, that is settled. Null of one from before this was kept. */
  readonly matter: Matter | null;
}

const COLUMNS = `key, gateway, link_id as "linkId", matter`;
const ADD = statement(
  'add_gateway_link',
  `insert into gateway_link (key, gateway, link_id, matter, made_at, look_at) values ($1, $2, $3, $4, business_now(), clock_timestamp()) on conflict (key) do nothing`,
);
const FIND = statement('find_gateway_link', `select ${COLUMNS} from gateway_link where key = $1`);
/** Rows another container has just taken are passed over. Stands on gateway_link_open. */
const TAKE_OPEN = statement(
  'take_open_gateway_links',
  `update gateway_link g set look_at = clock_timestamp() + interval '10 seconds'
   where key in (select key from gateway_link where closed_at is null and look_at <= clock_timestamp() order by look_at limit $1 for update skip locked)
   returning ${COLUMNS}, made_at < business_now() - interval '25 hours' as expired`,
);
const CLOSE = statement('close_gateway_links', `update gateway_link set closed_at = business_now() where key = any($1::uuid[])`);

/** Payment links that gateways made for us: one for each payment that has no order. The only place that knows `gateway_link`. */
export const gatewayLinkStore = {
  add: (db: Queryable, { key, gateway, linkId, matter }: GatewayLink) =>
    db.query(ADD, [key, gateway, linkId, matter && JSON.stringify(matter)]),

  find: async (db: Queryable, key: EntityKey): Promise<GatewayLink | undefined> => (await db.query<GatewayLink>(FIND, [key]))[0],

  /** `expired`: the gateway takes no payment by it any more. */
  takeOpen: (db: Queryable, limit: number) => db.query<GatewayLink & { expired: boolean }>(TAKE_OPEN, [limit]),

  close: (db: Queryable, keys: readonly EntityKey[]) => db.query(CLOSE, [keys]),
};
