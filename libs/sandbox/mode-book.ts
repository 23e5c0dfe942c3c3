import { type GatewayName } from './gateways/payment-book';
import { type VendorName } from './ledger';

/** Everybody who can be told to misbehave. */
export type PlayedName = VendorName | GatewayName;

/** One thing that goes wrong at a vendor, and how often. */
export interface ModeSetting {
  readonly vendor: PlayedName;
  readonly mode: string;
  /** 0 to 1 of the calls; the others are left alone. */
  readonly share: number;
  /** So many more times, then never again; absent: until it is changed. */
  readonly count?: number;
  /** What the time means is up to the mode: `Retry-After`, slowness, lateness. */
  readonly delayMs?: number;
  /** What the code means is up to the mode. */
  readonly code?: string;
}

interface Live {
  readonly setting: ModeSetting;
  left: number;
}

/** The modes in force. Several may be: the first that strikes decides, so shares of different troubles can be mixed. */
export class ModeBook {
  private live: Live[] = [];

  constructor(private random: () => number) {}

  set(setting: ModeSetting, isFurther: boolean): void {
    if (!isFurther) this.clear(setting.vendor);
    this.live.push({ setting, left: setting.count ?? Infinity });
  }

  clear(vendor: PlayedName): void {
    this.live = this.live.filter((each) => each.setting.vendor !== vendor);
  }

  reseed(random: () => number): void {
    this.random = random;
  }

  /** The mode that strikes this call, if any. */
  pick(vendor: PlayedName): ModeSetting | null {
    if (this.live.length === 0) return null;
    const struck = this.live.find((each) => each.setting.vendor === vendor && this.strikes(each));
    if (!struck) return null;
    struck.left -= 1;
    return struck.setting;
  }

  list(): readonly ModeSetting[] {
    return this.live
      .filter(({ left }) => left > 0)
      .map(({ setting, left }) => ({ ...setting, ...(Number.isFinite(left) && { count: left }) }));
  }

  private strikes(each: Live): boolean {
    if (each.left <= 0) return false;
    return each.setting.share >= 1 || this.random() < each.setting.share;
  }
}

/** mulberry32: small, seeded, good enough to choose who fails. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
