import { BusinessClock1764000000001, BusinessNow1764300000100 } from '@wapas/database';
import { Outbox1764000000002, OutboxText1764000000020 } from '@wapas/events';
import { Rates1764000000162 } from '@wapas/rates/store';
import { ApiKeys1764000000011 } from './access/store/migrations/api-keys-1764000000011';
import { KeyExpiry1764301200000 } from './access/store/migrations/key-expiry-1764301200000';
import { OperationAudit1764100000600 } from './access/store/migrations/operation-audit-1764100000600';
import { ArrivedAfterAll1764392000001 } from './analytics/store/migrations/arrived-after-all-1764392000001';
import { CountedOnce1764391700000 } from './analytics/store/migrations/counted-once-1764391700000';
import { MessagedByChannel1764391900000 } from './analytics/store/migrations/messaged-by-channel-1764391900000';
import { CountriesOfMessages1764390600000 } from './analytics/store/migrations/countries-of-messages-1764390600000';
import { DayRollUps1764000000163 } from './analytics/store/migrations/day-roll-ups-1764000000163';
import { EarlierTouches1764380000001 } from './analytics/store/migrations/earlier-touches-1764380000001';
import { EarlyEnds1764350000001 } from './analytics/store/migrations/early-ends-1764350000001';
import { EnteredBefore1764392710000 } from './analytics/store/migrations/entered-before-1764392710000';
import { Horizon1764391400000 } from './analytics/store/migrations/horizon-1764391400000';
import { Outcomes1764000000016 } from './analytics/store/migrations/outcomes-1764000000016';
import { PriceCategories1764391500000 } from './analytics/store/migrations/price-categories-1764391500000';
import { RecoveryDays1764100000702 } from './analytics/store/migrations/recovery-days-1764100000702';
import { Refunds1764100000703 } from './analytics/store/migrations/refunds-1764100000703';
import { RollUps1764000000160 } from './analytics/store/migrations/roll-ups-1764000000160';
import { AccountStanding1764301100000 } from './channels/store/migrations/account-standing-1764301100000';
import { Answers1764000000141 } from './channels/store/migrations/answers-1764000000141';
import { AnswersTold1764100000701 } from './channels/store/migrations/answers-told-1764100000701';
import { AttemptParts1764000000142 } from './channels/store/migrations/attempt-parts-1764000000142';
import { CalledOff1764300800000 } from './channels/store/migrations/called-off-1764300800000';
import { Channels1764000000014 } from './channels/store/migrations/channels-1764000000014';
import { CopyChanges1764391800000 } from './channels/store/migrations/copy-changes-1764391800000';
import { DatabaseHome1764392720000 } from './channels/store/migrations/database-home-1764392720000';
import { DltTemplates1764000000143 } from './channels/store/migrations/dlt-templates-1764000000143';
import { DueAfterAll1764392000000 } from './channels/store/migrations/due-after-all-1764392000000';
import { EarlierAttempts1764380000000 } from './channels/store/migrations/earlier-attempts-1764380000000';
import { Failover1764100000300 } from './channels/store/migrations/failover-1764100000300';
import { FurtherAttempts1764360000000 } from './channels/store/migrations/further-attempts-1764360000000';
import { HeldByWhat1764392000002 } from './channels/store/migrations/held-by-what-1764392000002';
import { HeldMessages1764200000301 } from './channels/store/migrations/held-messages-1764200000301';
import { MaybeTaken1764300200000 } from './channels/store/migrations/maybe-taken-1764300200000';
import { MessageCaps1764000000152 } from './channels/store/migrations/message-caps-1764000000152';
import { MessageClaims1764100000801 } from './channels/store/migrations/message-claims-1764100000801';
import { MessageParts1764100000401 } from './channels/store/migrations/message-parts-1764100000401';
import { PeopleLimits1764360000001 } from './channels/store/migrations/people-limits-1764360000001';
import { ProviderPauses1764000000140 } from './channels/store/migrations/provider-pauses-1764000000140';
import { ReceiptBilling1764000000161 } from './channels/store/migrations/receipt-billing-1764000000161';
import { ReceiptReach1764300900000 } from './channels/store/migrations/receipt-reach-1764300900000';
import { SealedAttempts1764300100000 } from './channels/store/migrations/sealed-attempts-1764300100000';
import { SealedMessages1764200000400 } from './channels/store/migrations/sealed-messages-1764200000400';
import { SendStops1764000000151 } from './channels/store/migrations/send-stops-1764000000151';
import { SettledAt1764390700000 } from './channels/store/migrations/settled-at-1764390700000';
import { SpendCaps1764200000200 } from './channels/store/migrations/spend-caps-1764200000200';
import { TemplateNews1764390800300 } from './channels/store/migrations/template-news-1764390800300';
import { Texts1764100000402 } from './channels/store/migrations/texts-1764100000402';
import { VendorTemplates1764100000400 } from './channels/store/migrations/vendor-templates-1764100000400';
import { DerivedEvents1764000000110 } from './ingestion/store/migrations/derived-events-1764000000110';
import { EventNames1764000000111 } from './ingestion/store/migrations/event-names-1764000000111';
import { Events1764000000010 } from './ingestion/store/migrations/events-1764000000010';
import { MappedSources1764100000100 } from './ingestion/store/migrations/mapped-sources-1764100000100';
import { QuarantineReplays1764100000200 } from './ingestion/store/migrations/quarantine-replays-1764100000200';
import { SealedEvents1764000000123 } from './ingestion/store/migrations/sealed-events-1764000000123';
import { SealedHeaders1764200000401 } from './ingestion/store/migrations/sealed-headers-1764200000401';
import { SourcePulse1764000000131 } from './ingestion/store/migrations/source-pulse-1764000000131';
import { Downtimes1764200000300 } from './journeys/store/migrations/downtimes-1764200000300';
import { EndsOfParkedRuns1764390900000 } from './journeys/store/migrations/ends-of-parked-runs-1764390900000';
import { GatewayIncidents1764300200001 } from './journeys/store/migrations/gateway-incidents-1764300200001';
import { Incidents1764100000601 } from './journeys/store/migrations/incidents-1764100000601';
import { JourneyLifecycle1764000000150 } from './journeys/store/migrations/journey-lifecycle-1764000000150';
import { Journeys1764000000013 } from './journeys/store/migrations/journeys-1764000000013';
import { KeysOfRuns1764390500000 } from './journeys/store/migrations/keys-of-runs-1764390500000';
import { Matters1764300600000 } from './journeys/store/migrations/matters-1764300600000';
import { MovedRuns1764100000706 } from './journeys/store/migrations/moved-runs-1764100000706';
import { RefusalsOfJourney1764300900050 } from './journeys/store/migrations/refusals-of-journey-1764300900050';
import { Replays1764100000802 } from './journeys/store/migrations/replays-1764100000802';
import { ReversalCurrencies1764350000000 } from './journeys/store/migrations/reversal-currencies-1764350000000';
import { RunInputs1764100000800 } from './journeys/store/migrations/run-inputs-1764100000800';
import { RunReversals1764100000704 } from './journeys/store/migrations/run-reversals-1764100000704';
import { SealedRuns1764200000403 } from './journeys/store/migrations/sealed-runs-1764200000403';
import { WhatIfTallies1764200000100 } from './journeys/store/migrations/what-if-tallies-1764200000100';
import { CountsOfLostLinks1764300800002 } from './links/store/migrations/counts-of-lost-links-1764300800002';
import { LinkVisits1764000000132 } from './links/store/migrations/link-visits-1764000000132';
import { Links1764000000015 } from './links/store/migrations/links-1764000000015';
import { SealedLinks1764200000402 } from './links/store/migrations/sealed-links-1764200000402';
import { GatewayLinks1764000000133 } from './payments/store/migrations/gateway-links-1764000000133';
import { LinkMatters1764301300000 } from './payments/store/migrations/link-matters-1764301300000';
import { Payments1764000000130 } from './payments/store/migrations/payments-1764000000130';
import { ConsentImportPlaces1764340000000 } from './profiles/store/migrations/consent-import-places-1764340000000';
import { ConsentImports1764000000121 } from './profiles/store/migrations/consent-imports-1764000000121';
import { Consents1764000000120 } from './profiles/store/migrations/consents-1764000000120';
import { ErasedPeople1764310000000 } from './profiles/store/migrations/erased-people-1764310000000';
import { Erasures1764000000122 } from './profiles/store/migrations/erasures-1764000000122';
import { Identity1764000000126 } from './profiles/store/migrations/identity-1764000000126';
import { Merges1764000000127 } from './profiles/store/migrations/merges-1764000000127';
import { NumberChanges1764340000001 } from './profiles/store/migrations/number-changes-1764340000001';
import { People1764000000012 } from './profiles/store/migrations/people-1764000000012';
import { Retention1764000000125 } from './profiles/store/migrations/retention-1764000000125';
import { RetentionOrder1764390400000 } from './profiles/store/migrations/retention-order-1764390400000';
import { SealedAddresses1764000000124 } from './profiles/store/migrations/sealed-addresses-1764000000124';
import { SealedNames1764100000705 } from './profiles/store/migrations/sealed-names-1764100000705';
import { SaidBy1764392400000 } from './profiles/store/migrations/said-by-1764392400000';
import { TraitTimes1764370300000 } from './profiles/store/migrations/trait-times-1764370300000';
import { EndpointRests1764391600100 } from './webhooks/store/migrations/endpoint-rests-1764391600100';
import { Webhooks1764100000700 } from './webhooks/store/migrations/webhooks-1764100000700';

