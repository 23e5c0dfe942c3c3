import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { eventReader } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { Gateways } from './gateways';
import { STATUS_EVENTS } from './rules/standing';
import { type GatewayLink, gatewayLinkStore } from './store/gateway-link.store';

const BATCH = 50;
const LOOK_EVERY_MS = 1_000;
/** After one of these nobody shall pay again. */
const OVER = STATUS_EVENTS.filter((name) => name !== 'Payment Failed' && name !== 'Payment Authorized');

/** Cancels payment links whose payment has come in another way. Looks again until the gateway has said that the link is closed. */
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
    const keys = open.map(({ key }) => key);
    const over = new Set((await eventReader.marks(this.database, keys, OVER)).map(({ key }) => key));
    const closed = await Promise.all(
      open.map(async (link) => ((await this.isClosed(link, over.has(link.key))) ? [link.key] : [])),
    );
    await gatewayLinkStore.close(this.database, closed.flat());
    return { done: open.length };
  }

  private async isClosed({ gateway, linkId, expired }: GatewayLink & { expired: boolean }, isOver: boolean): Promise<boolean> {
    if (expired) return true;
    const links = this.gateways.named(gateway)?.links;
    return isOver && links !== undefined ? links.cancelLink(linkId) : false;
  }
}
