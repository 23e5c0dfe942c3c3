import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { isPublicUrl } from '@wapas/egress';
import { newId } from '@wapas/kernel';
import { type Fault } from '@wapas/problems';
import { operationAudit } from '../access/access.api';
import { CONFIG, type Config } from '../config/config';
import { DeliverWebhooks } from './deliver-webhooks';
import { MOST_ENDPOINTS } from './known-endpoints';
import { faultOfUrl } from './rules/endpoint-url';
import { bodyOf, TEST_KIND, type WebhookKind } from './rules/kinds';
import { newSecret, rotated } from './rules/secrets';
import { deliveryStore, type LoggedDelivery } from './store/delivery.store';
import { type Endpoint, endpointStore } from './store/endpoint.store';

const PAGE = 100;
const RESENT_AT_ONCE = 10_000;
const HOUR_MS = 3_600_000;

export interface EndpointChange {
  readonly url?: string;
  readonly kinds?: readonly WebhookKind[];
  readonly description?: string;
  readonly state?: Endpoint['state'];
}

export type CreatedEndpoint =
  | { readonly outcome: 'created'; readonly endpoint: Endpoint; readonly secret: string } // 201
  | { readonly outcome: 'refused'; readonly fault: Fault } // 422
  | { readonly outcome: 'too_many' }; // 409

export type ChangedEndpoint =
  | { readonly outcome: 'changed'; readonly endpoint: Endpoint } // 200
  | { readonly outcome: 'refused'; readonly fault: Fault } // 422
  | { readonly outcome: 'unknown' }; // 404

export type RotatedSecret =
  | { readonly outcome: 'rotated'; readonly secret: string } // 200
  | { readonly outcome: 'refused'; readonly fault: Fault } // 422
  | { readonly outcome: 'unknown' }; // 404

export type Asked =
  | { readonly outcome: 'waits'; readonly deliveryIds: readonly string[] } // 202
  | { readonly outcome: 'off' } // 409
  | { readonly outcome: 'not_kept' } // 410
  | { readonly outcome: 'unknown' } // 404
  | { readonly outcome: 'unknown_endpoint' }; // 404

/**
 * Where the team is told things: made, changed, tried out, and what was delivered there. In force everywhere within two seconds.
 * `actor`: the id of the API key, for the audit log.
 */
