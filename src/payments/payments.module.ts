import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { AskGateways } from './ask-gateways';
import { ClosePaymentLinks } from './close-payment-links';
import { Gateways } from './gateways';
import { MakePaymentLink } from './make-payment-link';

@Module({
  imports: [IngestionModule],
  providers: [Gateways, AskGateways, MakePaymentLink, ClosePaymentLinks],
  exports: [Gateways, AskGateways, MakePaymentLink, ClosePaymentLinks],
})
export class PaymentsModule {}