/** The schema's history, oldest first. */
export const migrations = [
  BusinessClock1764000000001,
  Outbox1764000000002,
  Events1764000000010,
  ApiKeys1764000000011,
  People1764000000012,
  Journeys1764000000013,
  Channels1764000000014,
  Links1764000000015,
  Outcomes1764000000016,
  OutboxText1764000000020,
  Payments1764000000130,
  SourcePulse1764000000131,
  QuarantineReplays1764100000200,
  LinkVisits1764000000132,
  GatewayLinks1764000000133,
  Consents1764000000120,
  ConsentImports1764000000121,
  Erasures1764000000122,
  SealedEvents1764000000123,
  SealedAddresses1764000000124,
  Retention1764000000125,
  Identity1764000000126,
  Merges1764000000127,
  ProviderPauses1764000000140,
  Answers1764000000141,
  AttemptParts1764000000142,
  DltTemplates1764000000143,
  JourneyLifecycle1764000000150,
  SendStops1764000000151,
  MessageCaps1764000000152,
  OperationAudit1764100000600,
  Incidents1764100000601,
  RollUps1764000000160,
  ReceiptBilling1764000000161,
  Rates1764000000162,
  DayRollUps1764000000163,
  DerivedEvents1764000000110,
  EventNames1764000000111,
  Failover1764100000300,
  Webhooks1764100000700,
  AnswersTold1764100000701,
  RecoveryDays1764100000702,
  Refunds1764100000703,
  RunReversals1764100000704,
  SealedNames1764100000705,
  MovedRuns1764100000706,
  VendorTemplates1764100000400,
  MappedSources1764100000100,
  RunInputs1764100000800,
  MessageClaims1764100000801,
  SpendCaps1764200000200,
  Replays1764100000802,
  WhatIfTallies1764200000100,
  MessageParts1764100000401,
  Texts1764100000402,
  SealedMessages1764200000400,
  Downtimes1764200000300,
  SealedHeaders1764200000401,
  SealedLinks1764200000402,
  HeldMessages1764200000301,
  SealedRuns1764200000403,
  BusinessNow1764300000100,
  SealedAttempts1764300100000,
  MaybeTaken1764300200000,
  ReceiptReach1764300900000,
  GatewayIncidents1764300200001,
  RefusalsOfJourney1764300900050,
  Matters1764300600000,
  CalledOff1764300800000,
  CountsOfLostLinks1764300800002,
  AccountStanding1764301100000,
  KeyExpiry1764301200000,
  LinkMatters1764301300000,
  ErasedPeople1764310000000,
  ConsentImportPlaces1764340000000,
  NumberChanges1764340000001,
  ReversalCurrencies1764350000000,
  EarlyEnds1764350000001,
  FurtherAttempts1764360000000,
  PeopleLimits1764360000001,
  TraitTimes1764370300000,
  EarlierAttempts1764380000000,
  EarlierTouches1764380000001,
  RetentionOrder1764390400000,
  KeysOfRuns1764390500000,
  CountriesOfMessages1764390600000,
  SettledAt1764390700000,
  TemplateNews1764390800300,
  EndsOfParkedRuns1764390900000,
  Horizon1764391400000,
  PriceCategories1764391500000,
  EndpointRests1764391600100,
  CountedOnce1764391700000,
  CopyChanges1764391800000,
  MessagedByChannel1764391900000,
  DueAfterAll1764392000000,
  ArrivedAfterAll1764392000001,
  HeldByWhat1764392000002,
  SaidBy1764392400000,
  EnteredBefore1764392710000,
  DatabaseHome1764392720000,
];
