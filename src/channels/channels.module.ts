import { type DynamicModule, Module } from '@nestjs/common';
import { Database } from '@wapas/database';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { type Config } from '../config/config';
import { IngestionModule } from '../ingestion/ingestion.module';
import { LinksModule } from '../links/links.module';
import { Log } from '../log';
import { ProfilesModule } from '../profiles/profiles.module';
import { PaymentsModule } from '../payments/payments.module';
import { AdmitCalls } from './admit-calls';
import { CallProvider } from './call-provider';
import { SendFigures, ServedChannels } from './channels.api';
import { CheckStatus } from './check-status';
import { ChooseProvider } from './choose-provider';
import { ClaimMessages } from './claim-messages';
import { ClaimTogether } from './claim-together';
import { DispatchMessages } from './dispatch-messages';
import { EraseMessages } from './erase-messages';
import { ExpireMessages } from './expire-messages';
import { ForeseeMessages } from './foresee-messages';
import { HearAnswers } from './hear-answers';
import { CancelMessages, HearClicks } from './hear-others';
import { HearNames } from './hear-names';
import { HearNumberChanges } from './hear-number-changes';
import { HearStops } from './hear-stops';
import { HearWebhooks } from './hear-webhooks';
import { ProviderWebhooksController } from './http/provider-webhooks.controller';
import { PushOpenedController } from './http/push-opened.controller';
import { MatchReceipts } from './match-receipts';
import { MoveMessages } from './move-messages';
import { ProvidersController } from './http/providers.controller';
import { SmsTemplatesController } from './http/sms-templates.controller';
import { PreviewsController } from './http/previews.controller';
import { TextsController } from './http/texts.controller';
import { TemplateRegistryController } from './http/template-registry.controller';
import { KeepBreakers } from './keep-breakers';
import { KeepPace } from './keep-pace';
import { KeepPauses } from './keep-pauses';
import { LimitPeople } from './limit-people';
import { NoteAccountNews } from './note-account-news';
import { NoteMistakes } from './note-mistakes';
import { NoticeRestores } from './notice-restores';
import { RailsDown } from './rails-down';
import { KeepPrices } from './keep-prices';
import { KeepSpendCaps } from './keep-spend-caps';
import { KeepTexts } from './keep-texts';
import { KeepUpToDate } from './keep-up-to-date';
import { LearnFromCalls } from './learn-from-calls';
import { LintTemplates } from './lint-templates';
import { makeProviders } from './make-providers';
import { SpendController } from './http/spend.controller';
import { StopsController } from './http/stops.controller';
import { OfferMessages } from './offer-messages';
import { PauseProviders } from './pause-providers';
import { PreviewTemplates } from './preview-templates';
import { TellNames } from './tell-names';
import { TestSends } from './test-sends';
import { ProviderRegistry } from './provider-registry';
import { ProvidersInTrouble } from './providers-in-trouble';
import { RecordCalls } from './record-calls';
import { RecordReceipts } from './record-receipts';
import { RegisterTemplates } from './register-templates';
import { RequestMessages } from './request-messages';
import { ReportSpend } from './report-spend';
import { ReserveSpend } from './reserve-spend';
import { SpaceOut } from './space-out';
import { StopSending } from './stop-sending';
import { SuppressMarketing } from './suppress-marketing';
import { messageReader } from './store/message-story.store';
import { SweepMessages } from './sweep-messages';
import { SyncTemplates } from './sync-templates';
import { Templates } from './templates';
import { WatchAccounts } from './watch-accounts';

