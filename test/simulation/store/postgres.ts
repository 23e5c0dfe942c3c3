/**
 * As much of Postgres as the send path leans on, in memory: READ COMMITTED, row locks, SKIP LOCKED, unique indexes that make
 * a second writer wait, advisory locks, lock timeouts, deadlocks, and connections that die with their transaction. It reads
 * no SQL: each statement of ours, by its name, has a twin that does what the SQL says. The contract suite holds the twins
 * against the real thing.
 */

/** How the server is reached, and what time it is there. */
export interface Wire {
  /** The server's clock, milliseconds since 1970. */
  now(): number;
  /** Runs at the server, a moment from now. */
  atServer(work: () => void): void;
  /** Runs at the client, a moment from now; never, if the client has died meanwhile. */
  atClient(work: () => void): void;
  /** Runs at the server after so long, unless the handle is cancelled. */
  later(ms: number, work: () => void): () => void;
  /** What befalls this statement on its way. */
  fateOf(name: string): Fate;
}

/** `lost_before`: the connection breaks and the statement never arrives. `lost_after`: it is done, and its answer never arrives. */
export type Fate = 'arrives' | 'lost_before' | 'lost_after';

type Values = Readonly<Record<string, unknown>>;

/** A row of whatever table. */
interface AnyRow {
  readonly table: { readonly name: string; forget(row: AnyRow): void };
  committed: Values | undefined;
  next: Values | null | undefined;
  owner: Transaction | undefined;
}

/** One row with its newest committed version, and the version of whoever has it locked. */
export interface Row<V extends Values> {
  readonly table: Table<V>;
  committed: V | undefined;
  /** Undefined: locked only. Null: deleted. */
  next: V | null | undefined;
  owner: Transaction | undefined;
}

export interface Unique<V> {
  readonly name: string;
  /** Null: the index does not hold this row. */
  readonly keyOf: (values: V) => string | null;
}

export class Table<V extends Values> {
  readonly rows = new Set<Row<V>>();

  constructor(
    readonly name: string,
    readonly unique: readonly Unique<V>[] = [],
  ) {}

  /** What is committed, for whoever looks from outside. */
  all(): V[] {
    return [...this.rows].flatMap((row): V[] => (row.committed === undefined ? [] : [row.committed]));
  }

  forget(row: AnyRow): void {
    this.rows.delete(row as Row<V>);
  }
}

/** A row that a commit has changed. */
export interface Change {
  readonly table: string;
  readonly before: Values | undefined;
  readonly after: Values | undefined;
}

/** A statement waits until this transaction has ended. */
type Wait = Transaction;
/** A twin pauses wherever its SQL would wait, and gives the rows of its answer. */
export type Twin = (run: Execution, values: readonly unknown[]) => Generator<Wait, Values[]>;

class DatabaseError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class Transaction {
  readonly touched = new Set<AnyRow>();
  readonly advisory = new Set<string>();
  readonly waiters: (() => void)[] = [];
  waitsFor: Transaction | undefined;
  lockTimeout = 0;
  aborted = false;
  over = false;

  constructor(readonly number: number) {}
}

/** What a twin may do: read, lock and write as its transaction. */
export class Execution {
  constructor(
    readonly server: Postgres,
    private readonly tx: Transaction,
  ) {}

  get now(): number {
    return this.server.now;
  }

  /** The version of a row that this statement sees. */
  seen<V extends Values>(row: Row<V>): V | undefined {
    return row.owner === this.tx && row.next !== undefined ? (row.next ?? undefined) : row.committed;
  }

  /** Rows that hold now, as this statement sees them. */
  find<V extends Values>(table: Table<V>, where: (values: V) => boolean): { row: Row<V>; values: V }[] {
    const found: { row: Row<V>; values: V }[] = [];
    for (const row of table.rows) {
      const values = this.seen(row);
      if (values !== undefined && where(values)) found.push({ row, values });
    }
    return found;
  }

  values<V extends Values>(table: Table<V>, where: (values: V) => boolean): V[] {
    return this.find(table, where).map(({ values }) => values);
  }

  /** Waits for the row, and looks again: whoever had it may have changed it so that it is not meant any more. */
  *lock<V extends Values>(row: Row<V>, stillMeant: (values: V) => boolean): Generator<Wait, V | undefined> {
    while (row.owner !== undefined && row.owner !== this.tx) yield row.owner;
    const values = this.seen(row);
    if (values === undefined || !stillMeant(values)) return undefined;
    this.own(row);
    return values;
  }

  isFree(row: AnyRow): boolean {
    return row.owner === undefined || row.owner === this.tx;
  }