@Injectable()
export class KeepEndpoints {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(DeliverWebhooks) private readonly deliverWebhooks: DeliverWebhooks,
  ) {}

  list(): Promise<Endpoint[]> {
    return endpointStore.all(this.database);
  }

  async find(id: string): Promise<Endpoint | null> {
    return (await this.list()).find((one) => one.id === id) ?? null;
  }

  async create(url: string, kinds: readonly WebhookKind[], description: string, actor: string): Promise<CreatedEndpoint> {
    const fault = this.faultOf(url);
    if (fault) return { outcome: 'refused', fault };
    const id = newId();
    const secret = newSecret();
    const isThere = await this.database.transaction(async (tx) => {
      await endpointStore.hold(tx);
      if ((await endpointStore.all(tx)).length >= MOST_ENDPOINTS) return false;
      await endpointStore.add(tx, { id, url, kinds, description, secrets: [{ text: secret, until: null }] });
      await operationAudit.add(tx, { act: 'webhook_made', subject: id, actor, reason: null });
      return true;
    });
    if (!isThere) return { outcome: 'too_many' };
    await this.deliverWebhooks.learn();
    return { outcome: 'created', endpoint: (await this.find(id)) as Endpoint, secret };
  }

  async change(id: string, change: EndpointChange, actor: string): Promise<ChangedEndpoint> {
    const fault = change.url === undefined ? null : this.faultOf(change.url);
    if (fault) return { outcome: 'refused', fault };
    const changed = await this.database.transaction(async (tx): Promise<Endpoint | 'not_openable' | null> => {
      const before = await endpointStore.lock(tx, id);
      if (!before) return null;
      if (change.url !== undefined && !before.isReadable) return 'not_openable';
      const state = change.state ?? before.state;
      const offBecause = state === 'on' ? null : (before.offBecause ?? 'operator');
      const isMoved = change.url !== undefined && change.url !== before.url;
      const beginsAnew = isMoved || (before.state === 'off' && state === 'on');
      await endpointStore.save(tx, { ...before, ...given(change), state, offBecause }, { beginsAnew });
      if (isMoved) await deliveryStore.releaseAll(tx, id);
      await operationAudit.add(tx, { act: 'webhook_changed', subject: `${id} (${changeInWords(change)})`, actor, reason: null });
      return endpointStore.lock(tx, id);
    });
    if (changed === null) return { outcome: 'unknown' };
    if (changed === 'not_openable') return { outcome: 'refused', fault: notOpenable('/url') };
    await this.deliverWebhooks.learn();
    return { outcome: 'changed', endpoint: changed };
  }

  /** False when there is none of this id. Its deliveries go with it. */
  async remove(id: string, actor: string): Promise<boolean> {
    const isGone = await this.database.transaction(async (tx) => {
      const wasThere = await endpointStore.remove(tx, id);
      if (wasThere) await operationAudit.add(tx, { act: 'webhook_removed', subject: id, actor, reason: null });
      return wasThere;
    });
    await this.deliverWebhooks.learn();
    return isGone;
  }

  /** A new secret; the one before it signs too for so many hours. */
  async rotateSecret(id: string, keepOldForHours: number, actor: string): Promise<RotatedSecret> {
    const secret = newSecret();
    return this.database.transaction(async (tx): Promise<RotatedSecret> => {
      const before = await endpointStore.lock(tx, id);
      if (!before) return { outcome: 'unknown' };
      if (!before.isReadable) return { outcome: 'refused', fault: notOpenable('id') };
      const secrets = rotated(before.secrets, secret, keepOldForHours * HOUR_MS, Date.now());
      await endpointStore.save(tx, { ...before, secrets }, { beginsAnew: false });
      await operationAudit.add(tx, { act: 'webhook_secret_changed', subject: id, actor, reason: null });
      return { outcome: 'rotated', secret };
    });
  }

  /** Sends a `webhook.test`. */
  test(endpointId: string): Promise<Asked> {
    return this.ask(endpointId, async (tx) => {
      const id = newId();
      const at = new Date(await tx.businessNow()).toISOString();
      const body = bodyOf({ kind: TEST_KIND, at, data: { endpointId } });
      const test = { id, endpointId, kind: TEST_KIND, body, subject: null, isPersonal: false, isAskedFor: true };
      await deliveryStore.add(tx, [test]);
      return { outcome: 'waits', deliveryIds: [id] };
    });
  }

  /** Newest first. */
  async deliveries(
    endpointId: string,
    filter: { state: string | null; kind: string | null; before: string | null },
  ): Promise<{ deliveries: LoggedDelivery[]; next: string | null }> {
    const rows = await deliveryStore.list(this.database, endpointId, filter, PAGE + 1);
    const deliveries = rows.slice(0, PAGE);
    return { deliveries, next: rows.length > PAGE ? (deliveries.at(-1)?.id ?? null) : null };
  }

  /** Puts a delivery back in line, whatever became of it, with the same id. */
  resend(endpointId: string, id: string, actor: string): Promise<Asked> {
    return this.ask(
      endpointId,
      async (tx) => {
        if (!(await deliveryStore.resend(tx, endpointId, id))) return { outcome: 'not_kept' };
        await operationAudit.add(tx, { act: 'webhook_resent', subject: `${endpointId} (${id})`, actor, reason: null });
        return { outcome: 'waits', deliveryIds: [id] };
      },
      async (tx) => ((await deliveryStore.exists(tx, endpointId, id)) ? null : { outcome: 'unknown' }),
    );
  }

  /** Ask again while there are ten thousand. */
  resendParked(endpointId: string, actor: string): Promise<Asked> {
    return this.ask(endpointId, async (tx) => {
      const deliveryIds = await deliveryStore.resendParked(tx, endpointId, RESENT_AT_ONCE);
      const subject = `${endpointId} (${deliveryIds.length} parked)`;
      if (deliveryIds.length > 0) await operationAudit.add(tx, { act: 'webhook_resent', subject, actor, reason: null });
      return { outcome: 'waits', deliveryIds };
    });
  }

  /** Puts something in line, unless nothing would take it out: the endpoint is held as it stands. `fault`: what is said before anything else. */
  private async ask(
    endpointId: string,
    put: (tx: Transaction) => Promise<Asked>,
    fault: (tx: Transaction) => Promise<Asked | null> = () => Promise.resolve(null),
  ): Promise<Asked> {
    const asked = await this.database.transaction(async (tx): Promise<Asked> => {
      const endpoint = await endpointStore.lock(tx, endpointId);
      if (!endpoint) return { outcome: 'unknown_endpoint' };
      return (await fault(tx)) ?? (endpoint.state === 'off' ? { outcome: 'off' } : put(tx));
    });
    this.deliverWebhooks.wake();
    return asked;
  }

  private faultOf(url: string): Fault | null {
    return faultOfUrl(url, this.config.webhooks.allowPrivate, isPublicUrl);
  }
}

/** Address and secrets lie sealed together: one cannot be written anew without losing the other. */
const notOpenable = (at: string): Fault => ({
  at,
  code: 'endpoint_not_openable',
  detail:
    'Its address and secrets cannot be opened. Give the missing key of WAPAS_ENCRYPTION_KEYS back, or make another endpoint.',
});

/** `url, kinds, on`: an address may hold a secret, so what it is now is not said. */
const changeInWords = ({ state, ...fields }: EndpointChange): string =>
  [...Object.keys(given(fields)), ...(state === undefined ? [] : [state])].join(', ') || 'nothing';

/** What the caller gave, and nothing that is absent: a key with an undefined value would blank a field. */
function given({ url, kinds, description }: EndpointChange): Partial<Pick<Endpoint, 'url' | 'kinds' | 'description'>> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(kinds === undefined ? {} : { kinds }),
    ...(description === undefined ? {} : { description }),
  };
}
