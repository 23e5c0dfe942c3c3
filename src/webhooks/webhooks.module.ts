import { Module } from '@nestjs/common';
import { DeliverWebhooks } from './deliver-webhooks';
import { EraseDeliveries } from './erase-deliveries';
import { WebhooksController } from './http/webhooks.controller';
import { KeepEndpoints } from './keep-endpoints';
import { KnownEndpoints } from './known-endpoints';
import { TellEndpoints } from './tell-endpoints';
import { TellOfAnswers, TellOfMessages, TellOfOptOuts, TellOfRuns } from './tell-of-facts';
import { WebhookTroubles } from './webhook-troubles';

@Module({
  controllers: [WebhooksController],
  providers: [
    KnownEndpoints,
    KeepEndpoints,
    TellEndpoints,
    DeliverWebhooks,
    WebhookTroubles,
    TellOfMessages,
    TellOfRuns,
    TellOfOptOuts,
    TellOfAnswers,
    EraseDeliveries,
  ],
  exports: [DeliverWebhooks, WebhookTroubles, TellOfMessages, TellOfRuns, TellOfOptOuts, TellOfAnswers, EraseDeliveries],
})
export class WebhooksModule {}
