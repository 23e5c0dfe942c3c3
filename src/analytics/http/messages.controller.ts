import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { ListMessages, type PricedMessage } from '../list-messages';
import { type MessageFilter } from '../rules/message-filter';
import { daysOf } from '../rules/periods';
import { badCursor, entryFilterOf, limitOf, nameOfList } from './entry-query.dto';
import { type ListedMessageDto, ListMessagesQueryDto, MessageListDto } from './messages.dto';

/** Of what was called on some days any entry may be: nobody wrote messages before. */
const BEFORE_ALL_CALLS = '2000-01-01T00:00:00Z';

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/messages')
export class MessagesController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(ListMessages) private readonly listMessages: ListMessages,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'The messages behind a number',
    description:
      'Reports and invoice lines link here. By entry of their runs, latest first. Test messages are left out, and so are attempts that another one followed, unless `outcome` is `taken`, `billed`, `assumed` or `failed`: their providers bill them. Kept for `WAPAS_REPORT_DAYS`; figures stay longer.',
  })
  @ApiResponse({ status: 200, description: 'A page of messages.', type: MessageListDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async list(@Query() query: ListMessagesQueryDto): Promise<MessageListDto> {
    const { calledOn, from = calledOn && BEFORE_ALL_CALLS } = query;
    const filter: MessageFilter = {
      ...entryFilterOf({ ...query, from }, this.clock.now()),
      channel: query.channel ?? null,
      provider: query.provider ?? null,
      state: query.state ?? null,
      category: query.category ?? null,
      country: query.country ?? null,
      outcome: query.outcome ?? null,
      currency: query.currency ?? null,
      calledOn: calledOn === undefined ? null : daysOf(calledOn),
    };
    const page = await this.listMessages.page(filter, nameOfList('messages', query), query.cursor, limitOf(query));
    if (page === null) throw badCursor();
    return { messages: page.messages.map(messageDto), nextCursor: page.nextCursor };
  }
}

const messageDto = (message: PricedMessage): ListedMessageDto => ({
  id: message.id,
  runId: message.runId,
  journey: message.journey,
  version: message.version,
  arm: message.arm,
  step: message.step,
  channel: message.channel,
  provider: message.provider,
  state: message.state,
  enteredAt: message.enteredAt.toISOString(),
  at: message.at.toISOString(),
  deliveredAt: message.deliveredAt?.toISOString() ?? null,
  readAt: message.readAt?.toISOString() ?? null,
  clickedAt: message.clickedAt?.toISOString() ?? null,
  failedAt: message.failedAt?.toISOString() ?? null,
  category: message.category,
  country: message.country,
  units: message.units,
  isAssumed: message.isAssumed,
  cost: message.cost && { ...message.cost },
});
