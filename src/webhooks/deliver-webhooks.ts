import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit } from '@wapas/database';
import { createHttpClient } from '@wapas/egress';
import { standardWebhookHeaders, standardWebhookKey } from '@wapas/provider-kit';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { KnownEndpoints, MOST_ENDPOINTS } from './known-endpoints';
import { askedPauseOf, delayOfNextTry, FAILURES_BEFORE_REST, healthAfter, readRetryAfter, type TryResult } from './rules/retry';
import { signingSecrets } from './rules/secrets';
import { deliveryStore, type SettledDelivery, type TakenDelivery } from './store/delivery.store';
import { type Endpoint, endpointStore } from './store/endpoint.store';

/** Posts that one endpoint may have open; one that hangs fills its own places and nobody else's. */
const ROOM = 16;
const LOOK_EVERY_MS = 1_000;
const CALL_MS = 10_000;
const SETTLED_AT_ONCE = 500;

type Openable = TakenDelivery & { readonly body: string };
const NOT_OPENABLE: TryResult = { outcome: 'failed', status: null, error: 'not_openable', retryAfterMs: null };

interface Tried {
  readonly delivery: TakenDelivery;
  /** Where it was posted. */
  readonly url: string;
  readonly result: TryResult;
  readonly tookMs: number;
}

/**
 * Posts what endpoints are to be told, signed as Standard Webhooks: the id stays the same for every try, any 2xx counts. What
 * fails comes again for three days and is parked then. A post whose outcome we never learned comes again too: at least once.
 */
