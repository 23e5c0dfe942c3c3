import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { JourneysModule } from '../journeys/journeys.module';
import { LinksModule } from '../links/links.module';
import { WebhooksModule } from '../webhooks/webhooks.module';
import { Attention } from './attention';
import { HealthController } from './health.controller';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';
import { OperationsController } from './operations.controller';
import { Readiness } from './readiness';
import { ReplayParked } from './replay-parked';

@Module({
  imports: [JourneysModule, IngestionModule, LinksModule, WebhooksModule],
  controllers: [HealthController, OperationsController, MetricsController],
  providers: [Attention, Readiness, Metrics, ReplayParked],
})
export class HealthModule {}
