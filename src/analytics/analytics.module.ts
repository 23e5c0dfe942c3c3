import { Module } from '@nestjs/common';
import { JourneysModule } from '../journeys/journeys.module';
import { AnalyticsController } from './http/analytics.controller';
import { ProjectEnds, ProjectEntries, ProjectTouches } from './project-outcomes';
import { ReportJourney } from './report-journey';

@Module({
  imports: [JourneysModule],
  controllers: [AnalyticsController],
  providers: [ReportJourney, ProjectEntries, ProjectTouches, ProjectEnds],
  exports: [ProjectEntries, ProjectTouches, ProjectEnds],
})
export class AnalyticsModule {}
