import { Module } from '@nestjs/common';
import { EventsController } from './http/events.controller';
import { SourceWebhooksController } from './http/source-webhooks.controller';
import { ReceiveWebhook } from './receive-webhook';
import { RecentEvents } from './recent-events';
import { RecordEvents } from './record-events';

@Module({
  controllers: [EventsController, SourceWebhooksController],
  providers: [RecordEvents, ReceiveWebhook, RecentEvents],
  exports: [RecentEvents],
})
export class IngestionModule {}
