import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { AskGateways } from './ask-gateways';
import { Gateways } from './gateways';

@Module({ imports: [IngestionModule], providers: [Gateways, AskGateways], exports: [Gateways, AskGateways] })
export class PaymentsModule {}
