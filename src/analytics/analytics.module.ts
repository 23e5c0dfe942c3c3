import { Module } from '@nestjs/common';
import { JourneysModule } from '../journeys/journeys.module';
import { AnalyticsController } from './http/analytics.controller';
import { CostsController } from './http/costs.controller';
import { ExportsController } from './http/exports.controller';
import { MessagesController } from './http/messages.controller';
import { RunsController } from './http/runs.controller';
import { ExportRows } from './export-rows';
import { KeepRates } from './keep-rates';
import { ListMessages } from './list-messages';
import { ListRuns } from './list-runs';
import {
  ProjectAttempts,
  ProjectEnds,
  ProjectEntries,
  ProjectMoves,
  ProjectReceipts,
  ProjectReversals,
  ProjectTouches,
} from './project-outcomes';
import { ReportJourney } from './report-journey';
import { ReportReads } from './report-reads';
import { RollUpOutcomes } from './roll-up-outcomes';

@Module({
  imports: [JourneysModule],
  controllers: [AnalyticsController, RunsController, MessagesController, CostsController, ExportsController],
  providers: [
    ReportReads,
    ReportJourney,
    ListRuns,
    ListMessages,
    KeepRates,
    ExportRows,
    RollUpOutcomes,
    ProjectEntries,
    ProjectTouches,
    ProjectReceipts,
    ProjectAttempts,
    ProjectEnds,
    ProjectReversals,
    ProjectMoves,
  ],
  exports: [
    ProjectEntries,
    ProjectTouches,
    ProjectReceipts,
    ProjectAttempts,
    ProjectEnds,
    ProjectReversals,
    ProjectMoves,
    RollUpOutcomes,
  ],
})
export class AnalyticsModule {}