  /** Locks a row that is free. */
  own(row: AnyRow): void {
    row.owner = this.tx;
    this.tx.touched.add(row);
  }

  /** Only of a row that has been locked. */
  update<V extends Values>(row: Row<V>, change: Partial<V>): V {
    const values = { ...(this.seen(row) as V), ...change };
    this.own(row);
    row.next = values;
    return values;
  }

  delete(row: AnyRow): void {
    this.own(row);
    row.next = null;
  }

  /** Every row that meets the condition, in this order, each waited for; then changed. Gives the new versions. */
  *updateAll<V extends Values>(
    found: readonly { row: Row<V> }[],
    stillMeant: (values: V) => boolean,
    change: (values: V) => Partial<V>,
  ): Generator<Wait, V[]> {
    const changed: V[] = [];
    for (const { row } of found) {
      const values = yield* this.lock(row, stillMeant);
      if (values !== undefined) changed.push(this.update(row, change(values)));
    }
    return changed;
  }

  /** Undefined when a unique index has it already. Without `onConflict` that fails. */
  *insert<V extends Values>(table: Table<V>, values: V, onConflict?: 'do nothing'): Generator<Wait, Row<V> | undefined> {
    const standing = yield* this.conflict(table, values);
    if (standing !== undefined) {
      if (onConflict) return undefined;
      throw new DatabaseError('23505', `duplicate key value violates unique constraint "${standing.name}"`);
    }
    const row: Row<V> = { table, committed: undefined, next: values, owner: this.tx };
    table.rows.add(row);
    this.tx.touched.add(row);
    return row;
  }

  /** The row that stands in the way of these values, and by which index. A writer at work is waited for; a lock alone is not. */
  *conflict<V extends Values>(table: Table<V>, values: V): Generator<Wait, { row: Row<V>; name: string } | undefined> {
    for (const { name, keyOf } of table.unique) {
      const key = keyOf(values);
      if (key === null) continue;
      const has = (version: V | null | undefined): boolean => version != null && keyOf(version) === key;
      for (;;) {
        const busy = [...table.rows].find(
          (row) => !this.isFree(row) && row.next !== undefined && (has(row.committed) || has(row.next)),
        );
        if (busy?.owner === undefined) break;
        yield busy.owner;
      }
      const standing = [...table.rows].find((row) => has(this.seen(row)));
      if (standing) return { row: standing, name };
    }
    return undefined;
  }

  /** Waits for an advisory lock; it is held until the transaction ends. */
  *takeAdvisory(lock: string): Generator<Wait, void> {
    for (let holder = this.server.advisory.get(lock); holder !== undefined && holder !== this.tx;) {
      yield holder;
      holder = this.server.advisory.get(lock);
    }
    this.server.advisory.set(lock, this.tx);
    this.tx.advisory.add(lock);
  }

  /** A name for the other transaction that has the lock. */
  holderOf(lock: string): string | undefined {
    const holder = this.server.advisory.get(lock);
    return holder === undefined || holder === this.tx ? undefined : String(holder.number);
  }
}

export class Postgres {
  readonly advisory = new Map<string, Transaction>();
  private transactions = 0;
  /** Told of every commit that changed something, in the order of commits. */
  onCommit: (changes: readonly Change[]) => void = () => undefined;
  /** Rows are free again that somebody may have passed over. */
  onRollback: () => void = () => undefined;
  /** Told of every statement that was run. */
  onStatement: (name: string) => void = () => undefined;
  commits = 0;

  /** Every statement it knows. */
  get names(): string[] {
    return [...this.twins.keys()];
  }

  constructor(
    readonly wire: Wire,
    private readonly twins: ReadonlyMap<string, Twin>,
  ) {}

  begin(): Transaction {
    return new Transaction((this.transactions += 1));
  }

  get now(): number {
    return this.wire.now();
  }

  twinOf(name: string): Twin {
    const twin = this.twins.get(name);
    if (!twin) throw new Error(`The statement "${name}" has no twin in the simulated store. Add one beside its neighbours.`);
    return twin;
  }

  end(tx: Transaction, commit: boolean): void {
    if (tx.over) return;
    tx.over = true;
    const changes: Change[] = [];
    for (const row of tx.touched) {
      if (commit && row.next !== undefined) {
        changes.push({ table: row.table.name, before: row.committed, after: row.next ?? undefined });
        row.committed = row.next ?? undefined;
      }
      row.next = undefined;
      row.owner = undefined;
      if (row.committed === undefined) row.table.forget(row);
    }
    for (const lock of tx.advisory) this.advisory.delete(lock);
    if (!commit && tx.touched.size > 0) this.onRollback();
    if (changes.length > 0) {
      this.commits += 1;
      this.onCommit(changes);
    }
    for (const wake of tx.waiters.splice(0)) wake();
  }

