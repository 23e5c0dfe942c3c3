import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What is to be let go of, the oldest first. Block ranges gave it in no order, so that every batch read its predecessors' rows again; and
 * once rows are blanked and their room is used anew, each range reaches from the oldest row to the newest and tells nothing. Of runs and
 * messages only those that are over, so that the send path does not keep it up. Marks keep their block ranges: nothing is ever blanked
 * there, and an index more for every one of them made ingest a tenth dearer.
 *
 * On tables that have grown for years it takes minutes, in which nothing is written to them.
 */
export class RetentionOrder1764390400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index event_oldest on event (received_at)`);
    await runner.query(`create index run_oldest on run (started_at) where ended_at is not null`);
    await runner.query(
      `create index message_oldest on message (created_at) where state not in ('planned', 'calling', 'retryable')`,
    );
    await runner.query(`create index refusal_oldest on refusal (at)`);
    await runner.query(`create index link_oldest on link (created_at)`);
    await runner.query(`create index quarantine_oldest on quarantine (received_at)`);
    await runner.query(`create index answer_oldest on answer (received_at)`);
    await runner.query(`create index inbound_message_oldest on inbound_message (received_at)`);
    await runner.query(`create index gateway_link_oldest on gateway_link (made_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