@Injectable()
export class DeliverWebhooks {
  // Endpoints may lie on one host.
  private readonly http = createHttpClient({ connectionsPerOrigin: ROOM * MOST_ENDPOINTS });
  private readonly loop: DueLoop;
  private readonly settling: GroupCommit<Tried, undefined>;
  private readonly open = new Map<string, number>();
  private readonly posts = new Set<Promise<void>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(KnownEndpoints) private readonly known: KnownEndpoints,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'deliver webhooks',
      fullPass: Number.POSITIVE_INFINITY,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
    this.settling = new GroupCommit((tried) => this.settle(tried), { maxWeight: SETTLED_AT_ONCE });
  }

  async start(): Promise<void> {
    await this.learn();
    this.loop.start();
  }

  /** Something may have to be posted. */
  wake(): void {
    this.loop.wake();
  }

  /** An endpoint was made or changed here: from now on this process knows it. */
  async learn(): Promise<void> {
    this.known.set(await endpointStore.all(this.database));
    this.loop.wake();
  }

  /** Open posts finish; what could not be written down of them is posted again after the next start. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await Promise.all(this.posts);
    await this.settling.drained();
    await this.http.close();
  }

  private async pass(): Promise<Pass> {
    const endpoints = await endpointStore.all(this.database);
    this.known.set(endpoints);
    const byId = new Map(endpoints.filter(({ state, isReadable }) => state === 'on' && isReadable).map((one) => [one.id, one]));
    const rooms = new Map(
      [...byId.keys()].map((id) => [id, ROOM - (this.open.get(id) ?? 0)] as const).filter(([, room]) => room > 0),
    );
    if (rooms.size === 0) return { done: 0 };
    const taken = await deliveryStore.take(this.database, rooms, FAILURES_BEFORE_REST);
    const openable = taken.filter((one): one is Openable => one.body !== null);
    for (const delivery of openable) this.begin(byId.get(delivery.endpointId) as Endpoint, delivery);
    if (openable.length < taken.length) await this.postpone(taken.filter(({ body }) => body === null));
    return { done: taken.length };
  }

  /** Nobody was asked, so it says nothing of the endpoint. With its key back a delivery goes on; without it, it is parked like any other. */
  private async postpone(unreadable: readonly TakenDelivery[]): Promise<void> {
    this.log.warn('webhook deliveries not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', { count: unreadable.length });
    await deliveryStore.settle(
      this.database,
      unreadable.map((delivery) => toSettled({ delivery, result: NOT_OPENABLE, tookMs: 0 }, false)),
    );
  }

  /** The pass does not wait for it: another endpoint's deliveries are due meanwhile. */
  private begin(endpoint: Endpoint, delivery: Openable): void {
    this.open.set(endpoint.id, (this.open.get(endpoint.id) ?? 0) + 1);
    const post = this.deliver(endpoint, delivery)
      .catch((error: unknown) => this.log.trouble('webhook delivery not written down', error, { deliveryId: delivery.id }))
      .finally(() => {
        this.posts.delete(post);
        this.open.set(endpoint.id, (this.open.get(endpoint.id) ?? 1) - 1);
        this.loop.wake();
      });
    this.posts.add(post);
  }

  private async deliver(endpoint: Endpoint, delivery: Openable): Promise<void> {
    const startedAt = Date.now();
    const result = await this.post(endpoint, delivery);
    await this.settling.add({ delivery, url: endpoint.url, result, tookMs: Date.now() - startedAt });
  }

  private async post({ url, secrets }: Endpoint, { id, body }: Openable): Promise<TryResult> {
    const now = Date.now();
    const keys = signingSecrets(secrets, now).map((text) => standardWebhookKey(text) as Buffer);
    const answer = await this.http.request({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Wapas-Webhooks/1',
        ...standardWebhookHeaders(keys, id, now, body),
      },
      body,
      timeoutMs: CALL_MS,
      onlyPublic: !this.config.webhooks.allowPrivate,
    });
    if (answer.kind === 'failure') return { outcome: 'failed', status: null, error: answer.code, retryAfterMs: null };
    const { status, headers } = answer;
    if (status >= 200 && status < 300) return { outcome: 'delivered', status };
    if (status === 410) return { outcome: 'gone', status };
    return { outcome: 'failed', status, error: `http_${status}`, retryAfterMs: readRetryAfter(headers['retry-after'], now) };
  }

  private async settle(tried: readonly Tried[]): Promise<undefined[]> {
    const byEndpoint = new Map<string, Tried[]>();
    for (const one of tried) byEndpoint.set(one.delivery.endpointId, [...(byEndpoint.get(one.delivery.endpointId) ?? []), one]);
    await this.database.transaction(async (tx) => {
      const locked = await endpointStore.lockHealth(tx, [...byEndpoint.keys()]);
      const urls = new Map(locked.map(({ id, url }) => [id, url]));
      const isElsewhere = ({ delivery: { endpointId }, url }: Tried): boolean => url !== (urls.get(endpointId) ?? url);
      const healths = locked.flatMap(({ id, now, ...health }) => {
        const here = (byEndpoint.get(id) ?? []).filter((one) => !isElsewhere(one));
        const heard = here.map(({ delivery, result }) => ({ result, triedAt: delivery.triedAt }));
        return heard.length === 0 ? [] : [{ id, ...healthAfter(id, health, heard, now) }];
      });
      await endpointStore.saveHealth(tx, healths);
      await deliveryStore.settle(
        tx,
        tried.map((one) => toSettled(one, isElsewhere(one))),
      );
      const recovered = healths.flatMap(({ id, recoveredFrom }) => (recoveredFrom === null ? [] : [{ id, recoveredFrom }]));
      if (recovered.length > 0) await deliveryStore.release(tx, recovered);
      const off = healths.filter(({ switchedOff }) => switchedOff !== null);
      if (off.length === 0) return;
      await deliveryStore.parkAll(
        tx,
        off.map(({ id }) => id),
      );
      tx.onCommit(() => {
        for (const { id, switchedOff } of off)
          this.log.warn('webhook endpoint switched off', { endpointId: id, because: switchedOff ?? '' });
      });
    });
    return tried.map(() => undefined);
  }
}

/** `isElsewhere`: its endpoint is at another address by now. What came to nothing where it was says nothing of where it is, and goes there at once. */
function toSettled({ delivery, result, tookMs }: Omit<Tried, 'url'>, isElsewhere: boolean): SettledDelivery {
  const { id, tries } = delivery;
  if (result.outcome === 'delivered')
    return { id, tries, state: 'delivered', delayMs: null, askedMs: 0, status: result.status, error: null, tookMs };
  if (isElsewhere)
    return { id, tries, state: 'waiting', delayMs: 0, askedMs: 0, status: result.status, error: errorOf(result), tookMs };
  if (result.outcome === 'gone')
    return { id, tries, state: 'parked', delayMs: null, askedMs: 0, status: 410, error: errorOf(result), tookMs };
  const delayMs = delayOfNextTry(delivery, result.retryAfterMs);
  const state = delayMs === null ? 'parked' : 'waiting';
  const askedMs = askedPauseOf(result.retryAfterMs);
  return { id, tries, state, delayMs, askedMs, status: result.status, error: result.error, tookMs };
}

const errorOf = (result: Exclude<TryResult, { outcome: 'delivered' }>): string =>
  result.outcome === 'gone' ? 'http_410' : result.error;
