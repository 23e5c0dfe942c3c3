import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module';
import { CreateLinks } from './create-links';
import { EraseLinks } from './erase-links';
import { FollowLink } from './follow-link';
import { GuessLimit } from './guess-limit';
import { LinksController } from './http/links.controller';
import { PayController } from './http/pay.controller';
import { KeepVisits } from './keep-visits';
import { KnownLinks } from './known-links';
import { LinksToNowhere } from './links-to-nowhere';
import { PayByLink } from './pay-by-link';
import { UpiAttempts } from './upi-attempts';

/** Mounted under the registered header (`/WAPAS/…`) by the composition root. */
@Module({
  imports: [PaymentsModule],
  controllers: [LinksController, PayController],
  providers: [CreateLinks, LinksToNowhere, FollowLink, KnownLinks, KeepVisits, GuessLimit, UpiAttempts, PayByLink, EraseLinks],
  exports: [CreateLinks, LinksToNowhere, EraseLinks],
})
export class LinksModule {}
