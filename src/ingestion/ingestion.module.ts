import { Module } from '@nestjs/common';
import { EventsController } from './http/events.controller';
import { SourceWebhooksController } from './http/source-webhooks.controller';
import { ReceiveWebhook } from './receive-webhook';
import { RecentEvents } from './recent-events';
import { RecordEvents } from './record-events';
import { SourcePulse } from './source-pulse';

@Module({
  controllers: [EventsController, SourceWebhooksController],
  providers: [RecordEvents, ReceiveWebhook, RecentEvents, SourcePulse],
  exports: [RecordEvents, RecentEvents, SourcePulse],
})
export class IngestionModule {}
