import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { REASON_CLASSES } from '../../reasons/reason-classes';
import { reasonTables } from '../../reasons/reason-tables';
import { eventCatalogue } from '../event-catalogue';

const ABOUT = ['payment', 'order', 'cart', 'checkout', 'kyc', 'mandate', 'customer', 'rail'];

class CatalogueEntryDto {
  @ApiProperty({ example: 'Payment Failed', description: 'What to call it.' })
  name: string;

  @ApiProperty({ enum: ABOUT, example: 'payment', description: 'What it is about.' })
  about: string;

  @ApiProperty({ example: 'An attempt to pay did not go through. The order may still be paid.', description: 'What it says.' })
  description: string;

  @ApiProperty({
    type: [String],
    example: ['order', 'payment'],
    description: 'Keys by which it belongs to a matter; one is enough.',
  })
  keys: readonly string[];

  @ApiProperty({ type: [String], example: ['amount', 'reason'], description: 'What makes it more useful when it is there.' })
  carries: readonly string[];
}

class ReasonClassDto {
  @ApiProperty({ example: 'insufficient_funds', description: 'What journeys branch on, as `reason.class`.' })
  name: string;

  @ApiProperty({ example: 'There was not enough money in the account.', description: 'What it means.' })
  description: string;
}

class ReasonTableDto {
  @ApiProperty({ example: 'razorpay', description: 'The table.' })
  name: string;

  @ApiProperty({ example: 'Razorpay error_reason', description: 'What its codes are.' })
  title: string;

  @ApiProperty({ example: 'https://razorpay.com/docs/errors/payments/list', description: 'Where it was read.' })
  from: string;

  @ApiProperty({ example: '2026-11-28', description: 'When.' })
  readOn: string;

  @ApiProperty({
    enum: ['verified', 'secondary', 'assumed'],
    example: 'verified',
    description: "Read in the vendor's own pages, in others' copies of them, or taken at the word of the code.",
  })
  as: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    example: { insufficient_funds: ['insufficient_funds'], user_error: ['incorrect_pin'] },
    description: 'Codes by class. Any other code is `unknown`, or what the next table says.',
  })
  codes: Readonly<Record<string, readonly string[]>>;
}

export class EventCatalogueDto {
  @ApiProperty({
    type: [CatalogueEntryDto],
    description: 'Names that what is there already works with. Any other name is taken too.',
  })
  events: CatalogueEntryDto[];

  @ApiProperty({ type: [ReasonClassDto], description: 'Why something failed, in our words.' })
  reasonClasses: ReasonClassDto[];

  @ApiProperty({ type: [ReasonTableDto], description: "Which class each vendor's codes belong to." })
  reasonTables: ReasonTableDto[];
}

@ApiTags('Event schemas')
@ApiBearerAuth()
@Controller('v1/event-catalogue')
export class EventCatalogueController {
  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'What to call events, which keys they carry, and why things fail',
    description: 'Names that have come in, catalogued or not, with their counts: GET /v1/events/names.',
  })
  @ApiResponse({ status: 200, description: 'The catalogue.', type: EventCatalogueDto })
  @ApiProblems(401, 403)
  catalogue(): EventCatalogueDto {
    return {
      events: eventCatalogue.map(({ name, about, description, keys, carries }) => ({ name, about, description, keys, carries })),
      reasonClasses: Object.entries(REASON_CLASSES).map(([name, description]) => ({ name, description })),
      reasonTables: reasonTables.map(({ name, title, origin, codes }) => ({
        name,
        title,
        from: origin.from,
        readOn: origin.readOn,
        as: origin.as,
        codes: codes,
      })),
    };
  }
}
