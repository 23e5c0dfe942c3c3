import { Module } from '@nestjs/common';
import { JourneysModule } from '../journeys/journeys.module';
import { HealthController } from './health.controller';
import { Readiness } from './readiness';

@Module({ imports: [JourneysModule], controllers: [HealthController], providers: [Readiness] })
export class HealthModule {}
