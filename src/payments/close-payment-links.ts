import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { groupBy } from '@wapas/kernel';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { eventReader, type Mark, marksAbout } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { Gateways } from './gateways';
import { endingNames, endOf, OVER_EVENTS } from './rules/standing';
import { type GatewayLink, gatewayLinkStore } from './store/gateway-link.store';

const BATCH = 50;
const LOOK_EVERY_MS = 1_000;

/** Cancels payment links whose matter is settled in another way. Looks again until the gateway has said that the link is closed. */
@Injectable()
export class ClosePaymentLinks {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Gateways) private readonly gateways: Gateways,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'close payment links',
      fullPass: BATCH,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    if (this.gateways.isAny) this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async pass(): Promise<Pass> {
    const open = await gatewayLinkStore.takeOpen(this.database, BATCH);
    if (open.length === 0) return { done: 0 };
    const isOver = await this.overAmong(open);
    const closed = await Promise.all(open.map(async (link) => ((await this.isClosed(link, isOver(link))) ? [link.key] : [])));
    await gatewayLinkStore.close(this.database, closed.flat());
    return { done: open.length };
  }

  private async overAmong(links: readonly GatewayLink[]): Promise<(link: GatewayLink) => boolean> {
    const asked = links.flatMap(({ key, matter }) => [{ key, since: null }, ...(matter ? marksAbout(matter) : [])]);
    const names = links.flatMap(({ matter }) => (matter ? endingNames(matter) : []));
    const marks = await eventReader.marks(this.database, asked, [...new Set([...OVER_EVENTS, ...names])]);
    const byKey = groupBy(marks, ({ key }) => key);
    const marksOf = (key: EntityKey): readonly Mark[] => byKey.get(key) ?? [];
    return ({ key, matter }) =>
      marksOf(key).some(({ eventName }) => OVER_EVENTS.includes(eventName)) ||
      (matter !== null &&
        endOf(
          matter,
          matter.keys.flatMap((one) => marksOf(one.key)),
        ) !== null);
  }

  private async isClosed({ gateway, linkId, expired }: GatewayLink & { expired: boolean }, isOver: boolean): Promise<boolean> {
    if (expired) return true;
    const links = this.gateways.named(gateway)?.links;
    return isOver && links !== undefined ? links.cancelLink(linkId) : false;
  }
}