  /** True when `holder` waits, over however many others, for `tx`. */
  isDeadlock(tx: Transaction, holder: Transaction): boolean {
    for (let one: Transaction | undefined = holder; one !== undefined; one = one.waitsFor) if (one === tx) return true;
    return false;
  }
}

type Answer = { readonly rows: Values[] } | { readonly error: Error };
interface Sent {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly answer: (answer: Answer) => void;
}

const connectionLost = (): Error => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });

/** One connection, seen from the server: statements in the order sent, one after the other. */
export class Session {
  private readonly line: Sent[] = [];
  private isBusy = false;
  private isDead = false;
  /** Its client knows that it is gone. */
  private isLost = false;
  private tx: Transaction | undefined;
  /** Of a statement outside a transaction, while it runs. */
  private alone: Transaction | undefined;

  constructor(
    private readonly server: Postgres,
    private readonly wire: Wire,
  ) {}

  send(statement: Sent): void {
    if (this.isLost) return this.wire.atClient(() => statement.answer({ error: connectionLost() }));
    this.line.push(statement);
    if (!this.isBusy) this.proceed();
  }

  /** The client is gone: what it had not committed has not happened. */
  terminate(): void {
    this.isDead = true;
    for (const tx of [this.tx, this.alone]) if (tx) this.server.end(tx, false);
  }

  private proceed(): void {
    const next = this.line.shift();
    this.isBusy = next !== undefined;
    if (next) this.wire.atServer(() => this.run(next));
  }

  private run(statement: Sent): void {
    if (this.isDead) return;
    const fate = this.wire.fateOf(statement.name);
    if (this.isDead) return; // Its client died of it.
    if (fate === 'lost_before') return this.loseConnection(statement);
    this.server.onStatement(statement.name);
    const done = (answer: Answer): void => {
      if (this.isDead) return;
      if (fate === 'lost_after') return this.loseConnection(statement);
      this.wire.atClient(() => statement.answer(answer));
      this.proceed();
    };
    if (this.control(statement.name)) return done({ rows: [] });
    this.execute(statement, done);
  }

  /** `begin`, `commit` and `rollback`. Says whether it was one of them. */
  private control(text: string): boolean {
    if (text.startsWith('begin')) {
      this.tx = this.server.begin();
      this.tx.lockTimeout = Number(/lock_timeout = (\d+)/.exec(text)?.[1] ?? 0);
      return true;
    }
    if (text !== 'commit' && text !== 'rollback') return false;
    if (this.tx) this.server.end(this.tx, text === 'commit' && !this.tx.aborted);
    this.tx = undefined;
    return true;
  }

  private execute(statement: Sent, done: (answer: Answer) => void): void {
    const own = this.tx === undefined;
    const tx = this.tx ?? (this.alone = this.server.begin());
    if (tx.aborted) return done({ error: new DatabaseError('25P02', 'current transaction is aborted') });
    const fail = (error: unknown): void => {
      if (own) this.server.end(tx, false);
      else tx.aborted = true;
      done({ error: error as Error });
    };
    const steps = this.server.twinOf(statement.name)(new Execution(this.server, tx), statement.values);
    const go = (): void => {
      if (this.isDead) return;
      try {
        const step = steps.next();
        if (step.done !== true) return this.wait(tx, step.value, go, fail);
        if (own) this.server.end(tx, true);
        done({ rows: step.value });
      } catch (error) {
        fail(error);
      }
    };
    go();
  }

  private wait(tx: Transaction, holder: Transaction, go: () => void, fail: (error: unknown) => void): void {
    if (this.server.isDeadlock(tx, holder)) return fail(new DatabaseError('40P01', 'deadlock detected'));
    tx.waitsFor = holder;
    let isOver = false;
    const cancel =
      tx.lockTimeout === 0
        ? () => undefined
        : this.wire.later(tx.lockTimeout, () => {
            if (isOver || tx.over) return;
            isOver = true;
            tx.waitsFor = undefined;
            fail(new DatabaseError('55P03', 'canceling statement due to lock timeout'));
          });
    holder.waiters.push(() => {
      if (isOver) return;
      isOver = true;
      cancel();
      tx.waitsFor = undefined;
      if (!tx.over) go();
    });
  }

  private loseConnection(statement: Sent): void {
    this.terminate();
    this.isLost = true;
    const lost = [statement, ...this.line.splice(0)];
    this.wire.atClient(() => {
      for (const { answer } of lost) answer({ error: connectionLost() });
    });
  }
}
