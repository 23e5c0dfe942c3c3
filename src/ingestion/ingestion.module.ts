import { Module } from '@nestjs/common';
import { EraseEvents } from './erase-events';
import { EventsController } from './http/events.controller';
import { SourceWebhooksController } from './http/source-webhooks.controller';
import { ReceiveWebhook } from './receive-webhook';
import { RecentEvents } from './recent-events';
import { RecordEvents } from './record-events';
import { SourcePulse } from './source-pulse';

@Module({
  controllers: [EventsController, SourceWebhooksController],
  providers: [RecordEvents, ReceiveWebhook, RecentEvents, SourcePulse, EraseEvents],
  exports: [RecordEvents, RecentEvents, SourcePulse, EraseEvents],
})
export class IngestionModule {}
