/** Bus event `link.clicked`: a person has followed a message's link. */
export interface LinkClicked {
  readonly messageId: string;
  /** Business time, RFC 3339. */
  readonly at: string;
}
