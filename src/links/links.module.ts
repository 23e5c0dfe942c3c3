import { Module } from '@nestjs/common';
import { CreateLinks } from './create-links';
import { FollowLink } from './follow-link';
import { LinksController } from './http/links.controller';

/** Mounted under the registered header (`/WAPAS/…`) by the composition root. */
@Module({ controllers: [LinksController], providers: [CreateLinks, FollowLink], exports: [CreateLinks] })
export class LinksModule {}
