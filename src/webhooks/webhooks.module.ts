import { Module } from '@nestjs/common';
import { DeliverWebhooks } from './deliver-webhooks';
import { EraseDeliveries } from './erase-deliveries';
import { WebhooksController } from './http/webhooks.controller';
import { KeepEndpoints } from './keep-endpoints';
import { KnownEndpoints } from './known-endpoints';
import { TellEndpoints } from './tell-endpoints';
import { TellOfAnswers, TellOfMessages, TellOfOptOuts, TellOfReversals, TellOfRuns } from './tell-of-facts';
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
    TellOfReversals,
    TellOfAnswers,
    EraseDeliveries,
  ],
  exports: [
    DeliverWebhooks,
    WebhookTroubles,
    TellOfMessages,
    TellOfRuns,
    TellOfOptOuts,
    TellOfReversals,
    TellOfAnswers,
    EraseDeliveries,
  ],
})
export class WebhooksModule {}