@Module({})
export class ChannelsModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: ChannelsModule,
      // Journeys and the flow page need its parts; a module made from a configuration cannot be named in their imports.
      global: true,
      imports: [LinksModule, PaymentsModule, IngestionModule, ProfilesModule],
      controllers: [
        ProviderWebhooksController,
        ProvidersController,
        PushOpenedController,
        SmsTemplatesController,
        StopsController,
        SpendController,
        TemplateRegistryController,
        PreviewsController,
        TextsController,
      ],
      providers: [
        { provide: ProviderRegistry, useFactory: (log: Log) => makeProviders(config, log), inject: [Log] },
        {
          provide: Templates,
          useFactory: (providers: ProviderRegistry, lint: LintTemplates, texts: KeepTexts) =>
            new Templates({
              describe: (channel) => providers.describedChannel(channel),
              lint: (written, step) => lint.faultsOf(written, step),
              texts: (channel, name) => texts.named(channel, name),
              locales: config.locales,
            }),
          inject: [ProviderRegistry, LintTemplates, KeepTexts],
        },
        RequestMessages,
        ForeseeMessages,
        StopSending,
        NoticeRestores,
        OfferMessages,
        CheckStatus,
        SpaceOut,
        ClaimMessages,
        ClaimTogether,
        AdmitCalls,
        CallProvider,
        LearnFromCalls,
        DispatchMessages,
        RecordCalls,
        {
          provide: SendFigures,
          useFactory: (
            calls: RecordCalls,
            mistakes: NoteMistakes,
            pace: KeepPace,
            providers: ProviderRegistry,
            queue: WorkQueue,
            database: Database,
          ) => sendFiguresOf(calls, mistakes, pace, providers, queue, database),
          inject: [RecordCalls, NoteMistakes, KeepPace, ProviderRegistry, WORK_QUEUE, Database],
        },
        {
          provide: ServedChannels,
          useFactory: (providers: ProviderRegistry): ServedChannels => ({
            isServed: (channel) => providers.ofChannel(channel).length > 0,
          }),
          inject: [ProviderRegistry],
        },
        MatchReceipts,
        RecordReceipts,
        RegisterTemplates,
        SyncTemplates,
        LintTemplates,
        KeepTexts,
        PreviewTemplates,
        TestSends,
        KeepPauses,
        PauseProviders,
        KeepPace,
        NoteMistakes,
        NoteAccountNews,
        LimitPeople,
        WatchAccounts,
        RailsDown,
        KeepPrices,
        KeepSpendCaps,
        ReserveSpend,
        ReportSpend,
        KeepBreakers,
        ChooseProvider,
        SuppressMarketing,
        ProvidersInTrouble,
        HearAnswers,
        HearWebhooks,
        HearNumberChanges,
        HearNames,
        TellNames,
        HearStops,
        KeepUpToDate,
        ExpireMessages,
        SweepMessages,
        CancelMessages,
        HearClicks,
        EraseMessages,
        MoveMessages,
      ],
      exports: [
        EraseMessages,
        MoveMessages,
        RequestMessages,
        ForeseeMessages,
        SendFigures,
        ServedChannels,
        StopSending,
        Templates,
        ProviderRegistry,
        OfferMessages,
        CancelMessages,
        HearClicks,
        DispatchMessages,
        SweepMessages,
        KeepPauses,
        RailsDown,
        KeepBreakers,
        ProvidersInTrouble,
        ReportSpend,
        RegisterTemplates,
        SyncTemplates,
        LintTemplates,
        KeepTexts,
        TestSends,
        HearNumberChanges,
        HearNames,
        HearStops,
      ],
    };
  }
}

function sendFiguresOf(
  calls: RecordCalls,
  noteMistakes: NoteMistakes,
  keepPace: KeepPace,
  providers: ProviderRegistry,
  queue: WorkQueue,
  database: Database,
): SendFigures {
  return {
    calls: () =>
      [...calls.outcomes].map(([name, count]) => {
        const [provider = '', outcome = ''] = name.split(' ');
        return { provider, outcome, count };
      }),
    mistakes: () => noteMistakes.known(),
    pace: () => keepPace.present(),
    waiting: () => messageReader.waitingCounts(database),
    jobs: () =>
      Promise.all(providers.all.map(async ({ name }) => ({ provider: name, count: await queue.waiting(name) }))).catch(() => []),
  };
}
